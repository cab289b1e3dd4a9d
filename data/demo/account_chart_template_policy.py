"""Customers at each stage of the demo's collection policy, the last of them written off and with an agency."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command

# Customer, days overdue, the level reached (counted from 0) and how many days ago, amount.
STAGES = [
    ("orchard_lane", 4, None, None, 684.0),
    ("bayside", 16, 0, 15, 1270.5),
    ("tamarack", 33, 0, 32, 2418.0),
    ("fairlawn", 62, 1, 31, 936.4),
    ("quarry_hill", 93, 2, 32, 3120.0),
    ("wexford", 104, 3, 13, 5480.0),
    ("dunmore", 118, 3, 27, 412.6),
]
HANDED_OVER = ("wexford",)
WRITTEN_OFF = ("wexford", "dunmore")


class AccountChartTemplate(models.AbstractModel):
    _inherit = "account.chart.template"

    @api.model
    def _load_dunning_policy_demo(self):
        """Make an invoice for each stage, dated from today, and what has come of it."""
        company = self.env.ref("base.main_company")
        if not company.chart_template:
            return
        self = self.with_user(self.env.ref("base.user_admin")).with_company(company)
        self = self.with_context(tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True)
        moves = self._make_dunning_policy_invoices()
        plans = self._enter_dunning_policy_levels(company, moves)
        self._end_dunning_policy_plans(company, plans)

    def _make_dunning_policy_invoices(self):
        """Post the invoices; returns them by the customers' names."""
        today = fields.Date.context_today(self)
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": self.env.ref(f"account_dunning.policy_{name}").id,
                    "invoice_date": today - timedelta(days + 30),
                    "delivery_date": today - timedelta(days + 30),
                    "invoice_payment_term_id": False,
                    "invoice_date_due": today - timedelta(days),
                    "invoice_user_id": self.env.ref("base.user_demo").id,
                    "invoice_line_ids": [
                        Command.create({"name": "Office furniture", "price_unit": amount, "tax_ids": [Command.clear()]})
                    ],
                }
                for name, days, _level, _since, amount in STAGES
            ]
        )
        moves.action_post()
        self._date_dunning_posting(moves)
        return dict(zip((stage[0] for stage in STAGES), moves, strict=True))

    def _enter_dunning_policy_levels(self, company, moves):
        """Enter what was sent before, as if it came from another system; returns the plans by the customers' names."""
        today = fields.Date.context_today(self)
        dunning_type = self.env.ref("account_dunning.type_policy")
        lines = [
            {
                "number": number,
                "invoice": moves[name].name,
                "level": f"{dunning_type.name} / {dunning_type.level_ids[level].name}",
                "date_text": fields.Date.to_string(today - timedelta(since)),
            }
            for number, (name, _days, level, since, _amount) in enumerate(STAGES, 1)
            if level is not None
        ]
        dialog = self.env["account.dunning.import"].with_company(company).create({})
        dialog.sudo().line_ids = [Command.create(line) for line in lines]
        dialog.action_import()
        return {name: move.collection_plan_ids for name, move in moves.items()}

    def _end_dunning_policy_plans(self, company, plans):
        """Hand over, and write off, as the last level asks for."""
        account_model = self.env["account.account"]
        account = account_model.create(
            {
                "name": "Bad Debts",
                "code": account_model._search_new_account_code("630000"),
                "account_type": "expense",
            }
        )
        company._get_dunning_settings().write_off_account_id = account
        nothing = self.env["account.collection.plan"].sudo()
        handed_over = nothing.concat(*(plans[name] for name in HANDED_OVER))
        handed_over._hand_over(self.env.ref("account_dunning.policy_agency"), "Collection policy")
        nothing.concat(*(plans[name] for name in WRITTEN_OFF))._write_off(
            {
                "date": fields.Date.context_today(self),
                "journal": self.env["account.dunning.booking"]._find_journal(company),
                "account": account,
                "tax": False,
                "ref": "Overdue by more than 90 days",
            }
        )
