from odoo.tools import SQL


class RunMoney:
    """Before a run is issued, it says how many of its customers may have paid."""

    __slots__ = ()

    def _compute_uncounted_count(self):
        for run in self:
            run.uncounted_count = len(run._get_uncounted()) if run.state == "proposed" else 0

    def _get_uncounted(self):
        """The proposed notices to customers with money that is not counted; one query."""
        self.ensure_one()
        self.check_access("read")
        self.env.flush_all()
        proposed = SQL("notice.run_id = %s AND notice.state = 'proposed'", self.id)
        customers = SQL("IN (SELECT notice.partner_id FROM account_dunning_notice notice WHERE %s)", proposed)
        # whoever may see the run is told that there is money
        money = self.env["account.dunning.reader"].sudo()._get_money_query(self.company_id, customers)
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT notice.id FROM (%s) AS money
                     JOIN account_dunning_notice notice ON notice.partner_id = money.partner_id AND %s
                    WHERE money.kind = 'bank' OR money.currency_id <> notice.currency_id
                    ORDER BY notice.id""",
                money,
                proposed,
            )
        )
        return self.env["account.dunning.notice"].browse(row[0] for row in rows)

    def action_open_uncounted(self):
        """Show the proposed notices to customers with money that is not counted."""
        notices = self._get_uncounted()
        return {**self.action_open_notices(), "domain": [("id", "in", notices.ids)], "context": {}}
