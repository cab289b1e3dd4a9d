from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from . import marks

FORGOTTEN_DAYS = 30  # after so many days without a night the next one reads everybody


class AccountDunningChange(models.Model):
    """A mark: something has changed that decides what a customer gets. He is read again by the next night.

    Triggers of the database write it, so that nothing passes them by. Rows are only added, and deleted by who has read
    the customer in the same transaction: a mark of a change that this one cannot see stays.
    """

    _name = "account.dunning.change"
    _description = "Customer to Be Read Again by the Night"
    _log_access = False
    _order = "id"

    # No references: they would be checked, and lock the customer, at each payment.
    company_ref = fields.Integer(required=True, help="The id of the company or branch.")
    customer_ref = fields.Integer(required=True, index=True, help="The id of the commercial partner.")

    @api.model
    def _watch(self):
        """Make the triggers; called when the module is installed or updated."""
        self.env.flush_all()
        marks.make_triggers(self.env.cr)

    @api.model
    def _is_watching(self):
        return marks.are_complete(self.env.cr)

    @api.model
    def _mark(self, company, partner_ids):
        """Have customers of ``company`` read again."""
        self.env.cr.execute(
            SQL(
                "INSERT INTO account_dunning_change (company_ref, customer_ref) SELECT %s, unnest(%s::int[])",
                company.id,
                list(partner_ids),
            )
        )

    @api.model
    def _find(self, company, partner_ids):
        """Those of the customers of ``company`` (a root company) who are marked."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT customer_ref FROM account_dunning_change"
                " WHERE customer_ref = ANY(%s) AND company_ref = ANY(%s)",
                list(partner_ids),
                list(company._get_dunning_branches()),
            )
        )
        return {partner_id for (partner_id,) in rows}

    @api.model
    def _clear(self, company, partner_ids):
        """Delete the marks of customers of ``company`` (a root company): all that they are about was read."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "DELETE FROM account_dunning_change WHERE customer_ref = ANY(%s) AND company_ref = ANY(%s)",
                list(partner_ids),
                list(company._get_dunning_branches()),
            )
        )

    @api.autovacuum
    def _gc_unasked(self):
        """Delete the marks for which no night will ask: those of companies of which the next one reads everybody.

        A night under way keeps its marks. One that was forgotten is told first to read everybody, and loses its marks
        the next time: so a night that begins meanwhile finds them.
        """
        settings = self.env["account.dunning.settings"].search([("night_policy", "!=", False)])
        under_way = Domain("nightly", "=", True) & Domain("state", "=", "proposing")
        asking = settings.company_id | self.env["account.dunning.run"].search(under_way).company_id
        kept = [branch_id for company in asking for branch_id in company._get_dunning_branches()]
        self.env.flush_all()
        self.env.cr.execute(SQL("DELETE FROM account_dunning_change WHERE company_ref <> ALL(%s)", kept))
        for one in settings:
            since = fields.Date.add(one.company_id._dunning_today(), days=-FORGOTTEN_DAYS)
            if one.last_read < since:
                one.night_policy = False
