from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.names import MANAGERS
from ..policy.ladders import LADDERS
from .choosing import StartChoosing
from .facts import StartFacts
from .sample import StartSample
from .words import StartWords

STEPS = [
    ("company", "Logo and Address"),
    ("bank", "Bank Account"),
    ("sender", "Sender"),
    ("reach", "Who Cannot Be Reached"),
    ("ladder", "How You Dun"),
    ("mail", "Test E-mail to Me"),
    ("old", "Old Items"),
    ("run", "The First Run"),
]
KEPT = "kept"


class AccountDunningStart(StartChoosing, StartFacts, StartSample, StartWords, models.Model):
    """How far a root company is with its first hour. Made when somebody opens it first."""

    _name = "account.dunning.start"
    _description = "First Hour"
    _inherit = ["account.dunning.guard"]
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    closed = fields.Boolean(string="Put Away", readonly=True, help="The desk does not speak of it any more.")
    skipped = fields.Char(readonly=True, help="The technical names of the steps that were skipped.")
    step = fields.Selection(STEPS, required=True, default="company")
    ladder = fields.Selection(
        [("gentle", "Gentle"), ("standard", "Standard"), ("firm", "Firm"), (KEPT, "Own Type")],
        string="Ladder Chosen",
        readonly=True,
    )
    mailed_on = fields.Date(string="Last Test E-mail", readonly=True)
    old_chosen = fields.Boolean(
        readonly=True, help="Somebody said from when on items are dunned, be it that all of them are."
    )
    level_id = fields.Many2one(
        "account.dunning.level",
        string="Level to Try",
        domain="[('company_id', '=', company_id), ('reminder', '=', False)]",
        check_company=True,
        ondelete="set null",
    )
    start_date = fields.Date(
        string="Dun Items Due From", compute="_compute_start_date", inverse="_inverse_start_date", store=False
    )
    old_items = fields.Html(compute="_compute_old_items", sanitize=False)
    steps = fields.Json(compute="_compute_steps")
    title = fields.Char(compute="_compute_steps")
    why = fields.Text(compute="_compute_steps")
    fact = fields.Text(compute="_compute_steps")
    hint = fields.Text(compute="_compute_steps", help="Who can do what the user may not.")
    state = fields.Selection([("open", "Open"), ("done", "Done"), ("skipped", "Skipped")], compute="_compute_steps")
    settled = fields.Boolean(compute="_compute_steps", help="No step is open.")

    _company_unique = models.Constraint("UNIQUE (company_id)", "A company has its first hour once.")

    @api.depends("company_id")
    def _compute_display_name(self):
        for start in self:
            start.display_name = self.env._("First Hour of %(company)s", company=start.company_id.name)

    @api.depends("step", "skipped", "ladder", "mailed_on", "old_chosen", "company_id")
    @api.depends_context("uid", "lang")
    def _compute_steps(self):
        known = self.filtered("company_id")
        for name in ("steps", "title", "why", "fact", "hint", "state", "settled"):
            (self - known)[name] = False
        for start in known:
            facts = start._find_facts()
            start.steps = [start._describe_step(name, fact) for name, fact in facts.items()]
            start.title = start._get_titles()[start.step]
            start.why = start._get_whys()[start.step]
            start.fact = facts[start.step].text
            start.hint = start._get_hint(start.step)
            start.state = start._get_state(start.step, facts[start.step])
            start.settled = all(step["state"] != "open" for step in start.steps)

    def _describe_step(self, name, fact):
        """A step as the list of steps shows it: plain values."""
        return {
            "name": name,
            "title": self._get_titles()[name],
            "short": fact.short,
            "state": self._get_state(name, fact),
        }

    def _get_state(self, name, fact):
        """How a step stands: done counts more than skipped."""
        if fact.done:
            return "done"
        return "skipped" if name in self._get_skipped() else "open"

    def _get_titles(self):
        return dict(self._fields["step"]._description_selection(self.env))

    def _get_skipped(self):
        return set((self.skipped or "").split())

    # opening and putting away

    @api.model
    def action_open(self):
        """Open the first hour of the user's company."""
        self._check_role(MANAGERS)
        return self._open(self.env.company.root_id)

    @api.model
    def _open(self, company):
        """Open the first hour of a root ``company``, at the first step that is open."""
        start = self._get_for(company)
        start._go_on()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("First Hour"),
            "res_model": self._name,
            "res_id": start.id,
            "views": [(False, "form")],
            "target": "current",
        }

    @api.model
    def _get_for(self, company):
        """The record of a root ``company``, as superuser; made where there is none. Callers have checked the role."""
        starts = self.sudo()
        return starts.search([("company_id", "=", company.id)]) or starts.create({"company_id": company.id})

    @api.model
    def get_banner(self):
        """What the desk says of the first hour, in words; False for who is no manager, or where it is over.

        A company that dunned before it could have a first hour has none until somebody opens it.
        """
        if not self.env.user.has_group(MANAGERS):
            return False
        company = self.env.company.root_id
        start = self.sudo().search([("company_id", "=", company.id)])  # as the company of a branch's user, too
        if start.closed or (not start and company.sudo()._has_sent_dunning()):
            return False
        start = start or self.sudo().new({"company_id": company.id})
        states = {name: start._get_state(name, fact) for name, fact in start._find_facts().items()}
        left = [name for name, state in states.items() if state == "open"]
        if not left:
            return False
        done = sum(state == "done" for state in states.values())
        return {
            "title": self.env._("The first hour of %(company)s", company=company.name),
            "standing": self.env._(
                "%(done)s of %(total)s steps done. Next: %(next)s",
                done=done,
                total=len(states),
                next=self._get_titles()[left[0]],
            ),
        }

    def action_close(self):
        """The desk is not to speak of it any more."""
        self._as_manager().closed = True

    def action_show_again(self):
        """The desk speaks of it again."""
        self._as_manager().closed = False

    # from step to step

    def _go_on(self):
        """Go to the first open step after the current one, else to the first open one, else stay."""
        names = [name for name, _title in STEPS]
        states = {name: self._get_state(name, fact) for name, fact in self._find_facts().items()}
        at = names.index(self.step)
        left = [name for name in names[at:] + names[:at] if states[name] == "open"]
        if left:
            self.step = left[0]

    def action_skip(self):
        """Leave the step for later, or for good, and go on with the next one."""
        start = self._as_manager()
        start.skipped = " ".join(sorted(start._get_skipped() | {start.step}))
        start._go_on()

    def action_take_up(self):
        """Take the step up again."""
        start = self._as_manager()
        start.skipped = " ".join(sorted(start._get_skipped() - {start.step}))

    def action_next(self):
        """Go on with the next open step."""
        start = self._as_manager()
        names = [name for name, _title in STEPS]
        start.step = names[(names.index(start.step) + 1) % len(names)]
        start._go_on()

    @api.model
    def _check_ladder(self, name):
        """``name`` of a ladder, as a client gives it."""
        if name not in LADDERS:
            raise UserError(self.env._("Choose one of the three ladders."))
        return name

    # where the work of a step is done

    def action_open_company(self):
        return self._as_manager().company_id.with_env(self.env)._open_dunning_company()

    def action_open_accounts(self):
        return self._as_manager().company_id.with_env(self.env)._open_dunning_accounts()

    def action_propose(self):
        """Open the run whose notices wait for review, or make the first one and have it propose."""
        start = self._as_manager()
        runs = self.env["account.dunning.run"]
        own = [("company_id", "=", start.company_id.id)]
        run = runs.search([*own, ("state", "in", ("proposing", "proposed", "issuing"))], order="id desc", limit=1)
        if not run:
            run = runs.search([*own, ("state", "=", "draft")], order="id desc", limit=1)
            run = run or runs.create({"company_id": start.company_id.id, "date": start.company_id._dunning_today()})
            run.action_propose()
        return run._get_records_action()
