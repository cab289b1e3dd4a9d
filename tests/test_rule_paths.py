"""Rules of types and balances are evaluated as superuser: they look at fields that every manager may know."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import DunningCommon

CLOSED = (
    "[('message_ids.body', 'ilike', 'secret')]",
    "[('message_ids', 'ilike', 'secret')]",
    "[('message_ids', 'any', [('body', 'ilike', 'secret')])]",
    "[('user_ids.login', '=like', 'a%')]",
    "[('user_ids', 'any', [('api_key_ids.key', '=like', 'a%')])]",
    "[('user_ids.api_key_ids', '!=', False)]",
    "[('user_id.login', '=like', 'a%')]",
    "[('user_id', 'ilike', 'admin')]",
    "[('create_uid.password', '=like', 'a%')]",
    "[('activity_ids.note', 'ilike', 'x')]",
    "[('parent_id.parent_id.parent_id.parent_id.parent_id.name', '=', 'x')]",
    "['|', ('zip', '=', '1'), '!', ('message_ids.body', 'ilike', 'secret')]",
)
OPEN = (
    "[('zip', '=', '10001')]",
    "[('country_id.code', 'in', ['DE', 'AT'])]",
    "[('country_id', 'any', [('code', '=', 'DE')])]",
    "[('parent_id.category_id.name', 'ilike', 'key')]",
    "[('user_id', '=', 5)]",
    "[('user_id', 'in', [5, 6])]",
    "[('user_id', '!=', False)]",
    "[('category_id', 'child_of', 'Key')]",
    "[('child_ids.email', '!=', False)]",
    "[('property_payment_term_id.name', 'ilike', '30')]",
    "[('create_date', '>', '2026-01-01')]",
)


@tagged("post_install", "-at_install")
class TestRulePaths(DunningCommon):
    def test_types_look_at_customers_only(self):
        for domain in CLOSED:
            with self.subTest(domain=domain), self.refused(ValidationError, "closed to rules|not stored"):
                self.dunning_type.with_user(self.manager).partner_domain = domain

    def test_types_look_at_what_belongs_to_customers(self):
        for domain in OPEN:
            with self.subTest(domain=domain):
                self.dunning_type.with_user(self.manager).partner_domain = domain

    def test_an_imported_rule_is_checked_too(self):
        types = self.env["account.dunning.type"].with_user(self.manager)
        row = [str(self.dunning_type.id), CLOSED[0]]
        result = types.load([".id", "partner_domain"], [row])
        self.assertFalse(result["ids"])
        self.assertIn("closed to rules", str(result["messages"]))

    def test_balances_look_at_items_only(self):
        balance = self.env["account.dunning.balance"].create({"name": "Mine"})
        for path in (
            "move_id.message_ids.body",
            "partner_id.user_ids.login",
            "create_uid.login",
            "move_id.activity_ids",
        ):
            with self.subTest(path=path), self.refused(ValidationError, "closed to rules|not stored"):
                balance.item_domain = f"[('{path}', 'ilike', 'x')]"
        balance.item_domain = "[('move_id.journal_id.code', '=', 'INV'), ('account_id.name', '=like', 'A%')]"

    def test_the_head_office_can_be_the_dunning_contact(self):
        partners = self.env["res.partner"]
        office = partners.create({"name": "Head Office", "is_company": True})
        clerk = partners.create({"name": "Clerk", "parent_id": office.id})
        subsidiary = partners.create({"name": "Subsidiary", "is_company": True, "parent_id": office.id})
        own = partners.create({"name": "Own", "parent_id": subsidiary.id})
        description = partners.fields_get(["dunning_contact_id"])["dunning_contact_id"]["domain"]
        names = {"id": subsidiary.id, "commercial_partner_id": subsidiary.commercial_partner_id.id}
        found = partners.search(eval(description, names))
        self.assertEqual(set(found), set(office + clerk + subsidiary + own))
