import json

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.shipped import ensure_scheduled_actions

WORKERS = "dunning_workers"
MAX_WORKERS = 32

SETTINGS = (
    "dunning_mode",
    "dunning_balance_id",
    "dunning_invoice_type_ids",
    "dunning_max_levels",
    "dunning_auto_issue",
    "dunning_issue_user_id",
    "dunning_letter_sent",
    "dunning_charges",
    "dunning_charge_account_id",
    "dunning_charge_journal_id",
    "dunning_start_date",
    "dunning_write_off_account_id",
    "dunning_write_off_tax",
    "dunning_tz",
)


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    dunning_company_id = fields.Many2one(related="company_id.root_id", string="Dunning Company")
    dunning_shown = fields.Char(
        store=False,  # a default of a column is asked for rows that are there before the module is installed
        default=lambda self: self._get_dunning_shown(),
        help="The settings as they were when the page was opened.",
    )
    dunning_mode = fields.Selection(related="dunning_company_id.dunning_mode", readonly=False, required=True)
    dunning_balance_id = fields.Many2one(related="dunning_company_id.dunning_balance_id", readonly=False)
    dunning_invoice_type_ids = fields.Many2many(related="dunning_company_id.dunning_invoice_type_ids", readonly=False)
    dunning_max_levels = fields.Integer(related="dunning_company_id.dunning_max_levels", readonly=False)
    dunning_auto_issue = fields.Boolean(related="dunning_company_id.dunning_auto_issue", readonly=False)
    dunning_issue_user_id = fields.Many2one(related="dunning_company_id.dunning_issue_user_id", readonly=False)
    dunning_letter_sent = fields.Selection(related="dunning_company_id.dunning_letter_sent", readonly=False)
    dunning_charges = fields.Selection(related="dunning_company_id.dunning_charges", readonly=False, required=True)
    dunning_charge_account_id = fields.Many2one(related="dunning_company_id.dunning_charge_account_id", readonly=False)
    dunning_charge_journal_id = fields.Many2one(related="dunning_company_id.dunning_charge_journal_id", readonly=False)
    dunning_charge_known = fields.Boolean(related="dunning_company_id.dunning_charge_known")
    dunning_charge_hint = fields.Text(related="dunning_company_id.dunning_charge_hint")
    dunning_start_date = fields.Date(related="dunning_company_id.dunning_start_date", readonly=False)
    dunning_write_off_account_id = fields.Many2one(
        related="dunning_company_id.dunning_write_off_account_id", readonly=False
    )
    dunning_write_off_tax = fields.Boolean(related="dunning_company_id.dunning_write_off_tax", readonly=False)
    dunning_tz = fields.Selection(related="dunning_company_id.dunning_tz", readonly=False)
    dunning_workers = fields.Integer(compute="_compute_dunning_workers", inverse="_inverse_dunning_workers")

    @api.onchange("dunning_auto_issue")
    def _onchange_dunning_auto_issue(self):
        if self.dunning_auto_issue and not self.dunning_issue_user_id:
            self.dunning_issue_user_id = self.env.user._get_dunning_issuer(self.dunning_company_id)

    @api.model
    def _get_dunning_shown(self):
        """The settings of the current company as JSON: what the page shows when it is opened."""
        company = self.env.company.root_id
        values = {name: company[name] for name in SETTINGS} | {WORKERS: self._count_dunning_workers()}
        return json.dumps({name: self._to_plain(name, value) for name, value in values.items()})

    @api.model
    def _to_plain(self, name, value):
        """The ``value`` of a setting, in whatever form, as JSON can hold and compare it."""
        field = self._fields[name]
        cached = field.convert_to_cache(value, self)
        if field.type == "many2many":
            return sorted(cached)
        return fields.Date.to_string(cached) if field.type == "date" else cached or False

    @api.model_create_multi
    def create(self, vals_list):
        """Write what the user changed only: what somebody else changed since the page was opened stays.

        The page sends all settings, changed or not.
        """
        for vals in vals_list:
            for name, value in json.loads(vals.get("dunning_shown") or "{}").items():
                if name in (*SETTINGS, WORKERS) and name in vals and self._to_plain(name, vals[name]) == value:
                    del vals[name]
        return super().create(vals_list)

    def set_values(self):
        """Whoever saves the settings finds deleted scheduled actions again: without them nothing is dunned by night."""
        ensure_scheduled_actions(self.env)
        return super().set_values()

    @api.model
    def _count_dunning_workers(self):
        """The workers are the scheduled actions themselves: nothing else stores how many there are."""
        return len(self.env["account.dunning.run"]._get_workers())

    @api.depends_context("uid")
    def _compute_dunning_workers(self):
        self.dunning_workers = self._count_dunning_workers()

    def _inverse_dunning_workers(self):
        count = self[-1:].dunning_workers
        if count == self._count_dunning_workers():
            return
        if not 1 <= count <= MAX_WORKERS:
            raise ValidationError(
                self.env._("The number of dunning workers must be between 1 and %(most)s.", most=MAX_WORKERS)
            )
        self.env["account.dunning.run"]._set_workers(count)
