from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, format_amount

# Money of customers that is set off against nothing yet: on their accounts, and in bank transactions not matched.
MONEY = """
SELECT partner_id, kind, currency_id, SUM(amount)::float FROM (
    SELECT line.partner_id, 'account' AS kind, line.currency_id, -line.amount_residual_currency AS amount
      FROM account_move_line line
     WHERE %(open_item)s AND line.reconciled IS NOT TRUE AND line.amount_residual_currency < 0
       AND line.partner_id = ANY(%(partners)s)
     UNION ALL
    SELECT payer.commercial_partner_id, 'bank', COALESCE(bank.foreign_currency_id, bank.currency_id),
           CASE WHEN bank.foreign_currency_id IS NULL THEN bank.amount ELSE bank.amount_currency END
      FROM account_bank_statement_line bank
      JOIN account_move move ON move.id = bank.move_id AND move.state <> 'cancel'
      JOIN res_partner payer ON payer.id = bank.partner_id
     WHERE bank.is_reconciled IS NOT TRUE AND bank.amount > 0 AND move.company_id = ANY(%(companies)s)
       AND payer.commercial_partner_id = ANY(%(partners)s)) AS money
 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


class AccountDunningAssessor(models.AbstractModel):
    """Reads the money of customers that no notice counts; it decides nothing."""

    _inherit = "account.dunning.assessor"

    @api.model
    def _read_uncounted_money(self, company, partner_ids):
        """What customers have paid ``company`` (a root company) and nobody has allocated yet.

        :return: dict from partner id to a list of (``account`` or ``bank``, currency, amount in it)
        """
        self = self.sudo()  # whoever may see the notice is told that there is money, as on its other lines
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                MONEY,
                open_item=self._open_item_condition(company),
                companies=list(company._get_dunning_branches()),
                partners=list(partner_ids),
            )
        )
        result = defaultdict(list)
        for partner_id, kind, currency_id, amount in rows:
            result[partner_id].append((kind, self.env["res.currency"].browse(currency_id), amount))
        return result

    @api.model
    def _describe_money(self, money, currencies):
        """``money`` of one customer in words; on account only what is in none of ``currencies``: that is set off."""
        labels = {"account": self.env._("on account"), "bank": self.env._("in bank transactions not matched")}
        return ", ".join(
            f"{format_amount(self.env, amount, currency)} ({currency.name}) {labels[kind]}"
            for kind, currency, amount in money
            if kind == "bank" or currency not in currencies
        )


class AccountDunningNotice(models.Model):
    """Who is asked to pay may have paid: what is not counted is named."""

    _inherit = "account.dunning.notice"

    uncounted_money = fields.Char(
        string="Money Not Counted",
        compute="_compute_uncounted_money",
        help="What the customer has paid in another currency, or by a bank transaction that is not matched yet.",
    )

    def _compute_uncounted_money(self):
        assessor = self.env["account.dunning.assessor"]
        self.uncounted_money = False
        # bank transactions are closed to collectors: sums only
        for company, notices in self.sudo().grouped("company_id").items():
            money = assessor._read_uncounted_money(company, notices.partner_id.ids)
            for notice in notices.filtered(lambda notice: notice.partner_id.id in money):  # noqa: B023
                text = assessor._describe_money(money[notice.partner_id.id], notice.currency_id)
                notice.with_env(self.env).uncounted_money = text or False

    @api.depends("uncounted_money")
    def _compute_why(self):  # pylint: disable=missing-return
        super()._compute_why()
        for notice in self.filtered("uncounted_money"):
            notice.why = self.env._("%(why)s; not counted: %(money)s", why=notice.why, money=notice.uncounted_money)


class AccountDunningRun(models.Model):
    """Before a run is issued, it says how many of its customers may have paid."""

    _inherit = "account.dunning.run"

    uncounted_count = fields.Integer(compute="_compute_uncounted_count")

    def _compute_uncounted_count(self):
        for run in self:
            run.uncounted_count = len(run._get_uncounted()) if run.state == "proposed" else 0

    def _get_uncounted(self):
        """The proposed notices to customers with money that is not counted; two queries."""
        self.ensure_one()
        proposed = self.env["account.dunning.notice"].search([("run_id", "=", self.id), ("state", "=", "proposed")])
        money = self.env["account.dunning.assessor"]._read_uncounted_money(self.company_id, proposed.partner_id.ids)
        return proposed.filtered(
            lambda notice: any(
                kind == "bank" or currency != notice.currency_id
                for kind, currency, _amount in money.get(notice.partner_id.id, ())
            )
        )

    def action_open_uncounted(self):
        """Show the proposed notices to customers with money that is not counted."""
        notices = self._get_uncounted()
        return {**self.action_open_notices(), "domain": [("id", "in", notices.ids)], "context": {}}
