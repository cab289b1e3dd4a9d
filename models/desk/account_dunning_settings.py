from odoo import fields, models

from ..base.account_dunning_guard import colleagues


class AccountDunningSettings(models.Model):
    """How promises are judged, and who looks up payments."""

    _inherit = "account.dunning.settings"

    promise_tolerance = fields.Integer(
        string="Tolerance of Promises", default=3, help="Days that promised money may come late."
    )
    promise_threshold = fields.Float(
        string="Promise Kept From", default=100.0, help="Percent of what was promised that is enough."
    )
    promise_wait = fields.Integer(
        string="Days after a Broken Promise", help="Days until what was promised is dunned again; 0: at once."
    )
    promise_by_bank = fields.Boolean(
        string="Wait for the Bank",
        default=True,
        help="No promise is judged broken for a day whose bank transactions are not booked yet.",
    )
    agreement_days = fields.Integer(
        string="Default of an Agreement", default=14, help="Days after which a late instalment ends the agreement."
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    agreement_fee = fields.Monetary(
        string="Fee of an Agreement", help="Invoiced when instalments are agreed upon; only where charges are booked."
    )
    accountant_id = fields.Many2one(
        "res.users",
        string="Looks Up Payments",
        domain=colleagues("company_id"),
        help="Gets the to-dos about payments, credit notes and insolvencies. Empty: who does the invoicing.",
    )
    desk_median = fields.Monetary(readonly=True, groups=fields.NO_ACCESS)
    desk_day = fields.Date(readonly=True, groups=fields.NO_ACCESS, help="The day of the last refresh of all cases.")

    _promise_bounds = models.Constraint(
        "CHECK (promise_tolerance BETWEEN 0 AND 60 AND promise_wait BETWEEN 0 AND 60"
        " AND agreement_days BETWEEN 0 AND 365 AND COALESCE(agreement_fee, 0) >= 0"
        " AND promise_threshold > 0 AND promise_threshold <= 100)",
        "Promises: days are between 0 and 60, those of an agreement at most 365, and the share is above 0 and at most "
        "100 percent.",
    )

    def _get_score_rules(self):
        """The score rules of the company, as values of the engine."""
        rules = self.env["account.dunning.score.rule"].search([("company_id", "=", self.company_id.id)])
        return [rule._to_rule() for rule in rules]
