from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from ...engine import Rate, Series, confirmed_until


class AccountDunningReferenceSeries(models.Model):
    """A series of reference rates that an authority publishes; shipped, and read-only."""

    _name = "account.dunning.reference.series"
    _description = "Series of Reference Rates"
    _inherit = ["account.dunning.guard"]
    _order = "code"
    _rec_names_search = ["name", "code"]

    code = fields.Char(required=True)
    name = fields.Char(required=True, translate=True)
    rhythm = fields.Selection(
        [("fixed", "Fixed"), ("yearly", "Yearly"), ("half_yearly", "Half-Yearly"), ("change", "On Change")],
        required=True,
        help="How long a rate counts. On Change: until the next one, as far as it is confirmed.",
    )
    confirmed_until = fields.Date(
        string="Known Until", help="Of a series that changes on any day: the last day whose rate is known."
    )
    authority = fields.Char(required=True)
    url = fields.Char(string="Address")
    rate_ids = fields.One2many("account.dunning.reference.rate", "series_id", string="Rates")
    until = fields.Date(
        string="Confirmed Until", compute="_compute_until", help="After this day nothing is charged by this series."
    )

    _code_unique = models.Constraint("UNIQUE (code)", "There is one series of reference rates with a code.")

    @api.depends("rhythm", "confirmed_until", "rate_ids.valid_from", "rate_ids.active")
    @api.depends_context("company")
    def _compute_until(self):
        for series in self:
            series.until = confirmed_until(series._to_series(self.env.company.root_id))

    def _to_series(self, company):
        """The series as a value of the engine, with the rates that the root ``company`` has added.

        Where it has one of the same day as the shipped one, its own counts.
        """
        self.ensure_one()
        rates = self.rate_ids.filtered(
            lambda rate: rate.active and rate.company_id in (rate.company_id.browse(), company)
        )
        by_day = {rate.valid_from: rate.percent for rate in rates.sorted(lambda rate: rate.company_id.id)}
        return Series(tuple(Rate(*rate) for rate in by_day.items()), self.rhythm, self.confirmed_until or None)

    def _get_differing(self, company, day):
        """The rates of the root ``company``, of the year before ``day`` and later, that are not the shipped ones."""
        since = day - relativedelta(years=1)
        return self.rate_ids.filtered(
            lambda rate: rate.company_id == company and rate.differs and rate.valid_from > since
        )

    def _is_outdated(self, company, day):
        """True where ``day`` has no confirmed rate any more for the root ``company``; False of no series."""
        until = confirmed_until(self._to_series(company)) if self else None
        return bool(self) and (until is None or until < day)
