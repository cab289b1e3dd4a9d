from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import email_normalize

WAITING_STATES = ("draft", "proposing", "proposed", "issuing")


class ResCompany(models.Model):
    """What a company needs before its first letter."""

    _inherit = "res.company"

    def _get_dunning_missing(self):
        """What letters of the company would lack, in words; empty where it has sent one before. Hook."""
        self.ensure_one()
        company = self.sudo()  # who may issue need not see bank accounts, nor all notices
        return "" if company._has_sent_dunning() else ", ".join(company._get_dunning_gaps())

    def _has_sent_dunning(self):
        sent = [("company_id", "=", self.id), ("state", "=", "sent"), ("document", "!=", "none")]
        return bool(self.env["account.dunning.notice"].search_count(sent, limit=1))

    def _get_dunning_gaps(self):
        """What is not filled in of all that letters show of the company: words. Hook."""
        filled = {
            self.env._("e-mail"): self.email,
            self.env._("bank account"): self._get_dunning_bank_account(self.env["account.move"], self.currency_id),
            self.env._("address"): self.env["account.dunning.notice"]._has_postal_address(self.partner_id),
            self.env._("logo"): not self.uses_default_logo,
        }
        return [word for word, value in filled.items() if not value]

    def _open_dunning_company(self):
        """Show the form of the company, or a list of several, to fill in its e-mail, address and logo."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Company"),
            "res_model": "res.company",
            "views": [(False, "form")] if len(self) == 1 else [(False, "list"), (False, "form")],
            "res_id": self.id if len(self) == 1 else False,
            "domain": [("id", "in", self.ids)],
        }

    def _open_dunning_accounts(self):
        """Show the company's bank accounts, to make one."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bank Accounts"),
            "res_model": "res.partner.bank",
            "views": [(False, "list"), (False, "form")],
            "domain": [("partner_id", "in", self.partner_id.ids)],
            "context": {"default_partner_id": self.partner_id[:1].id},
        }


class AccountDunningRun(models.Model):
    """Before the first letters of its company, a run says what they would lack; no night sends them unasked."""

    _inherit = "account.dunning.run"

    missing = fields.Char(
        compute="_compute_missing", help="What the first letters of the company would lack; empty for all later ones."
    )

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

    def _issue_automatically(self):  # pylint: disable=missing-return
        """First letters that would lack something wait for a manager."""
        missing = self._get_missing_for_night()
        if missing:
            self._message_log(
                body=self.env._(
                    "Nothing was issued automatically: %(company)s has sent no letter yet, and these would lack: "
                    "%(missing)s.",
                    company=self.company_id.name,
                    missing=missing,
                )
            )
        else:
            super()._issue_automatically()

    def _get_missing_for_night(self):
        """What the letters that would leave by themselves would lack, in words."""
        sends = any(document != "none" for document in self._get_automatic_notices().mapped("document"))
        return self.company_id._get_dunning_missing() if sends else ""

    def _get_review_summary(self):
        missing = self.company_id.dunning_auto_issue and self._get_missing_for_night()
        if not missing:
            return super()._get_review_summary()
        return self.env._("Complete the company before its first dunning letters: %(missing)s", missing=missing)


class AccountDunningNotice(models.Model):
    """Before the first letters of a company, whoever issues them is asked."""

    _inherit = "account.dunning.notice"

    def _ask_before_first(self):
        """The dialog that says what the letters would lack, or None where they may go on."""
        if self.env.su:
            return None
        companies = self.filtered(lambda notice: notice.document != "none").company_id
        if not any(company._get_dunning_missing() for company in companies):
            return None
        return self.env["account.dunning.first"]._open(self)

    def _name_sender(self, mail):
        """No e-mail comes from OdooBot: where the company has no address, a person stands for it."""
        root = self.env["res.users"].browse(SUPERUSER_ID).partner_id
        if not self.company_id.email and email_normalize(mail.email_from) == email_normalize(root.email):
            person = (self._get_contact() | self.issued_by_id.partner_id).filtered("email")[:1] - root
            mail.email_from = person.email_formatted or mail.email_from
