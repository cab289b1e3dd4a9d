"""The type of a customer by his tag and by his parent, and lists by type and level (rules §4)."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import DunningCommon, StubLetters
from .night import NightCommon


@tagged("post_install", "-at_install")
class TestTags(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key, cls.other = cls.env["res.partner.category"].create([{"name": "Key"}, {"name": "Other"}])
        cls.first, cls.second = cls.make_type("First", (5,)), cls.make_type("Second", (6,))
        cls.manager.group_ids += cls.env.ref("base.group_partner_manager")

    def test_a_tag_is_a_tag_of_the_rule(self):
        with Form(self.key.with_user(self.manager)) as form:
            form.dunning_type_id = self.first
        self.assertEqual(self.first.category_ids, self.key)
        with Form(self.key.with_user(self.manager)) as form:
            form.dunning_type_id = self.second
        self.assertEqual((self.first.category_ids.ids, self.second.category_ids), ([], self.key))
        self.second.category_ids = [Command.clear()]
        self.assertFalse(self.key.dunning_type_id)
        self.first.category_ids = self.key + self.other
        self.assertEqual((self.key + self.other).dunning_type_id, self.first)
        self.key.dunning_type_id = False
        self.assertEqual(self.first.category_ids, self.other)

    def test_it_takes_the_customers(self):
        self.partner_a.category_id = self.key
        self.key.dunning_type_id = self.second
        self.invoice(self.partner_a, 12)
        self.assertEqual(self.run_day().notice_ids.type_id, self.second)

    def test_the_first_type_of_several(self):
        self.second.write({"category_ids": [Command.set(self.key.ids)], "sequence": 1})
        self.first.write({"category_ids": [Command.set(self.key.ids)], "sequence": 2})
        self.assertEqual(self.key.dunning_type_id, self.second)
        tags = self.env["res.partner.category"]
        both = [("id", "in", (self.key + self.other).ids)]
        self.assertEqual(tags.search([("dunning_type_id", "=", self.second.id), *both]), self.key)
        self.assertFalse(tags.search([("dunning_type_id", "=", self.first.id), *both]))
        self.assertEqual(tags.search([("dunning_type_id", "=", False), *both]), self.other)
        self.assertEqual(tags.search([("dunning_type_id", "ilike", "seco"), *both]), self.key)
        self.second.active = False
        self.assertEqual(self.key.dunning_type_id, self.first)

    def test_a_rule_with_a_condition_is_changed_on_the_type(self):
        """Its last tag taken away, or a first one given, it would take other customers without anyone seeing it."""
        self.first.partner_domain = "[('zip', '=', '1')]"
        with self.assertRaisesRegex(UserError, "First"):
            self.key.dunning_type_id = self.first
        self.first.category_ids = self.key
        with self.assertRaisesRegex(UserError, "First"):
            self.key.dunning_type_id = self.second
        self.other.dunning_type_id = self.first
        self.assertEqual(self.first.category_ids, self.key + self.other)

    def test_by_company(self):
        other = self.setup_other_company()["company"]
        self.key.dunning_type_id = self.first
        abroad = self.key.with_company(other)
        self.assertFalse(abroad.dunning_type_id)
        with self.assertRaises(UserError):
            abroad.dunning_type_id = self.second
        self.assertEqual(self.key.dunning_type_id, self.first)

    def test_managers_only(self):
        self.collector.group_ids += self.env.ref("base.group_partner_manager")
        self.assertFalse(self.key.with_user(self.collector).dunning_type_id)
        with self.assertRaises(AccessError):
            self.key.with_user(self.collector).dunning_type_id = self.first


@tagged("post_install", "-at_install")
class TestParents(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second = cls.make_type("First", (5,)), cls.make_type("Second", (6,))
        company = {"is_company": True, "customer_rank": 1}
        cls.top = cls.env["res.partner"].create({"name": "Top", **company})
        cls.middle = cls.env["res.partner"].create({"name": "Middle", "parent_id": cls.top.id, **company})
        cls.low = cls.env["res.partner"].create({"name": "Low", "parent_id": cls.middle.id, **company})
        cls.all = cls.top + cls.middle + cls.low
        cls.settings.parent_type = True
        cls.top.dunning_type_id = cls.first

    def types(self):
        reader = self.env["account.dunning.reader"]
        self.env.invalidate_all()
        asked = dict(self.env.execute_query(reader._get_type_query(self.company)))
        types = reader._get_types(self.company, self.all.ids)
        self.assertEqual(types, {key: asked[key] for key in self.all.ids}, "of some as of all")
        self.assertEqual(self.all.dunned_by_id.ids, list(dict.fromkeys(types.values())))
        return [types[key] for key in self.all.ids]

    def test_the_nearest_parent(self):
        self.assertEqual(self.types(), [self.first.id] * 3)
        self.middle.dunning_type_id = self.second
        self.assertEqual(self.types(), [self.first.id, self.second.id, self.second.id])
        self.low.dunning_type_id = self.first
        self.assertEqual(self.types(), [self.first.id, self.second.id, self.first.id])

    def test_only_if_the_company_wants_it(self):
        self.settings.parent_type = False
        self.assertEqual(self.types(), [self.first.id, self.dunning_type.id, self.dunning_type.id])

    def test_before_any_rule_and_not_of_an_archived_type(self):
        self.second.partner_domain = "[('name', '=', 'Low')]"
        self.assertEqual(self.types()[2], self.first.id)
        self.first.active = False
        self.assertEqual(self.types(), [self.dunning_type.id, self.dunning_type.id, self.second.id])

    def test_who_is_filed_under_a_person_or_is_one(self):
        person = self.env["res.partner"].create({"name": "Person", "parent_id": self.top.id})
        types = self.env["account.dunning.reader"]._get_types(self.company, person.ids)
        self.assertEqual(types, {person.id: self.dunning_type.id}, "a contact is no customer of its own")
        self.assertEqual(person.dunned_by_id, self.first, "but shows the one of its customer")

    def test_no_query_more_for_many(self):
        reader = self.env["account.dunning.reader"]
        many = self.env["res.partner"].create(
            [{"name": f"S{number}", "parent_id": self.top.id, "is_company": True} for number in range(8)]
        )
        self.env.flush_all()
        counts = []
        for partners in (many[:1], many):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(set(reader._get_types(self.company, partners.ids).values()), {self.first.id})
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)


@tagged("post_install", "-at_install")
class TestParentNights(NightCommon):
    def test_a_change_of_the_parent_reads_the_subsidiaries(self):
        self.settings.parent_type = True
        top = self.partner_b.copy({"name": "Top", "is_company": True})
        self.partner_a.write({"parent_id": top.id, "is_company": True})
        quick = self.make_type("Quick", (2,))
        self.invoice(self.partner_a, 3)
        self.assertFalse(self.night().notice_ids)
        self.go(1)
        top.dunning_type_id = quick
        run = self.check_night()
        self.assertEqual(run.notice_ids.type_id, quick)

    def test_the_setting_reads_everybody(self):
        self.invoice(self.partner_a, 3)
        self.night()
        self.go(1)
        self.settings.parent_type = True
        self.check_night(reads_all=True)


@tagged("post_install", "-at_install")
class TestLists(StubLetters, DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.make_type("First", (5,))
        cls.partner_a.dunning_type_id = cls.first
        cls.both = cls.partner_a + cls.partner_b

    def search(self, records, *domain):
        return records.with_user(self.collector).search([("id", "in", records.ids), *domain])

    def test_customers_by_type(self):
        self.assertEqual(self.both.mapped("dunned_by_id"), self.first + self.dunning_type)
        self.assertEqual(self.search(self.both, ("dunned_by_id", "=", self.first.id)), self.partner_a)
        self.assertEqual(self.search(self.both, ("dunned_by_id", "!=", self.first.id)), self.partner_b)
        self.assertEqual(self.search(self.both, ("dunned_by_id", "ilike", "firs")), self.partner_a)
        self.assertEqual(self.search(self.both, ("dunned_by_id.name", "=", "First")), self.partner_a)
        self.assertFalse(self.search(self.both, ("dunned_by_id", "=", False)))
        groups = self.both.with_user(self.collector).formatted_read_group(
            [("id", "in", self.both.ids)], ["dunned_by_id"], ["__count"]
        )
        self.assertEqual(
            {group["dunned_by_id"][0]: group["__count"] for group in groups},
            {self.first.id: 1, self.dunning_type.id: 1},
        )

    def test_invoices_by_type_and_level(self):
        own = self.invoice(self.partner_b, 12)
        own.dunning_type_id = self.first
        default, dunned = self.invoice(self.partner_b, 1), self.invoice(self.partner_a, 12)
        bill = self.env["account.move"].create({"move_type": "in_invoice", "partner_id": self.partner_a.id})
        moves = own + default + dunned + bill
        self.send(self.run_day().notice_ids)
        self.env.invalidate_all()
        self.assertEqual(
            [move.dunned_by_id for move in moves],
            [self.first, self.dunning_type, self.first, bill.dunned_by_id.browse()],
        )
        dunned.collection_plan_id.sudo()._switch_type(self.dunning_type, self.dunning_type.level_ids[:0])
        self.assertEqual(dunned.dunned_by_id, self.dunning_type, "that of the plan")
        self.assertEqual(self.search(moves, ("dunned_by_id", "=", self.first.id)), own)
        self.assertEqual(self.search(moves, ("dunned_by_id", "=", False)), bill)
        groups = moves.with_user(self.collector).formatted_read_group(
            [("id", "in", moves.ids)], ["dunned_by_id", "dunning_level_id"], ["__count"]
        )
        self.assertEqual(sum(group["__count"] for group in groups), 4)
        self.assertIn(
            (self.first.id, own.dunning_level_id.id),
            [
                tuple(group[name] and group[name][0] for name in ("dunned_by_id", "dunning_level_id"))
                for group in groups
            ],
        )

    def test_nothing_for_others(self):
        clerk = self.env["res.users"].create(
            {
                "name": "Clerk",
                "login": "clerk_types",
                "group_ids": [Command.set(self.env.ref("account.group_account_invoice").ids)],
            }
        )
        for records in (self.both, self.invoice(self.partner_a, 3)):
            with self.assertRaises(AccessError):
                records.with_user(clerk).read(["dunned_by_id"])
            with self.assertRaises(AccessError):
                records.with_user(clerk).search([("dunned_by_id", "=", self.first.id)])
