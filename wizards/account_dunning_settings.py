from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..models.policy.res_config_settings import SETTINGS
from ..tools.plain import keep_plain
from ..tools.shipped import ensure_scheduled_actions


class AccountDunningSettings(models.TransientModel):
    """The dunning settings of a company, for accounting administrators who are not system administrators.

    Companies and ``res.config.settings`` are closed to them; here they reach the dunning settings only.
    """

    _name = "account.dunning.settings"
    _description = "Dunning Settings"
    _inherit = ["account.dunning.guard"]
    _transient_max_hours = 24  # the page may stay open

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    dunning_mode = fields.Selection(related="company_id.dunning_mode", readonly=False, required=True)
    dunning_balance_id = fields.Many2one(related="company_id.dunning_balance_id", readonly=False)
    dunning_invoice_type_ids = fields.Many2many(related="company_id.dunning_invoice_type_ids", readonly=False)
    dunning_max_levels = fields.Integer(related="company_id.dunning_max_levels", readonly=False)
    dunning_auto_issue = fields.Boolean(related="company_id.dunning_auto_issue", readonly=False)
    dunning_issue_user_id = fields.Many2one(related="company_id.dunning_issue_user_id", readonly=False)
    dunning_letter_sent = fields.Selection(related="company_id.dunning_letter_sent", readonly=False, required=True)
    dunning_charges = fields.Selection(related="company_id.dunning_charges", readonly=False, required=True)
    dunning_charge_account_id = fields.Many2one(related="company_id.dunning_charge_account_id", readonly=False)
    dunning_charge_journal_id = fields.Many2one(related="company_id.dunning_charge_journal_id", readonly=False)
    dunning_charge_known = fields.Boolean(related="company_id.dunning_charge_known")
    dunning_charge_hint = fields.Text(related="company_id.dunning_charge_hint")
    dunning_start_date = fields.Date(related="company_id.dunning_start_date", readonly=False)
    dunning_write_off_account_id = fields.Many2one(related="company_id.dunning_write_off_account_id", readonly=False)
    dunning_write_off_tax = fields.Boolean(related="company_id.dunning_write_off_tax", readonly=False)
    dunning_tz = fields.Selection(related="company_id.dunning_tz", readonly=False)

    @api.depends("company_id")
    def _compute_display_name(self):
        for settings in self:
            settings.display_name = self.env._("Dunning Settings of %(company)s", company=settings.company_id.name)

    @api.onchange("dunning_auto_issue")
    def _onchange_dunning_auto_issue(self):
        if self.dunning_auto_issue and not self.dunning_issue_user_id:
            self.dunning_issue_user_id = self.env.user._get_dunning_issuer(self.company_id)

    @api.model
    def _open(self):
        """Open the settings of the root company of the user's current company."""
        company = self.env.company.root_id
        self._check_administrator(company)
        settings = self.sudo().create({"company_id": company.id})  # nobody creates one but here: the company is his
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dunning Settings"),
            "res_model": self._name,
            "res_id": settings.id,
            "view_mode": "form",
            "target": "current",
        }

    @api.model
    def _check_administrator(self, company):
        """Refuse users who are no accounting administrators, or who may not work in ``company``."""
        if not self.env.user.has_group("account.group_account_manager"):
            raise AccessError(self.env._("Only accounting administrators may change the dunning settings."))
        if company not in self.env.user.company_ids:
            raise AccessError(
                self.env._(
                    "The dunning settings belong to %(company)s, which is none of your companies.",
                    company=company.name,
                )
            )

    def write(self, vals):
        """Write what changed to the company; the company itself cannot be exchanged."""
        self.check_access("write")
        self._check_administrator(self.company_id)
        ensure_scheduled_actions(self.env)
        # administrators may not write companies; the settings are plain values, or records that they may read
        return super(AccountDunningSettings, self.sudo()).write(keep_plain(self, vals, SETTINGS))
