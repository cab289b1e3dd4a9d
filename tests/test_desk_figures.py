from odoo.tests import tagged

from ..engine import Case
from ..models.desk.account_dunning_score_rule import FACTS
from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
class TestDeskFigures(DeskCommon):
    """What collectors did in a month, and what came of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings.promise_by_bank = False
        cls.case.sudo().user_id = cls.collector
        cls.partner_a.with_company(cls.company).dunning_user_id = cls.collector

    def figures(self, **domain):
        self.env.flush_all()
        rows = (
            self.env["account.dunning.desk.figures"]
            .with_user(self.manager)
            ._read_group(
                [("user_id", "=", self.collector.id)],
                ["day:month"],
                [
                    *("contacts:sum", "right_party:sum", "promises:sum", "promises_kept:sum", "promises_broken:sum"),
                    *("promised:sum", "kept:sum", "collected:sum", "target:sum"),
                ],
            )
        )
        return {str(month)[:7]: figures for month, *figures in rows}

    def test_a_month_of_a_collector(self):
        self.env["account.dunning.target"].with_user(self.manager).create(
            {"user_id": self.collector.id, "month": "2026-06-17", "amount": 5000}
        )
        self.log("outcome_no_answer")
        self.promise((3, 400))
        self.pay(self.move, 400)
        self.promise((3, 600))
        self.go(10)
        self.night()
        june = self.figures()["2026-06"]
        self.assertEqual(june, [3, 2, 2, 1, 1, 1000, 400, 400, 5000])

    def test_what_was_paid_in_time_was_not_collected(self):
        early = self.invoice(self.partner_a, -5, 70)
        self.pay(early)
        self.assertNotIn("2026-06", self.figures())

    def test_every_fact_of_a_rule_is_known_to_the_engine(self):
        self.assertLessEqual(set(dict(FACTS)), set(Case().facts))
        rule = self.env["account.dunning.score.rule"].with_context(active_test=False)
        rule.search([("fact", "=", "late_probability"), ("company_id", "=", self.company.id)]).active = True
        self.refresh()
        self.assertEqual(self.settings.desk_day, self.today)

    def test_a_refresh_of_the_desk_lets_no_night_read_everybody(self):
        self.refresh()
        policy = self.settings._get_policy()
        self.invoice(self.partner_b, 40, 9000)
        self.go(1)
        self.refresh()
        self.assertTrue(self.settings.desk_median)
        self.assertEqual(self.settings._get_policy(), policy)

    def test_the_scheduled_action_does_each_day_once(self):
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_values: 0)
        self.cases._cron_refresh()
        self.assertEqual(self.settings.desk_day, self.today)
        self.env.cr.execute("UPDATE account_collection_case SET score = 7777")
        self.env.invalidate_all()
        self.cases._cron_refresh()
        self.assertEqual(self.case.score, 7777, "it is the same day")
        self.go(1)
        self.cases._cron_refresh()
        self.env.invalidate_all()
        self.assertLess(self.case.score, 7777)

    def test_a_company_that_fails_does_not_keep_others_from_their_desk(self):
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_values: 0)
        self.patch(type(self.cases), "_refresh", lambda *_args: 1 / 0)
        with self.assertLogs("odoo.addons.account_dunning", "ERROR"):
            self.cases._cron_refresh()
        self.assertFalse(self.settings.desk_day, "it is tried again an hour later")

    def test_a_rule_sends_for_the_refresh(self):
        self.refresh()
        rules = self.env["account.dunning.score.rule"].search([("company_id", "=", self.company.id)])
        rules[:1].with_user(self.manager).points = 31
        self.assertFalse(self.settings.desk_day)

    def test_in_company_currency(self):
        """Two of the other currency are one of the company's."""
        move = self.invoice(self.partner_a, 12, 100, currency_id=self.other_currency.id)
        self.promise((3, 100), moves=move)
        self.assertEqual(self.figures()["2026-06"][5], 50)

    def test_a_changed_rule_ranks_the_desk_anew(self):
        self.refresh()
        before = self.case.score
        rule = self.env["account.dunning.score.rule"].search([("fact", "=", "days_never_contacted")])
        rule.with_user(self.manager).write({"points": 77, "at_least": 5})
        cron = self.env.ref("account_dunning.ir_cron_dunning_desk")
        self.assertTrue(self.env["ir.cron.trigger"].sudo().search([("cron_id", "=", cron.id)]))
        self.refresh()
        self.assertEqual(self.case.score, before + 77)
        self.assertTrue(self.case.why.startswith("Never contacted"), self.case.why)
