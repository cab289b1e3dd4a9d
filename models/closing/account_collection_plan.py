from odoo import fields, models

from .plan_handover import PlanHandover
from .plan_returned import PlanReturned
from .write_off import PlanWriteOff


class AccountCollectionPlan(PlanHandover, PlanReturned, PlanWriteOff, models.Model):
    """What ends the pursuit of a debt before it is paid: its write-off, and the hand-over to an agency."""

    _inherit = "account.collection.plan"

    handover_id = fields.Many2one(
        "account.dunning.handover",
        string="Hand-over",
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        help="The hand-over to an agency that is in force. Empty: none was made, or the plan was recalled.",
    )
    agency_id = fields.Many2one(related="handover_id.partner_id", string="Agency")
    amount_charges = fields.Monetary(
        string="Charges with the Agency",
        readonly=True,
        copy=False,
        help="What is open of the invoices of charges that the agency claims with the plan.",
    )
    handover_line_ids = fields.One2many("account.dunning.handover.line", "plan_id", string="Hand-overs", readonly=True)
    write_off_move_ids = fields.One2many(
        "account.move", "dunning_write_off_plan_id", string="Write-off Entries", readonly=True
    )
    amount_written_off = fields.Monetary(
        string="Written Off", readonly=True, copy=False, help="What entries of the write-off settle, charges too."
    )
    amount_paid_late = fields.Monetary(
        string="Recovered After Write-off",
        readonly=True,
        copy=False,
        help="Later payments that were booked as income, while the write-off stays.",
    )
    paid_late = fields.Boolean(
        string="Paid After Write-off",
        compute="_compute_paid_late",
        search="_search_paid_late",
        help="The customer has an open payment or credit that came after the write-off.",
    )
    return_retry_on = fields.Date(
        string="Charged Again On",
        index="btree_not_null",
        readonly=True,
        copy=False,
        help="The day from which a payment that the bank returned is charged again, on the saved payment method.",
    )
    can_write_off = fields.Boolean(compute="_compute_can_write_off")
