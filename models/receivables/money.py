from collections import defaultdict

from odoo import api
from odoo.tools import SQL, format_amount

# Money of customers that is set off against nothing yet: on their accounts, and in bank transactions not matched.
MONEY = """
SELECT partner_id, kind, currency_id, SUM(amount)::float AS amount FROM (
    SELECT line.partner_id, 'account' AS kind, line.currency_id, -line.amount_residual_currency AS amount
      FROM account_move_line line
     WHERE %(open_item)s AND line.reconciled IS NOT TRUE AND line.amount_residual_currency < 0
       AND line.partner_id %(partners)s
     UNION ALL
    SELECT payer.commercial_partner_id, 'bank', COALESCE(bank.foreign_currency_id, bank.currency_id),
           CASE WHEN bank.foreign_currency_id IS NULL THEN bank.amount ELSE bank.amount_currency END
      FROM account_bank_statement_line bank
      JOIN account_move move ON move.id = bank.move_id AND move.state <> 'cancel'
      JOIN res_partner payer ON payer.id = bank.partner_id
     WHERE bank.is_reconciled IS NOT TRUE AND bank.amount > 0 AND move.company_id = ANY(%(companies)s)
       AND payer.commercial_partner_id %(partners)s) AS money
 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


class UncountedMoney:
    """Reads the money of customers that no notice counts; it decides nothing."""

    __slots__ = ()

    @api.model
    def _read_uncounted_money(self, company, partner_ids):
        """What customers have paid ``company`` (a root company) and nobody has allocated yet.

        :return: dict from partner id to a list of (``account`` or ``bank``, currency, amount in it)
        """
        self = self.sudo()  # whoever may see the notice is told that there is money, as on its other lines
        self.env.flush_all()
        rows = self.env.execute_query(self._get_money_query(company, SQL("= ANY(%s)", list(partner_ids))))
        result = defaultdict(list)
        for partner_id, kind, currency_id, amount in rows:
            result[partner_id].append((kind, self.env["res.currency"].browse(currency_id), amount))
        return result

    @api.model
    def _get_money_query(self, company, partners):
        """SQL of that money, with the columns partner_id, kind, currency_id and amount.

        :param SQL partners: which customers: what follows a column, as ``IN (SELECT …)``
        """
        return SQL(
            MONEY,
            open_item=self._open_item_condition(company),
            companies=list(company._get_dunning_branches()),
            partners=partners,
        )

    @api.model
    def _describe_money(self, money, currencies):
        """The ``money`` of one customer in words, without that on account in ``currencies``, which is set off."""
        labels = {"account": self.env._("on account"), "bank": self.env._("in bank transactions not matched")}
        return ", ".join(
            f"{format_amount(self.env, amount, currency)} ({currency.name}) {labels[kind]}"
            for kind, currency, amount in money
            if kind == "bank" or currency not in currencies
        )
