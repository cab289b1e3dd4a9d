class CaseReminding:
    """Reminds one customer now, by a run of his own."""

    __slots__ = ()

    def action_remind(self):
        """Open the dialog that reminds the customer now."""
        self.ensure_one()
        return self.env["account.dunning.remind"]._open(self)

    def _propose_now(self):
        """Propose what is due for the customer today, in a run for him alone; the notices. As superuser.

        A run that proposes nothing leaves no trace.
        """
        self.ensure_one()
        run = self.env["account.dunning.run"].create(
            {"company_id": self.company_id.id, "partner_ids": self.partner_id.ids, "case_id": self.id}
        )
        run._start_proposing(self.company_id._dunning_today())
        for chunk in run.chunk_ids:
            chunk._propose()
        run._finish_proposing()
        notices = run.notice_ids
        if not notices:
            run.unlink()
        return notices

    def _drop_reminders(self):
        """Delete the runs that were made for the dialog, and from which nothing was sent."""
        self.env["account.dunning.run"].search([("case_id", "in", self.ids), ("state", "=", "proposed")])._drop_left()
