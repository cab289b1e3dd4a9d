from odoo import api

WAITING_STATES = ("draft", "proposing", "proposed", "issuing")


class RunFirst:
    """Before the first letters of its company, a run says what they would lack; no night sends them unasked."""

    __slots__ = ()

    @api.depends("state", "company_id")
    def _compute_missing(self):
        waiting = self.filtered(lambda run: run.state in WAITING_STATES)
        (self - waiting).missing = False
        for company, runs in waiting.grouped("company_id").items():
            runs.missing = company._get_dunning_missing()

    def action_open_company(self):
        return self.company_id._open_dunning_company()

    def action_open_accounts(self):
        return self.company_id._open_dunning_accounts()

    def _tell_missing(self, missing):
        """Note that first letters wait for a manager, because of what they would lack, in words."""
        self._message_log(
            body=self.env._(
                "Nothing was issued automatically: %(company)s has sent no letter yet, and these would lack: "
                "%(missing)s.",
                company=self.company_id.name,
                missing=missing,
            )
        )

    def _get_missing_for_night(self):
        """What the letters that would leave by themselves would lack, in words."""
        sends = any(document != "none" for document in self._get_automatic_notices().mapped("document"))
        return self.company_id._get_dunning_missing() if sends else ""
