import base64

from odoo import api, fields, models

from ..base.roles import Roles
from .handover_documents import HandoverDocuments


class AccountDunningHandover(HandoverDocuments, Roles, models.Model):
    """Collection plans that were handed over to an agency together, with what the agency got.

    It is the record of what was handed over: nobody changes it, but plans can be recalled.
    """

    _name = "account.dunning.handover"
    _description = "Hand-over to an Agency"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _mail_post_access = "read"

    name = fields.Char(string="Number", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Agency", required=True, index=True, ondelete="restrict", readonly=True
    )
    date = fields.Date(required=True, readonly=True)
    note = fields.Char(readonly=True)
    state = fields.Selection(
        [
            ("handed_over", "Handed Over"),
            ("partly_recalled", "Partly Recalled"),
            ("recalled", "Recalled"),
        ],
        string="Status",
        compute="_compute_state",
        store=True,
        index=True,
    )
    line_ids = fields.One2many("account.dunning.handover.line", "handover_id", readonly=True)
    plan_count = fields.Integer(string="Collection Plans", compute="_compute_counts")
    paid_count = fields.Integer(string="Paid", compute="_compute_counts")
    customer_count = fields.Integer(string="Customers", compute="_compute_counts")
    dossier_count = fields.Integer(string="Dossiers", compute="_compute_counts")
    waiting_count = fields.Integer(string="Dossiers to Make", compute="_compute_counts")
    failed_count = fields.Integer(string="Dossiers Failed", compute="_compute_counts")
    table_id = fields.Many2one("ir.attachment", ondelete="set null", readonly=True, copy=False)
    documents = fields.Binary(
        string="All Documents", compute="_compute_documents", help="The table and the dossiers in one file."
    )

    @api.depends("line_ids.recalled_on")
    def _compute_state(self):
        for handover in self:
            recalled = handover.line_ids.filtered("recalled_on")
            if recalled and recalled == handover.line_ids:
                handover.state = "recalled"
            else:
                handover.state = "partly_recalled" if recalled else "handed_over"

    @api.depends("line_ids.state", "line_ids.dossier_id", "line_ids.failure")
    def _compute_counts(self):
        for handover in self:
            lines = handover.line_ids
            handover.plan_count = len(lines)
            handover.paid_count = len(lines.filtered(lambda line: line.state == "paid"))
            handover.customer_count = len(lines.partner_id)
            handover.dossier_count = len(lines.dossier_id)
            handover.failed_count = len(lines.filtered("failure").partner_id)
            handover.waiting_count = len(lines.filtered(lambda line: line._waits_for_dossier()).partner_id)

    @api.depends("table_id", "line_ids.dossier_id")
    def _compute_documents(self):
        for handover in self:
            files = handover.table_id + handover.line_ids.dossier_id
            handover.documents = base64.b64encode(files._build_zip_from_attachments()) if files else False

    # buttons

    def action_recall(self):
        """Open the dialog that recalls all plans that are still with the agency."""
        return self.line_ids.plan_id.filtered(lambda plan: plan.handover_id in self).action_recall()

    def action_open_plans(self):
        """Show the collection plans of the hand-over."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_collection_plan_action")
        return {**action, "domain": [("id", "in", self.line_ids.plan_id.ids)], "context": {}}

    # making

    @api.model
    def _make(self, plans, agency, note):
        """Make the hand-over of closed ``plans``, of one company, to the partner ``agency``.

        The table is made at once, the dossiers by the scheduled action.
        """
        company = plans.company_id
        handover = self.create(
            {
                "name": self.env["ir.sequence"]._dunning_next_by_code(self._name, company, company._dunning_today()),
                "company_id": company.id,
                "partner_id": agency.id,
                "date": company._dunning_today(),
                "note": note,
                "line_ids": [fields.Command.create(vals) for vals in self._prepare_line_vals(plans)],
            }
        )
        plans._note(self.env._("Handed over to %(agency)s with %(number)s.", agency=agency.name, number=handover.name))
        handover._make_table()
        handover._start_dossiers()
        return handover

    @api.model
    def _prepare_line_vals(self, plans):
        """Values of the lines for ``plans``, with what the agency claims. Hook."""
        charges = plans._get_unclaimed_charges()
        return [
            {
                "plan_id": plan.id,
                "charge_move_ids": [fields.Command.set(charges[plan].move_id.ids)],
                "amount": plan._get_claim() + plan._sum_in_currency(charges[plan], plan.company_id._dunning_today()),
            }
            for plan in plans.sorted(lambda plan: (plan.partner_id.name or "", plan.leading_due_date, plan.id))
        ]
