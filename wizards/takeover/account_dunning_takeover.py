from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...models.base.names import MANAGERS
from ...models.takeover.account_dunning_takeover_row import KINDS, OUTCOMES, SOURCES
from ...tools.bulk import bulk_insert
from .sources import find_sources
from .work import TakeOver, taken_back

MODULES = {
    "oca": "account_credit_control",
    "om": "om_account_followup",
    "aior": "account_invoice_overdue_reminder",
    "enterprise": "account_followup",
}


class AccountDunningTakeover(models.TransientModel):
    """Takes over what another dunning module of this database knows, without sending, booking or starting anything.

    The preview is the work itself, taken back; what is taken over is kept row by row, so that nothing comes twice.
    """

    _name = "account.dunning.takeover"
    _description = "Take Over from Another Module"
    _inherit = ["account.dunning.dialog"]
    _transient_max_hours = 24

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company.root_id
    )
    source = fields.Selection(
        selection="_get_found",
        string="Take Over from",
        default=lambda self: next((code for code, _title in self._get_found()), False),
    )
    installed = fields.Char(compute="_compute_installed", help="The module as it is installed, if it is.")
    previewed = fields.Boolean(readonly=True)
    taken_before = fields.Integer(compute="_compute_taken_before")
    summary = fields.Html(readonly=True, sanitize=False)
    line_ids = fields.One2many("account.dunning.takeover.line", "takeover_id", readonly=True)

    @api.model
    def _get_found(self):
        """The modules that are there, or whose tables are, for a dunning manager: codes and titles."""
        if not (self.env.su or self.env.user.has_group(MANAGERS)):
            return []
        found = find_sources(self.env.company.root_id)
        return [(code, title) for code, title in SOURCES if code in found]

    @api.depends("previewed")
    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = self.env._("Take Over from …")

    @api.depends("source")
    def _compute_installed(self):
        """Whether the other module is still installed: then its scheduled actions may still send."""
        modules = self.env["ir.module.module"].sudo()  # names and states of modules only
        for wizard in self:
            module = modules.search([("name", "=", MODULES.get(wizard.source)), ("state", "=", "installed")], limit=1)
            wizard.installed = module.name

    @api.depends("source", "company_id", "previewed")
    def _compute_taken_before(self):
        rows = self.env["account.dunning.takeover.row"]
        for wizard in self:
            done = [
                ("source", "=", wizard.source),
                ("company_id", "=", wizard.company_id.id),
                ("outcome", "!=", "left"),
            ]
            wizard.taken_before = rows.search_count(done)

    def _get_company(self):
        """The company whose rows are taken over, with all rights, and with nobody told of what is assigned to him."""
        company = self.company_id.sudo().with_company(self.company_id)
        return company.with_context(mail_auto_subscribe_no_notify=True, mail_activity_quick_update=True)

    def _check_user(self):
        self._check_role(MANAGERS)
        if self.company_id not in self.env.user.company_ids.root_id:
            raise AccessError(self.env._("You may not work in the company %(company)s.", company=self.company_id.name))

    # buttons

    def action_preview(self):
        """Show what becomes of what; nothing of it is kept."""
        self.ensure_one()
        self.check_access("write")
        with taken_back(self.env):
            rows = self._take_over()
            lines, counts = rows.as_preview(), rows.count()
        self.line_ids.sudo().unlink()  # lines are written by the work only, as the fields below
        bulk_insert(self.line_ids, [{"takeover_id": self.id, **line} for line in lines])
        self.sudo().write({"previewed": True, "summary": self._summarize(counts)})
        return self._show(self.env._("Take Over from …"), dialog_size="extra-large")

    def action_back(self):
        """Choose another module."""
        self.ensure_one()
        self.check_access("write")
        self.line_ids.sudo().unlink()  # see action_preview
        self.sudo().write({"previewed": False, "summary": False})
        return self._show(self.env._("Take Over from …"), dialog_size="extra-large")

    def action_take_over(self):
        """Take over, and show what has become of each row, with what differs first."""
        self.ensure_one()
        self.check_access("write")
        rows = self._take_over().store()
        self.line_ids.sudo().unlink()  # see action_preview
        self.sudo().write({"previewed": False, "summary": False})
        return self._open_rows([("id", "in", rows.ids)] if len(rows) < 1000 else self._get_own_domain())

    def action_open_rows(self):
        """Show what was taken over before."""
        self.ensure_one()
        self.check_access("read")
        return self._open_rows(self._get_own_domain())

    def _open_rows(self, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_dunning_takeover_row_action")
        return {**action, "domain": domain, "target": "main"}

    def _get_own_domain(self):
        return [("company_id", "=", self.company_id.id), ("source", "=", self.source)]

    def _take_over(self):
        """Do all of it, and return what became of what."""
        self._check_user()
        # tables of other modules are read for the company of the wizard only
        source = find_sources(self._get_company()).get(self.source)
        if not source:
            raise UserError(self.env._("There is nothing to take over from in this database."))
        return TakeOver(self._get_company(), source).run()

    def _summarize(self, counts):
        """A table of the kinds of rows, and how many of each end how."""
        if not counts:
            return False
        kinds = self.env["account.dunning.takeover.row"]._fields["kind"]._description_selection(self.env)
        outcomes = self.env["account.dunning.takeover.row"]._fields["outcome"]._description_selection(self.env)
        cell = Markup("<td class='text-end'>{}</td>")
        head = Markup().join(Markup("<th class='text-end'>{}</th>").format(label) for _code, label in outcomes)
        rows = [
            Markup("<tr><td>{}</td>{}</tr>").format(
                label, Markup().join(cell.format(counts[kind, code] or "") for code, _label in outcomes)
            )
            for kind, label in kinds
            if any(counts[kind, code] for code, _label in outcomes)
        ]
        table = "<table class='table table-sm w-auto'><thead><tr><th></th>{}</tr></thead><tbody>{}</tbody></table>"
        return Markup(table).format(head, Markup().join(rows))


class AccountDunningTakeoverLine(models.TransientModel):
    """What would become of one row of the other module."""

    _name = "account.dunning.takeover.line"
    _description = "Line of a Take-Over's Preview"
    _inherit = ["account.dunning.guard"]
    _order = "outcome, kind, id"
    _transient_max_hours = 24

    takeover_id = fields.Many2one("account.dunning.takeover", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(KINDS, string="What", required=True)
    name = fields.Char(string="There")
    became = fields.Char(string="Here")
    level_there = fields.Char()
    level_here = fields.Char()
    outcome = fields.Selection(OUTCOMES, required=True)
    word = fields.Char(string="Why It Differs")
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade")
    move_line_id = fields.Many2one("account.move.line", string="Item", ondelete="cascade")
