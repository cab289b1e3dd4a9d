"""Dunning types: whom one takes, which plans it would have now, one default, levels that change places (rules §4)."""

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import DunningCommon, StubLetters


@tagged("post_install", "-at_install")
class TestTypes(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["res.partner.category"].create({"name": "Key"})
        cls.partners = cls.env["res.partner"].create(
            [
                {
                    "name": f"Customer {number}",
                    "customer_rank": 1,
                    "street": "1 Street",
                    "city": "X",
                    "zip": f"1000{number}",
                }
                for number in range(6)
            ]
        )
        cls.first = cls.make_type("First", (5,), sequence=1, partner_domain="[('zip', 'in', ['10000', '10001'])]")
        cls.second = cls.make_type(
            "Second", (5,), sequence=2, partner_domain="[('zip', 'in', ['10001', '10002', '10003'])]"
        )

    def taken(self, dunning_type):
        """The positions of our customers among those that the type's button shows."""
        action = dunning_type.with_user(self.manager).action_open_customers()
        found = self.env["res.partner"].search(action["params"]["next"]["domain"])
        self.assertIn(f"takes {len(found)} of ", action["params"]["message"])
        return [index for index, partner in enumerate(self.partners) if partner in found]

    # whom it takes

    def test_the_first_rule_takes_the_customer_and_the_default_type_the_rest(self):
        self.assertEqual(self.taken(self.first), [0, 1])
        self.assertEqual(self.taken(self.second), [2, 3])
        self.assertEqual(self.taken(self.dunning_type), [4, 5])
        self.first.sequence = 3
        self.assertEqual(self.taken(self.second), [1, 2, 3])

    def test_the_customers_own_type_comes_first(self):
        self.partners[0].dunning_type_id = self.second
        self.partners[5].dunning_type_id = self.first
        self.assertEqual(self.taken(self.first), [1, 5])
        self.assertEqual(self.taken(self.second), [0, 2, 3])

    def test_a_type_without_rule_takes_those_who_name_it(self):
        bare = self.make_type("Bare", (5,))
        self.assertEqual(self.taken(bare), [])
        self.partners[4].dunning_type_id = bare
        self.assertEqual(self.taken(bare), [4])

    def test_customers_are_commercial_partners_with_receivables_or_rank(self):
        nobody = self.env["res.partner"].create({"name": "Nobody", "zip": "10000"})
        contact = self.env["res.partner"].create(
            {"name": "Contact", "zip": "10000", "parent_id": self.partners[0].id, "customer_rank": 1, "type": "other"}
        )
        found = self.first._get_customers()
        self.assertFalse(found & (nobody + contact))
        self.invoice(nobody, 1)
        nobody.write({"customer_rank": 0, "active": False})
        self.assertIn(nobody, self.first._get_customers())

    def test_no_query_per_customer(self):
        self.first._get_customers()
        self.env.invalidate_all()
        with self.assertQueryCount(40):
            before = self.env.cr.sql_log_count
            self.first._get_customers()
            few = self.env.cr.sql_log_count - before
        self.env["res.partner"].create([{"name": "x", "customer_rank": 1, "zip": "10000"} for _number in range(50)])
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(few):
            self.assertEqual(len(self.first._get_customers()), 52)

    # plans of other types

    def dunned(self, *partners):
        moves = [self.invoice(partner, 12) for partner in partners]
        self.dun()
        return self.env["account.move"].concat(*moves).collection_plan_ids

    def test_the_plans_that_a_new_rule_would_take(self):
        plans = self.dunned(self.partners[4], self.partners[5], self.partners[0])
        self.assertFalse(self.first.switch_count + self.second.switch_count + self.dunning_type.switch_count)
        self.second.partner_domain = "[('zip', 'in', ['10000', '10004'])]"
        self.assertEqual(self.second.switch_plan_ids, plans[0], "the first type still takes the third customer")
        self.assertEqual(self.second.switch_count, 1)
        self.assertFalse(self.first.switch_count)
        self.second.sequence = 0
        self.env.invalidate_all()
        self.assertEqual(self.second.switch_plan_ids, plans[0] + plans[2])

    def test_plans_of_invoices_with_their_own_type_and_closed_plans_stay(self):
        own, paid, open_plan = self.dunned(*self.partners[3:])
        self.assertEqual(own.type_id, self.second)
        own.move_id.dunning_type_id = self.second
        self.pay(paid.move_id)
        self.first.partner_domain = "[('zip', 'in', ['10003', '10004', '10005'])]"
        self.env.invalidate_all()
        self.assertEqual(self.first.switch_plan_ids, open_plan)
        self.first.active = False
        self.assertFalse(self.first.switch_count)

    def test_the_default_type_offers_to_take_back(self):
        plan = self.dunned(self.partners[0])
        self.first.partner_domain = "[('zip', '=', '10001')]"
        self.assertEqual(self.dunning_type.switch_plan_ids, plan)

    def test_plans_of_customers(self):
        self.settings.mode = "customer"
        self.invoice(self.partners[4], 12)
        self.dun()
        plan = self.env["account.collection.plan"].search([("partner_id", "=", self.partners[4].id)])
        self.first.partner_domain = "[('zip', '=', '10004')]"
        self.assertEqual((plan.mode, self.first.switch_plan_ids), ("customer", plan))

    def test_the_button_offers_the_switch(self):
        plan = self.dunned(self.partners[4])
        self.first.partner_domain = "[('zip', '=', '10004')]"
        dunning_type = self.first.with_user(self.manager)
        with Form(dunning_type) as form:
            self.assertEqual(form.switch_count, 1)
            form.partner_domain = "[('zip', '=', '10003')]"
            self.assertEqual(form.switch_count, 1, "of the rule as saved")
        self.assertFalse(dunning_type.switch_count)
        self.first.partner_domain = "[('zip', '=', '10004')]"
        action = dunning_type.action_switch_plans()
        self.assertEqual(action["context"]["default_type_id"], self.first.id)
        change = self.env[action["res_model"]].with_user(self.manager).with_context(**action["context"]).create({})
        with self.refused(UserError, "Please fill in “Note”"):
            change.action_apply()
        change.note = "The rule has changed."
        change.action_apply()
        self.env.invalidate_all()
        self.assertEqual((plan.type_id, self.first.switch_count), (self.first, 0))

    # one default type

    def test_a_new_default_takes_the_flag(self):
        new = self.make_type("New", (5,), default=True)
        self.assertEqual((new.default, self.dunning_type.default), (True, False))
        self.assertIn("“New” took its place", "".join(self.dunning_type.message_ids.mapped("body")))

    def test_the_flag_changes_hands_in_one_save(self):
        with Form(self.first.with_user(self.manager)) as form:
            form.default = True
        self.env.flush_all()
        self.assertEqual((self.first.default, self.dunning_type.default), (True, False))
        self.assertIn("“First” took its place", "".join(self.dunning_type.message_ids.mapped("body")))

    def test_an_archived_type_neither_takes_nor_keeps_the_flag(self):
        old = self.make_type("Old", (5,), active=False, default=True)
        self.assertTrue(self.dunning_type.default)
        old.active = True
        self.env.flush_all()
        self.assertEqual((old.default, self.dunning_type.default), (False, True))
        old.write({"active": False})
        old.write({"active": True, "default": True})
        self.env.flush_all()
        self.assertEqual((old.default, self.dunning_type.default), (True, False))

    def test_another_company_keeps_its_default(self):
        other = self.setup_other_company(name="Other")["company"]
        theirs = self.make_type("Theirs", (5,), default=True, company_id=other.id)
        self.env.flush_all()
        self.assertTrue(self.dunning_type.default and theirs.default)

    # days of levels

    def test_two_levels_swap_their_days_in_one_save(self):
        with Form(self.dunning_type.with_user(self.manager)) as form:
            with form.level_ids.edit(0) as level:
                level.days = 20
            with form.level_ids.edit(1) as level:
                level.days = 10
        self.env.flush_all()
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.assertEqual((self.level_1.days, self.level_2.days), (20, 10))

    def test_the_same_day_is_refused_wherever_it_is_set(self):
        with self.refused(ValidationError, "same day"):
            self.level_1.days = 20
        with self.refused(ValidationError, "same day"):
            self.dunning_type.level_ids = [Command.update(self.level_1.id, {"days": 20})]
        with self.refused(ValidationError, "same day"):
            self.make_type("Twice", (5, 5))
        self.level_2.active = False
        self.level_1.days = 20
        with self.refused(ValidationError, "same day"):
            self.level_2.active = True

    def test_the_database_refuses_it_too(self):
        with self.refused(IntegrityError, "days_exclusion"):
            self.env.flush_all()
            self.env.cr.execute("UPDATE account_dunning_level SET days = 20 WHERE id = %s", [self.level_1.id])
            self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
