from odoo import api, fields, models
from odoo.tools import format_amount

from ...engine.money import total
from ...tools.bulk import bulk_insert, bulk_update
from .account_dunning_charge import INTEREST_KINDS
from .account_dunning_charger import BLANK
from .booking import ChargeBooking
from .electronic import ElectronicReminder
from .excess import ChargeExcess
from .refusals import read_refusals
from .tax import ChargeTax

# The total of the notice that each kind of charge counts in.
TOTALS = {
    "fee": "amount_fees",
    "interest": "amount_interest",
    "booked": "amount_interest",
    "earlier": "amount_earlier",
    "tax": "amount_charge_tax",
}


class AccountDunningNotice(ChargeTax, ChargeBooking, ChargeExcess, ElectronicReminder, models.Model):
    """What a notice charges: its fees, interest, and what is claimed again (rules §8)."""

    _inherit = "account.dunning.notice"

    charge_ids = fields.One2many("account.dunning.charge", "notice_id", string="Charge Lines", readonly=True)
    amount_interest = fields.Monetary(string="Interest", readonly=True)
    amount_fees = fields.Monetary(string="Fees", readonly=True)
    amount_earlier = fields.Monetary(
        string="Charged Before", readonly=True, help="Charges of earlier notices that are claimed again."
    )
    amount_charges = fields.Monetary(string="Charges", readonly=True)
    can_waive = fields.Boolean(compute="_compute_can_waive")
    law_why = fields.Text(
        compute="_compute_law_why", string="Not Claimed", help="Why the law lets nothing, or no more, be claimed."
    )
    charge_move_ids = fields.One2many(
        "account.move",
        "dunning_notice_id",
        string="Invoices of Charges",
        readonly=True,
        groups="account_dunning.group_dunning_collector",
    )
    charge_move_count = fields.Integer(compute="_compute_charge_move_count")
    amount_charge_tax = fields.Monetary(
        string="Tax on Charges",
        readonly=True,
        help="What the taxes of the products of fees and interest add. The invoice of the charges books the same.",
    )
    can_book_charges = fields.Boolean(
        compute="_compute_can_book_charges",
        search="_search_can_book_charges",
        help="The charges of this notice were not booked when it was sent.",
    )

    @api.depends("charge_ids.can_waive")
    def _compute_can_waive(self):
        for notice in self:
            notice.can_waive = any(notice.charge_ids.mapped("can_waive"))

    @api.depends("line_ids.law_refusals")
    @api.depends_context("lang")
    def _compute_law_why(self):
        reader = self.env["account.dunning.law.reader"]
        for notice in self:
            refusals = [entry for line in notice.line_ids for entry in read_refusals(line.law_refusals)]
            notice.law_why = reader._tell_all(dict.fromkeys(refusals))

    def _compute_charge_move_count(self):
        for notice in self:
            # a count only; the button opens what the user may read
            notice.charge_move_count = len(notice.sudo().charge_move_ids)

    def action_open_charge_moves(self):
        """Show the invoices of charges, and the credit notes about them."""
        self.check_access("read")
        return self.env["account.move"]._open_dunning_charges(self)

    def action_waive(self):
        """Open the dialog that waives the fees of the notices."""
        return self.env["account.dunning.waive"]._open(self.charge_ids.filtered("can_waive"))

    def _after_refresh(self):
        super()._after_refresh()
        self._charge()

    def _after_sent(self):
        super()._after_sent()
        self._book_charges()

    def _after_undone(self, reason):
        super()._after_undone(reason)
        self._reverse_charges(reason)

    @api.model
    def _prepare_blank_totals(self):
        return {**super()._prepare_blank_totals(), **self._prepare_blank_charges()}

    def _get_claims(self):
        return [*super()._get_claims(), self.amount_charges]

    def _get_placeholder_values(self):
        charges = format_amount(self.env, self.amount_charges, self.currency_id)
        return {**super()._get_placeholder_values(), "charges": charges}

    def _get_report_sums(self):
        return [*super()._get_report_sums(), (self.env._("Charges"), self.amount_charges)]

    def _charge(self):
        """Compute the charges of notices that have not left anew, and their totals. Set-based."""
        # charges follow the work: nobody may write them
        for company, notices in self.sudo().grouped("company_id").items():
            if self.env["account.dunning.level"]._is_charging(company.id):
                for group in notices.grouped("date").values():
                    group._store_charges()

    def _store_charges(self):
        """Exchange the charges of the notices, of one company and date, for those of now."""
        old = self.env["account.dunning.charge"].search([("notice_id", "in", self.ids)])
        waived = {
            (charge.notice_id.id, charge.move_line_id.id): charge.waive_reason
            for charge in old
            if charge.kind == "fee" and charge.waived
        }
        vals_list = self.env["account.dunning.charger"]._prepare_charges(self, waived)
        old.unlink()
        taxes = self._prepare_charge_taxes(bulk_insert(old, vals_list))
        taxes = [{**BLANK, **vals} for vals in taxes]
        bulk_insert(old, taxes)
        vals_list = [*vals_list, *taxes]
        amounts = {notice.id: notice._prepare_blank_charges() for notice in self}
        for vals in vals_list:
            if not vals["waived"]:
                amounts[vals["notice_id"]][TOTALS[vals["kind"]]] += vals["amount"]
        bulk_update(self, {notice.id: notice._prepare_charged_vals(amounts[notice.id]) for notice in self})

    @api.model
    def _prepare_blank_charges(self):
        """The totals of a notice that charges nothing."""
        return dict.fromkeys((*TOTALS.values(), "amount_charges"), 0.0)

    def _prepare_charged_vals(self, amounts):
        """The totals of the notice, from the sums of its charges by field."""
        self.ensure_one()
        amounts = {name: self.currency_id.round(amount) for name, amount in amounts.items()}
        amounts["amount_charges"] = self.currency_id.round(total(amounts.values()))
        claim = total((self.amount_dunned, -self.amount_credit, amounts["amount_charges"]))
        return {**amounts, "amount_total": self.currency_id.round(claim)}

    def _get_letter_charges(self, *kinds):
        """The charges of some ``kinds`` that the letter claims, in the order in which they are printed. Hook."""
        return self.charge_ids.filtered(lambda charge: charge.kind in kinds and not charge.waived)

    def _get_interest_rules(self):
        """The rules that the interest on the letter rests on, each once."""
        return list(dict.fromkeys(filter(None, self._get_letter_charges("interest").mapped("law_rule"))))

    def _is_interest_simple(self):
        """False where interest of a year has joined the principal."""
        slices = self._get_letter_charges("interest")
        return not any(charge.base > charge.move_line_id.amount_currency for charge in slices if charge.law_rule)

    def _get_law_texts(self):
        """What the law demands that this letter says, in the language of the country: texts."""
        return self.env["account.dunning.charger"].sudo()._get_law_texts(self)  # whoever prints it

    def _get_charge_sums(self):
        """The charges in the table of the letter: pairs of label and amount. Hook."""
        self.ensure_one()
        pairs = [
            (self.env._("Dunning fees"), self.amount_fees),
            (self.env._("Interest"), self.amount_interest),
            (self.env._("Charges of earlier notices"), self.amount_earlier),
            (self._get_letter_charges("tax")[:1].name or self.env._("Tax on charges"), self.amount_charge_tax),
        ]
        return [(label, amount) for label, amount in pairs if not self.currency_id.is_zero(amount)]

    def _tells_charges(self):
        """True where the customer gets a document that can list charges: a reminder claims none."""
        self.ensure_one()
        return not self.reminder and self.document != "none"

    def _explains_fees(self):
        """True where the letter lists its fees one by one: their sum alone would not explain them."""
        fees = self._get_letter_charges("fee", "earlier")
        return len(fees) > 1 or any(
            charge.percent or charge.bands or charge.law_rule or charge.kind == "earlier" for charge in fees
        )

    def _get_unbooked_charges(self):
        """What sent notices claim and is not booked: a dict by charge for each fee, then for the interest on each item.

        Of each item the latest interest counts. Where it is below zero there is nothing to book: the interest is given
        back by a credit note of its own.
        """
        charges = self.charge_ids.sorted("id")
        latest = {}
        interest = charges.filtered(lambda charge: charge.kind in INTEREST_KINDS)
        for charge in interest.sorted(lambda charge: (charge.notice_id.sent_on, charge.notice_id.id)):
            latest[charge.move_line_id] = charge.notice_id
        interest = interest.filtered(lambda charge: latest[charge.move_line_id] == charge.notice_id)
        # What is taken off comes before the slices that it is taken off from.
        interest = interest.sorted(lambda charge: (charge.move_line_id.id, charge.kind == "interest", charge.id))
        fees = charges.filtered(lambda charge: charge.kind == "fee")
        parts = [
            {charge: charge._get_unbooked() for charge in rows if not charge.waived and charge._get_unbooked()}
            for rows in (*fees, *interest.grouped("move_line_id").values())
        ]
        return [part for part in parts if self.currency_id.compare_amounts(total(part.values()), 0) > 0]
