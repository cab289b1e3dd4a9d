from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...engine import shift
from .totals import SimulationTotals
from .work import SimulationWork

LONGEST = 1100  # days


class AccountDunningSimulation(SimulationWork, SimulationTotals, models.Model):
    """What would have gone out in a time by changed dunning types, beside the live ones.

    Works in the background, in chunks of customers: it can be left, cancelled, and taken up again.
    """

    _name = "account.dunning.simulation"
    _description = "Simulation of Dunning"
    _inherit = ["account.dunning.guard"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, default=lambda self: self.env._("New Simulation"))
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company.root_id,
        domain=[("parent_id", "=", False)],
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(
        string="From", required=True, default=lambda self: self._get_today() - relativedelta(years=1, day=1)
    )
    date_to = fields.Date(
        string="To", required=True, default=lambda self: self._get_today() - relativedelta(day=1, days=1)
    )
    payments = fields.Selection(
        [("happened", "As They Happened"), ("forecast", "As Forecast"), ("none", "None")],
        required=True,
        default="happened",
        help="As They Happened: by the dates of the ledger, of a time that is over.\n"
        "As Forecast: each invoice on the day on which its customer is expected to pay, as known before the time.\n"
        "None: nobody pays anything from the first day on.",
    )
    letter_cost = fields.Monetary(string="Cost of a Letter", help="Paper, postage and work. E-mails cost nothing.")
    type_ids = fields.One2many("account.dunning.simulation.type", "simulation_id", string="Changed Types", copy=True)
    line_ids = fields.One2many("account.dunning.simulation.line", "simulation_id", string="Simulated Notices")
    line_count = fields.Integer(compute="_compute_line_count")
    state = fields.Selection(
        [
            ("draft", "New"),
            ("running", "Running"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
            ("failed", "Failed"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    failure = fields.Char(readonly=True, copy=False)
    customer_count = fields.Integer(readonly=True, copy=False, help="How many customers there are to look at.")
    done_count = fields.Integer(readonly=True, copy=False, help="How many of them were looked at.")
    cursor = fields.Integer(readonly=True, copy=False, groups=fields.NO_ACCESS, help="The last customer looked at.")
    policy = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS, help="What decides on all alike, then.")
    received = fields.Json(readonly=True, copy=False, help="What came in late, by policy and number of levels reached.")
    totals = fields.Json(readonly=True, copy=False)
    finished_at = fields.Datetime(readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress")
    progress_text = fields.Char(compute="_compute_progress")
    result = fields.Html(compute="_compute_result", sanitize=False)

    _dates = models.Constraint("CHECK (date_from <= date_to)", "The time of a simulation ends before it begins.")
    _cost = models.Constraint("CHECK (COALESCE(letter_cost, 0) >= 0)", "A letter cannot cost less than nothing.")

    @api.model
    def _get_today(self):
        return self.env.company.root_id._dunning_today()

    @api.constrains("date_from", "date_to", "payments")
    def _check_time(self):
        for simulation in self:
            if (simulation.date_to - simulation.date_from).days > LONGEST:
                raise ValidationError(self.env._("Choose a time of three years at most."))
            if simulation.payments == "happened" and simulation.date_to > simulation.company_id._dunning_today():
                raise ValidationError(
                    self.env._(
                        "Nobody knows yet which payments come in after today. Choose a time that ends today at the "
                        "latest, or payments as forecast."
                    )
                )

    @api.depends("customer_count", "done_count", "state")
    def _compute_progress(self):
        for simulation in self:
            total, done = simulation.customer_count, simulation.done_count
            simulation.progress = 100 * done / total if total else 100 * (simulation.state == "done")
            if total or simulation.state != "running":
                simulation.progress_text = self.env._(
                    "%(percent)s %%: %(done)s of %(total)s customers",
                    percent=round(simulation.progress),
                    done=done,
                    total=total,
                )
            else:
                simulation.progress_text = self.env._("0 % – waits for its turn")

    @api.depends("line_ids")
    def _compute_line_count(self):
        rows = self.env["account.dunning.simulation.line"]._read_group(
            [("simulation_id", "in", self.ids)], ["simulation_id"], ["__count"]
        )
        counts = {simulation.id: count for simulation, count in rows}
        for simulation in self:
            simulation.line_count = counts.get(simulation.id, 0)

    # people

    def _check_open(self):
        """Refuse to change what a simulation has begun with."""
        begun = self.filtered(lambda simulation: simulation.state != "draft")
        if begun:
            raise UserError(
                self.env._(
                    "“%(simulation)s” has begun with its settings. Choose “Simulate Anew” to change them.",
                    simulation=begun[0].name,
                )
            )

    def write(self, vals):
        if not self.env.su and set(vals) - {"name"}:
            self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if running := self.filtered(lambda simulation: simulation.state == "running"):
            raise UserError(self.env._("“%(simulation)s” is at work. Cancel it first.", simulation=running[0].name))

    def action_start(self):
        """Begin: the work is done in the background."""
        simulations = self._as_manager().filtered(lambda simulation: simulation.state == "draft")
        simulations._start()

    def action_cancel(self):
        """Stop the work; what has been found so far stays."""
        simulations = self._as_manager().filtered(lambda simulation: simulation.state == "running")
        simulations.state = "cancelled"

    def action_resume(self):
        """Go on where the work was stopped; from the beginning where types, levels or settings have changed since."""
        for simulation in self._as_manager().filtered(lambda each: each.state in ("cancelled", "failed")):
            if simulation.policy != simulation._get_policy_checksum():
                simulation._forget()
            simulation._start()

    def action_reset(self):
        """Throw the result away, so that the settings can be changed."""
        simulations = self._as_manager().filtered(lambda simulation: simulation.state != "running")
        simulations._forget()
        simulations.state = "draft"

    def action_open_lines(self):
        """Open what would have gone out."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_dunning_simulation_line_action")
        return {**action, "display_name": self.name, "domain": list(Domain("simulation_id", "=", self.id))}

    def _get_start(self):
        """The first day that is played: that of the time, today at the latest, since that is what is known."""
        self.ensure_one()
        return min(self.date_from, self.company_id._dunning_today())

    def _get_day_before(self):
        return shift(self._get_start(), -1)
