from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..policy.account_dunning_settings import Hindrance

MAX_WORKERS = 32

# Settings of the rooms above that decide nothing about what a night proposes.
ELSEWHERE = (
    *("promise_tolerance", "promise_threshold", "promise_wait", "promise_by_bank", "agreement_days", "agreement_fee"),
    *("accountant_id", "desk_median", "desk_day", "general_delay", "general_late", "cash_expected"),
)
# What decides on all customers alike: tables, the rows of them, and the columns that decide nothing.
POLICY = (
    ("account_dunning_type", "company_id = %(company)s", "name"),
    ("account_dunning_level", "company_id = %(company)s", "name", "text", "text_below"),
    ("account_dunning_settings", "company_id = %(company)s", "last_night", "night_policy", "last_read", *ELSEWHERE),
    ("account_dunning_invoice_type", "TRUE", "name"),
    ("account_dunning_balance", "TRUE", "name"),
    ("account_dunning_action", "TRUE", "name"),
    ("account_dunning_invoice_type_account_dunning_settings_rel", "TRUE"),
    ("account_dunning_invoice_type_account_journal_rel", "TRUE"),
    ("(SELECT id, type, company_id FROM account_journal)", "TRUE"),
    ("(SELECT id FROM account_account WHERE account_type = 'asset_receivable')", "TRUE"),
    ("(SELECT id, parent_path, active FROM res_company)", "TRUE"),
    ("(SELECT id, rounding FROM res_currency)", "TRUE"),
    ("(SELECT name, latest_version FROM ir_module_module WHERE state IN ('installed', 'to upgrade'))", "TRUE"),
    ("ir_default", "field_id IN (SELECT id FROM ir_model_fields WHERE name = 'dunning_type_id')"),
)
LOG = ("write_uid", "write_date", "create_uid", "create_date")


class AccountDunningSettings(models.Model):
    """Runs under way keep the mode; workers share the runs of all companies."""

    _inherit = "account.dunning.settings"

    workers = fields.Integer(
        compute="_compute_workers",
        inverse="_inverse_workers",
        groups="base.group_system",
        help="How many scheduled actions share a run, of whatever company.",
    )

    night_policy = fields.Char(
        readonly=True,
        groups=fields.NO_ACCESS,
        help="A checksum of what decided on all customers alike in the last night that was read to its end.",
    )
    last_read = fields.Date(readonly=True, groups=fields.NO_ACCESS, help="The day of that night.")

    def _get_policy(self):
        """A checksum of what decides on all customers of the company alike: its types, levels, settings and so on."""
        self.ensure_one()
        self.env.flush_all()
        parts = [
            SQL(
                "(SELECT string_agg(part::text, ',' ORDER BY part::text) FROM"
                " (SELECT to_jsonb(policy) - %(without)s::text[] AS part"
                f" FROM {table} AS policy WHERE {where}) AS parts)",
                company=self.company_id.id,
                without=[*LOG, *without],
            )
            for table, where, *without in POLICY
        ]
        [(checksum,)] = self.env.execute_query(SQL("SELECT md5(concat_ws('|', %s))", SQL(", ").join(parts)))
        return checksum

    def _get_hindrances(self):
        own = Domain("company_id", "=", self.company_id.id) & Domain("state", "not in", ("done", "cancelled"))
        # a refusal sees all
        runs = self.env["account.dunning.run"].sudo().search(own)
        action = "account_dunning.account_dunning_run_action"
        found = [Hindrance(self.env._("Dunning runs under way"), runs, action, self.env._("Show the Runs"))]
        return super()._get_hindrances() + (found if runs else [])

    @api.model
    def _count_workers(self):
        """The workers are the scheduled actions themselves: nothing else stores how many there are."""
        return len(self.env["ir.cron"]._get_dunning_workers())

    @api.depends_context("uid")
    def _compute_workers(self):
        self.workers = self._count_workers()

    def _inverse_workers(self):
        count = self[-1:].workers
        if count == self._count_workers():
            return
        if not 1 <= count <= MAX_WORKERS:
            raise ValidationError(
                self.env._("The number of dunning workers must be between 1 and %(most)s.", most=MAX_WORKERS)
            )
        self.env["account.dunning.run"]._set_workers(count)
