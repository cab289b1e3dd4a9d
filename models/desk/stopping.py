from ..base.names import COLLECTORS


class CaseStopping:
    """All dunning of a customer stops: he is insolvent, or has died (spec-desk §11)."""

    __slots__ = ()

    def _stop_dunning(self, reason_name, close_reason, note):
        """Put the customer on hold for good, close his plans, and give the accountant a to-do.

        :param str reason_name: the shipped reason of the hold
        :param str close_reason: why the plans end
        :return: the hold
        """
        self.ensure_one()
        reason = self.env["account.dunning.reason"]._get_for(reason_name, self.company_id)
        collector = self.env.user if self.env.user.has_group(COLLECTORS) else self.user_id
        hold = self.env["account.dunning.hold"].create(
            {
                "company_id": self.company_id.id,
                "partner_id": self.partner_id.id,
                "reason_id": reason.id,
                "note": note,
                "user_id": (reason._get_owner_for(self.company_id) or collector).id,
            }
        )
        self.promise_ids.filtered(lambda promise: promise.state == "open")._end("withdrawn")
        self._stop_plans(close_reason)
        self._ask_accountant(self.partner_id, f"{reason.name}: {self.partner_id.display_name}", note)
        return hold

    def _ask_accountant(self, record, summary, note):
        """A to-do on a ``record`` that the accountant can open: cases are for collectors."""
        accountant = self.env["res.users"]._get_dunning_accountant(self.company_id)
        record.sudo().activity_schedule(  # collectors need not write invoices and customers
            "mail.mail_activity_data_todo", summary=summary, note=note, user_id=accountant.id or self.env.uid
        )
