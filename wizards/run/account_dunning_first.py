from odoo import api, fields, models


class AccountDunningFirst(models.TransientModel):
    """Says what the first letters of a company would lack, and issues them if a manager wants so all the same."""

    _name = "account.dunning.first"
    _description = "Before the First Dunning Letters"
    _inherit = ["account.dunning.dialog"]

    notice_ids = fields.Many2many("account.dunning.notice", required=True, readonly=True)
    missing = fields.Text(compute="_compute_missing")

    @api.model
    def _open(self, notices):
        """Open the dialog for proposed ``notices``."""
        # a run may have many notices: they are noted here, and do not travel to the browser and back
        dialog = self.create({"notice_ids": [fields.Command.set(notices.ids)]})
        return dialog._show(self.env._("Before the First Letters"))

    @api.depends("notice_ids")
    def _compute_missing(self):
        for dialog in self:
            dialog.missing = "\n".join(
                self.env._("%(company)s: %(missing)s", company=company.name, missing=company._get_dunning_missing())
                for company in dialog._get_companies()
            )

    def _get_companies(self):
        return self.notice_ids.company_id.filtered(lambda company: company._get_dunning_missing())

    def action_open_company(self):
        return self._get_companies()._open_dunning_company()

    def action_open_accounts(self):
        return self._get_companies()._open_dunning_accounts()

    def action_issue(self):
        """Issue the notices though something is missing."""
        self.ensure_one()
        self.notice_ids._issue_proposed()
