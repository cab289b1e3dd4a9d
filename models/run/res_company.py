from odoo import models


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
