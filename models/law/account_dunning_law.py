from dataclasses import fields as fields_of

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date, ormcache

from ...engine import Law, parse_bands

# The engine's fields that are kept as they are, by the same names.
PLAIN = {field.name for field in fields_of(Law)} - {
    "country", "currency", "series", "compensation", "compensation_currency", "costs", "valid_until"
}  # fmt: skip


class AccountDunningLaw(models.Model):
    """What the law of a country says of debtors of one kind: facts that are shipped, dated and sourced.

    Fields are those of :class:`engine.law.Law`, where each is explained. Releases bring them up to date, an
    administrator takes up drafts, and a manager confirms for his company what was to be reviewed.
    """

    _name = "account.dunning.law"
    _description = "Law on Late Payment"
    _inherit = ["mail.thread", "mail.activity.mixin", "account.dunning.guard"]
    _order = "name, kind, valid_from desc, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True, tracking=True)
    country_id = fields.Many2one("res.country", required=True, index=True)
    kind = fields.Selection(
        [
            ("business", "Businesses"),
            ("consumer", "Consumers"),
            ("public", "Public Bodies"),
            ("trade", "Businesses and Public Bodies"),
        ],
        string="Debtors",
        required=True,
    )
    valid_from = fields.Date(required=True)
    valid_until = fields.Date()
    confidence = fields.Selection([("high", "High"), ("medium", "Medium"), ("low", "Low")], required=True)
    checked_on = fields.Date(required=True)
    reviewed_until = fields.Date(required=True, help="After this day nothing is claimed until a manager confirms it.")
    url = fields.Char(string="Address")
    note = fields.Text()
    currency_id = fields.Many2one("res.currency", required=True)
    holidays = fields.Char(help="Days as MMDD, or E+n from Easter Sunday.")
    weekend = fields.Selection(
        [
            ("no", "Stays"),
            ("grace", "Payment on the next working day is in time"),
            ("start", "Moves to the next working day"),
        ],
        string="Due on a Weekend",
        required=True,
        default="no",
    )
    needs_demand = fields.Boolean(string="Always Needs a Demand")
    demand_days = fields.Integer(string="Days After a Demand")
    notice_days = fields.Integer(string="Days by a Notice on the Invoice")
    allocation_source = fields.Char(
        string="Act on Payments", help="It sets payments that name no debt against costs and interest first."
    )
    letter_text = fields.Text(string="What the Letter Says", help="{open}, {costs}, {company}, {company_number}")
    # interest
    interest_source = fields.Char(string="Act on Interest")
    series_id = fields.Many2one("account.dunning.reference.series", index="btree_not_null", ondelete="restrict")
    margin = fields.Float(digits=(7, 3), aggregator=None)
    floor = fields.Float(string="At Least (%)", digits=(7, 3), aggregator=None)
    half_point = fields.Boolean(string="Reference Rounded Up to a Half Point")
    frozen = fields.Boolean(string="Rate of the First Day Throughout")
    compounding = fields.Boolean(string="Joins the Principal Each Year")
    round_once = fields.Boolean(string="Rounded Once")
    interest_waits = fields.Boolean(string="Interest Only After the Free Letter")
    day_count = fields.Selection(
        [("act/365", "Actual / 365"), ("act/360", "Actual / 360"), ("30E/360", "30E / 360")],
        required=True,
        default="act/365",
    )
    # compensation
    compensation_source = fields.Char(string="Act on Compensation")
    compensation = fields.Char(help="By the size of the debt, e.g. 5000=40, <50000=70, *=100")
    compensation_currency_id = fields.Many2one("res.currency", string="Its Currency")
    convert_before = fields.Boolean(string="Converted at the End of the Month Before the Due Month")
    offset = fields.Boolean(string="Fees and Costs Are Set Off")
    # fee
    fee_source = fields.Char(string="Act on the Fee")
    fee_amount = fields.Monetary(string="Fee by Law")
    fee_cap = fields.Monetary(string="Highest Fee")
    fee_max = fields.Integer(string="Letters with a Fee", aggregator=None)
    fee_after = fields.Integer(string="Days After the Due Date", aggregator=None)
    fee_gap = fields.Integer(string="Days Between Fees", aggregator=None)
    fee_reset = fields.Integer(string="Counted Anew After (months)", aggregator=None)
    fee_first_free = fields.Boolean(string="First Letter Free")
    fee_agreed = fields.Boolean(string="Only If Agreed")
    fee_proof = fields.Boolean(string="Only With Proof of Delivery")
    # costs
    costs_source = fields.Char(string="Act on Costs")
    costs = fields.Char(help="By the open principal, e.g. 150=20, 500=30+10%, *=65+5%")
    costs_minimum = fields.Monetary()
    costs_maximum = fields.Monetary()
    costs_vat = fields.Float(string="Tax on Costs (%)", aggregator=None)
    costs_agreed = fields.Boolean(string="Costs Only If Agreed")
    costs_wait = fields.Boolean(string="Costs Only After the Free Letter")
    # waiting
    waiting_days = fields.Integer(string="Days of the Free Letter", aggregator=None)
    post_days = fields.Integer(string="Received by Post On (nth day)", default=3, aggregator=None)
    post_free = fields.Char(string="Days Without Post", default="67", help="Weekdays, 1 is Monday.")
    post_counts = fields.Boolean(string="That Day Counts")
    is_confirmed = fields.Boolean(
        compute="_compute_is_confirmed", string="In Force", help="Reviewed until today or later, or confirmed."
    )

    _days = models.Constraint(
        "CHECK (LEAST(demand_days, notice_days, fee_max, fee_after, fee_gap, fee_reset, waiting_days, post_days) >= 0)",
        "Days and numbers of a law cannot be negative.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """What is not of high confidence begins as an inactive draft."""
        self.env.registry.clear_cache()  # _is_known
        return super().create([{"active": vals.get("confidence") == "high", **vals} for vals in vals_list])

    @api.constrains("compensation", "costs")
    def _check_bands(self):
        for law in self:
            for text in (law.compensation, law.costs):
                try:
                    parse_bands(text or "")
                except ValueError as error:
                    raise ValidationError(
                        self.env._("“%(text)s” is no scale: write it as 150=20, 500=30+10%%, *=65+5%%.", text=text)
                    ) from error

    @api.depends("reviewed_until")
    @api.depends_context("company")
    def _compute_is_confirmed(self):
        company = self.env.company.root_id
        refused = self._get_unreviewed(company, company._dunning_today())
        for law in self:
            law.is_confirmed = law not in refused

    def action_confirm(self):
        """A manager says that the law is still right: his company goes on with it for half a year. Logged."""
        self._confirm("review")

    def action_confirm_rates(self):
        """A manager lets the days be claimed that have a rate, though the latest have none. Logged."""
        self._confirm("rates")

    def _confirm(self, kind):
        laws, company = self._as_manager(), self.env.company.root_id
        confirmations = laws.env["account.dunning.law.confirmation"]
        confirmations.create([{"law_id": law.id, "company_id": company.id, "kind": kind} for law in laws])
        labels = dict(confirmations._fields["kind"]._description_selection(self.env))
        for law in laws:
            law.message_post(body=self.env._("%(kind)s, for %(company)s.", kind=labels[kind], company=company.name))

    @api.model
    @ormcache("country.id")
    def _is_known(self, country):
        """True where a law of ``country`` is shipped, or was taken up."""
        return bool(self.sudo().search_count([("country_id", "=", country.id)], limit=1))  # facts, for everybody

    def write(self, vals):
        if "active" in vals:
            self.env.registry.clear_cache()  # _is_known
        return super().write(vals)

    @api.model
    def _ask_managers(self, company, day):
        """To-dos for the managers of the root ``company`` about laws of its country, each once a half-year.

        About one that charges nothing, or no interest, any more, since it was to be reviewed or its rate is outdated;
        and about an own rate that is not the one that was shipped later.
        """
        laws = self.search([("country_id", "=", company.country_id.id), ("valid_from", "<=", day)])
        outdated = laws.filtered(lambda law: law.series_id._is_outdated(company, day))
        for law in (laws._get_unreviewed(company, day) | outdated) - laws._get_confirmed(company, "asked", day):
            missing = law.series_id.name if law in outdated else False
            summary = self.env._("Is this law still right? Until you say so, nothing is claimed by it")
            if missing:
                summary = self.env._("Add the rate of %(series)s: until then no interest is claimed", series=missing)
            law._ask("asked", company, day, summary)
        differing = laws.series_id._get_differing(company, day)
        concerned = laws.filtered(lambda law: law.series_id in differing.series_id)
        for law in concerned - laws._get_confirmed(company, "compared", day):
            rate = differing.filtered(lambda rate, law=law: rate.series_id == law.series_id)[:1]
            summary = self.env._(
                "%(series)s from %(date)s: your rate is %(own)g, %(shipped)s. Yours is used; which one is right?",
                series=rate.series_id.name,
                date=format_date(self.env, rate.valid_from),
                own=rate.percent,
                shipped=rate.differs,
            )
            law._ask("compared", company, day, summary)

    def _ask(self, kind, company, day, summary):
        """A to-do for each manager of the root ``company``, and that he was asked."""
        self.ensure_one()
        for user in self.env.user._get_dunning_managers(company):
            self.activity_schedule("mail.mail_activity_data_todo", summary=summary, user_id=user.id)
        vals = {"law_id": self.id, "company_id": company.id, "kind": kind, "day": day}
        self.env["account.dunning.law.confirmation"].create(vals)

    def _get_unreviewed(self, company, day):
        """Those that were to be reviewed by ``day``, and that the root ``company`` has not confirmed. One query."""
        late = self.filtered(lambda law: law.reviewed_until and law.reviewed_until < day)
        return late - late._get_confirmed(company, "review", day)

    def _get_confirmed(self, company, kind, day):
        """Those of which the root ``company`` has confirmed ``kind`` within half a year before ``day``. One query."""
        if not self:
            return self
        found = self.env["account.dunning.law.confirmation"]._find(self, company, kind, day)
        return self.filtered(lambda law: law in found)

    def _to_law(self):
        """The law as a value of the engine."""
        self.ensure_one()
        values = {name: self[name] for name in PLAIN}
        return Law(
            **{name: value or type(Law.__dataclass_fields__[name].default)() if value is False else value
               for name, value in values.items()},
            country=self.country_id.code,
            valid_until=self.valid_until or None,
            currency=self.currency_id.name,
            series=self.series_id.code or "",
            compensation=parse_bands(self.compensation or ""),
            compensation_currency=self.compensation_currency_id.name or "",
            costs=parse_bands(self.costs or ""),
        )  # fmt: skip
