class RunMoney:
    """Before a run is issued, it says how many of its customers may have paid."""

    __slots__ = ()

    def _compute_uncounted_count(self):
        for run in self:
            run.uncounted_count = len(run._get_uncounted()) if run.state == "proposed" else 0

    def _get_uncounted(self):
        """The proposed notices to customers with money that is not counted; two queries."""
        self.ensure_one()
        proposed = self.env["account.dunning.notice"].search([("run_id", "=", self.id), ("state", "=", "proposed")])
        money = self.env["account.dunning.reader"]._read_uncounted_money(self.company_id, proposed.partner_id.ids)
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
