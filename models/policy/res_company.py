from datetime import datetime, time, timezone
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date, frozendict, ormcache, unique

# The time zone of a company, else that of the first of its internal users who has one.
ZONE = """
SELECT COALESCE(NULLIF(own.tz, ''), (
       SELECT partner.tz FROM res_company_users_rel works
         JOIN res_users users ON users.id = works.user_id AND users.active AND users.share IS NOT TRUE
         JOIN res_partner partner ON partner.id = users.partner_id AND partner.tz <> ''
        WHERE works.cid = company.id
        ORDER BY users.id LIMIT 1))
  FROM res_company company JOIN res_partner own ON own.id = company.partner_id
 WHERE company.id = %s
"""


class ResCompany(models.Model):
    _inherit = "res.company"

    # What is computed of settings, depends on them by this field. Code asks ``_get_dunning_settings``.
    dunning_settings_ids = fields.One2many("account.dunning.settings", "company_id", groups=fields.NO_ACCESS)
    # The names that scripts of customers know from earlier releases; they are no columns, and no screen has them.
    dunning_mode = fields.Selection(related="dunning_settings_ids.mode", readonly=False, groups=fields.NO_ACCESS)
    dunning_invoice_type_ids = fields.Many2many(
        related="dunning_settings_ids.invoice_type_ids", readonly=False, groups=fields.NO_ACCESS
    )
    dunning_auto_issue = fields.Boolean(
        related="dunning_settings_ids.auto_issue", readonly=False, groups=fields.NO_ACCESS
    )

    def _get_dunning_settings(self):
        """The settings of the root companies of these companies and branches; without query once they are known.

        As superuser: they bind also those who may not read them.
        """
        ids = self._get_dunning_settings_ids()
        missing = self.browse(id_ for id_ in self.ids if id_ not in ids)
        if missing:
            missing.sudo().root_id._adopt_dunning_templates()
            ids = self._get_dunning_settings_ids()
        settings = self.env["account.dunning.settings"].sudo()  # see above
        return settings.browse(unique(ids[id_] for id_ in self.ids)).with_prefetch(ids.values())

    @api.model
    @ormcache()
    def _get_dunning_settings_ids(self):
        """The id of the settings by the id of each company and branch."""
        rows = self.env.execute_query(
            SQL(
                """SELECT company.id, settings.id
                     FROM res_company company
                     JOIN account_dunning_settings settings
                       ON settings.company_id = split_part(company.parent_path, '/', 1)::int"""
            )
        )
        return frozendict(rows)

    def _dunning_today(self, moment=None):
        """The date of today, or of ``moment`` (UTC, as Odoo stores it), in the company's time zone."""
        self.ensure_one()
        zone = ZoneInfo(self._get_dunning_zone())
        return (moment.replace(tzinfo=timezone.utc).astimezone(zone) if moment else datetime.now(zone)).date()

    def _get_dunning_noon(self, day):
        """Noon of the date ``day`` in the company's time zone: a moment (UTC, as Odoo stores it)."""
        noon = datetime.combine(day, time(12), ZoneInfo(self._get_dunning_zone()))
        return noon.astimezone(timezone.utc).replace(tzinfo=None)

    @ormcache("self.id")
    def _get_dunning_zone(self):
        """The time zone of the company, else that of the first of its users who has one, whoever asks.

        It is kept, since every posting and every screen asks; users and partners say when another is given.
        """
        self.env["res.company"].flush_model(["partner_id"])
        self.env["res.partner"].flush_model(["tz"])
        self.env["res.users"].flush_model(["active", "company_ids", "partner_id", "share"])
        rows = self.env.execute_query(SQL(ZONE, self.id))
        return (rows and rows[0][0]) or "UTC"

    def _get_dunning_day(self):
        """The latest day that dunning knows: today, or the day of the last night if the clock has gone back since."""
        self.ensure_one()
        return max(filter(None, (self._dunning_today(), self._get_dunning_settings().last_night)))

    def _has_clock_gone_back(self):
        """Whether the last night was on a later day than today: then nothing is done by itself that goes by days."""
        return self._get_dunning_day() > self._dunning_today()

    @api.model
    def _get_companies_in_time(self):
        """The main companies whose clock did not go back."""
        return self.search([("parent_id", "=", False)]).filtered(lambda company: not company._has_clock_gone_back())

    @ormcache("self.id")
    def _get_dunning_branches(self):
        """The ids of the company and its branches, active ones, the company first."""
        # ids only, for queries that say whose rows they read
        return tuple(self.sudo().search([("id", "child_of", self.id)], order="parent_path")._ids)

    def _get_dunning_user_companies(self, user):
        """Those of the company and its branches in which ``user`` works, the company first."""
        self.ensure_one()
        return self.browse(self._get_dunning_branches()) & user.sudo().company_ids  # ids only

    def _check_books_open(self, date, tax, journal):
        """Refuse to book on ``date`` in a period that is closed; ``tax``: whether taxes are booked."""
        self.ensure_one()
        locks = self._get_violated_lock_dates(date, tax, journal)
        if locks:
            raise UserError(
                self.env._(
                    "The books are closed on %(date)s: %(locks)s. Choose a later date.",
                    date=format_date(self.env, date),
                    locks=self._format_lock_dates(locks),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        """A new root company gets its own of what is shipped, and settings by which it duns commercial invoices."""
        companies = super().create(vals_list)
        # who makes companies may do no dunning
        companies.sudo()._adopt_dunning_templates()
        return companies

    @api.model
    def _adopt_all_dunning_templates(self):
        """At installation: all root companies get their own of what is shipped."""
        self.with_context(active_test=False).search([])._adopt_dunning_templates()

    def _adopt_dunning_templates(self):
        """Give the root companies among these their own of what is shipped, and their settings."""
        roots = self.filtered(lambda company: not company.parent_id)
        self.env["account.dunning.shipped.mixin"]._adopt_templates(roots)
        self.env["account.dunning.settings"].sudo()._make_for(roots)  # companies are made by users who do no dunning

    # letters

    def _get_dunning_sender_line(self):
        """The sender in one line, to be read in the window of the envelope."""
        partner = self.partner_id
        place = " ".join(filter(None, (partner.zip, partner.city)))
        return " · ".join(filter(None, (partner.name, partner.street, place)))

    def _get_dunning_sender_contact(self):
        """How to reach the sender, in one line."""
        return " · ".join(filter(None, (self.phone, self.email, self.website)))

    def _get_dunning_bank_account(self, moves, currency):
        """The bank account to pay to: the one that the invoices ``moves`` name, else one of the company in the
        ``currency``, else the company's first."""
        named = moves.partner_bank_id
        if len(named) == 1 and named.partner_id == self.partner_id:
            return named
        banks = self.partner_id.bank_ids.filtered(lambda bank: bank.company_id in (self.env["res.company"], self))
        return banks.filtered(lambda bank: bank.currency_id == currency)[:1] or banks[:1]
