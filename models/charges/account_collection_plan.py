from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.money import total
from ..receivables.document import DUE


class AccountCollectionPlan(models.Model):
    """The charges of a plan: their invoices, and those on the letter only that the customer has paid (rules §8)."""

    _inherit = "account.collection.plan"

    charge_move_count = fields.Integer(compute="_compute_shown")
    charges_paid = fields.Char(
        compute="_compute_shown",
        search="_search_charges_paid",
        help="Fees and interest that were claimed on letters and not booked, and that the customer has paid.",
    )

    allocation = fields.Text(
        compute="_compute_shown",
        help="What payments that name no invoice are set against by law: booked costs and interest come first.",
    )

    def _get_shown_queries(self):
        """Besides: the invoices of charges, and what the customer has in credit, without which no charge is paid."""
        charges = SQL(
            """SELECT line.plan_id, 'charge', ARRAY_AGG(DISTINCT move.id)
                 FROM account_dunning_notice_line line JOIN account_move move ON move.dunning_notice_id = line.notice_id
                WHERE line.plan_id = ANY(%s) GROUP BY line.plan_id""",
            self.ids,
        )
        credits = SQL(
            """SELECT plan.id, 'credit', ARRAY_AGG(line.id)
                 FROM account_collection_plan plan JOIN account_move_line line ON line.partner_id = plan.partner_id
                WHERE plan.id = ANY(%s) AND line.parent_state = 'posted' AND line.reconciled IS NOT TRUE
                  AND line.amount_residual_currency < 0
                GROUP BY plan.id""",
            self.ids,
        )
        return [*super()._get_shown_queries(), charges, credits]

    def _show(self, found):
        super()._show(found)
        bookable = self.filtered(lambda plan: found["credit"][plan._origin.id])._get_bookable_charges()
        for plan in self:
            sums = bookable.get(plan, {})
            plan.charge_move_count = len(found["charge"][plan._origin.id])
            plan.charges_paid = ", ".join(currency.format(amount) for currency, (_chosen, amount) in sums.items())
        proposed = self.filtered(lambda plan: found["credit"][plan._origin.id])._get_allocations()
        for plan in self:
            plan.allocation = plan._describe_allocations(proposed.get(plan, []))

    def _search_charges_paid(self, operator, value):
        if operator not in ("=", "!=", "in", "not in"):
            return NotImplemented
        paid = self._find_charges_paid()
        empty = value in (False, "") or (not isinstance(value, str) and set(value) <= {False, ""})
        wanted = (operator in ("!=", "not in")) == empty
        return Domain("id", "in" if wanted else "not in", paid.ids)

    @api.model
    def _find_charges_paid(self):
        """The plans with charges on the letter that the customer has paid."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT line.plan_id
                     FROM account_dunning_charge charge
                     JOIN account_dunning_notice notice ON notice.id = charge.notice_id
                       AND (notice.state = 'sent' OR notice.bounced)
                     JOIN account_dunning_notice_line line ON line.notice_id = notice.id
                    WHERE line.plan_id IS NOT NULL AND charge.kind IN ('fee', 'interest')
                      AND charge.waived IS NOT TRUE AND charge.amount > COALESCE(charge.amount_booked, 0)
                      AND EXISTS (SELECT 1 FROM account_move_line credit
                                   WHERE credit.partner_id = notice.partner_id AND credit.parent_state = 'posted'
                                     AND credit.currency_id = notice.currency_id
                                     AND credit.reconciled IS NOT TRUE AND credit.amount_residual_currency < 0)"""
            )
        )
        plans = self.search([("id", "in", [row[0] for row in rows])])  # of the user's companies
        return self.browse(plan.id for plan in plans._get_bookable_charges())

    def action_open_charge_moves(self):
        """Show the invoices of charges, and the credit notes about them."""
        self.ensure_one()
        return self.env["account.move"]._open_dunning_charges(self.notice_line_ids.notice_id)

    def action_book_charges_paid(self):
        """Book the charges that the customer has paid, fees first, and settle them with his credit."""
        plans = self._as_manager()
        # managers need not be accountants; the rights are checked above
        booked = self.env["account.move"].sudo()
        for plan in plans:
            for currency, (chosen, amount) in plan._get_bookable_charges().get(plan, {}).items():
                booked += plan._book_paid_charges(currency, chosen, amount)
        if not booked:
            raise UserError(self.env._("No charges were paid that are not booked."))

    def _get_allocations(self):
        """What the law sets payments of the customers against: lists of allocations by open plan."""
        result = {}
        opened = self.filtered(lambda plan: plan.state in ("ongoing", "paused"))
        for company, plans in opened.grouped("company_id").items():
            # a proposal for whoever sees the plan
            allocations = self.env["account.dunning.allocation"].sudo()
            proposed = allocations._propose(company.root_id, plans.partner_id.sudo(), company._dunning_today())
            for plan in plans:
                result[plan] = [
                    part for (partner, _currency), part in proposed.items() if partner == plan.partner_id.id
                ]
        return result

    def _describe_allocations(self, allocations):
        """Allocations in words, with the act; False where there is none."""
        describe = self.env["account.dunning.allocation"]._describe
        return "\n".join(f"{allocation.source}:\n{describe(allocation)}" for allocation in allocations) or False

    def action_allocate(self):
        """Set the customer's payments against charges and debts as the law says, in its order."""
        for plan in self._as_manager():  # managers need not be accountants
            allocations = plan._get_allocations().get(plan)
            if not allocations:
                raise UserError(self.env._("There is no payment that the law sets against charges."))
            text = plan._describe_allocations(allocations)
            for allocation in allocations:
                plan.env["account.dunning.allocation"]._accept(allocation)
            plan.message_post(body=self.env._("Payments were allocated as the law says. %(parts)s", parts=text))

    @api.model
    def _choose_charges(self, notice, parts, credit):
        """What to book of ``parts`` (dicts with what is not booked, by charge) where ``credit`` has been paid.

        With their tax the chosen charges come to ``credit`` at most: part after part, of the last one as much as fits.

        :param notice: whose invoice books them
        :return: dict by charge
        """
        chosen = {}
        for part in parts:
            if notice.currency_id.compare_amounts(notice._sum_with_tax({**chosen, **part}), credit) > 0:
                return {**chosen, **self._fit_charges(notice, chosen, part, credit)}
            chosen |= part
        return chosen

    @api.model
    def _fit_charges(self, notice, chosen, part, credit):
        """As much of ``part`` as fits: with its tax, and with what is ``chosen`` already, at most ``credit``."""
        currency = notice.currency_id

        def fits(amount):
            return (
                currency.compare_amounts(notice._sum_with_tax({**chosen, **self._cut(currency, part, amount)}), credit)
                <= 0
            )

        before, net = notice._sum_with_tax(chosen) if chosen else 0.0, total(part.values())
        gross = notice._sum_with_tax({**chosen, **part}) - before
        amount = currency.round(min(net * (credit - before) / gross, net)) + 2 * currency.rounding
        while currency.compare_amounts(amount, 0) > 0 and not fits(amount):
            amount = currency.round(amount - currency.rounding)
        return self._cut(currency, part, amount)

    @api.model
    def _cut(self, currency, part, amount):
        """Charges of ``part``, in their order, that come to ``amount``, net."""
        chosen, left = {}, amount
        for charge, rest in part.items():
            taken = currency.round(min(rest, left))
            left = currency.round(left - taken)
            if taken:
                chosen[charge] = taken
        return chosen

    def _book_paid_charges(self, currency, chosen, amount):
        """Book ``chosen`` charges (amounts by charge), ``amount`` with tax, and settle them with the credits."""
        notice = self._get_booking_notice(chosen)
        moves = notice._book({notice: chosen})
        account = moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable").account_id
        credits = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "child_of", self.company_id.id),
                ("account_id", "in", account.ids),
                ("parent_state", "=", "posted"),
                ("currency_id", "=", currency.id),
                ("reconciled", "=", False),
                ("amount_residual_currency", "<", 0),
            ],
            order="date, id",
        )
        (moves.line_ids.filtered(lambda line: line.account_id == account) + credits).reconcile()
        notice._note_on_plans(
            self.env._(
                "Paid charges booked: %(invoice)s, %(amount)s.", invoice=moves.name, amount=currency.format(amount)
            )
        )
        return moves

    def _get_bookable_charges(self):
        """The charges on letters that the customers have paid: by plan and currency, what to book of them.

        That is a pair: amounts by charge, and what they come to with tax, at most what the customer has in credit
        beyond all that is due.
        """
        if not self:
            return {}
        self.env.flush_all()
        spare = self._get_spare_credits()
        owed = {key[:2] for key in spare}
        result = {}
        for plan in self.filtered(lambda plan: (plan.company_id.id, plan.partner_id.id) in owed):
            notices = plan.notice_line_ids.notice_id.filtered(lambda notice: notice.state == "sent" or notice.bounced)
            for currency, group in notices.grouped("currency_id").items():
                credit = spare.get((plan.company_id.id, plan.partner_id.id, currency.id), 0.0)
                parts = group._get_unbooked_charges() if credit else []
                chosen = (
                    self._choose_charges(self._get_booking_notice(dict.fromkeys(group.charge_ids)), parts, credit)
                    if parts
                    else {}
                )
                if chosen:
                    amount = self._get_booking_notice(chosen)._sum_with_tax(chosen)
                    result.setdefault(plan, {})[currency] = (chosen, amount)
        return result

    @api.model
    def _get_booking_notice(self, amounts):
        """The notice that books charges (keys of ``amounts``): the latest of theirs."""
        return max((charge.notice_id for charge in amounts), key=lambda notice: (notice.sent_on, notice.id))

    def _get_spare_credits(self):
        """What customers have in credit beyond all that is due, by (company, customer, currency)."""
        result = {}
        for company, plans in self.grouped("company_id").items():
            reader = self.env["account.dunning.reader"]
            rows = self.env.execute_query(
                SQL(
                    f"""SELECT line.partner_id, line.currency_id, -SUM(line.amount_residual_currency)::float
                         FROM account_move_line line
                        WHERE %s AND line.partner_id = ANY(%s) AND line.reconciled IS NOT TRUE
                          AND (line.amount_residual_currency < 0 OR {DUE} <= %s)
                        GROUP BY line.partner_id, line.currency_id
                       HAVING SUM(line.amount_residual_currency) < 0""",
                    reader._open_item_condition(company),
                    plans.partner_id.ids,
                    company._dunning_today(),
                )
            )
            result.update({(company.id, partner_id, currency_id): credit for partner_id, currency_id, credit in rows})
        return result

    @api.model
    def _get_touched_queries(self, line_ids):
        claimed_again = SQL(
            """SELECT 'notice', charge.notice_id FROM account_dunning_charge charge
                 JOIN account_move_line line ON line.move_id = charge.move_id
                WHERE line.id = ANY(%s) AND charge.kind = 'earlier'""",
            line_ids,
        )
        booked = SQL(
            """SELECT 'booked', move_line_id FROM account_dunning_charge
                WHERE move_line_id = ANY(%s) AND move_id IS NOT NULL AND kind = 'interest'""",
            line_ids,
        )
        return [*super()._get_touched_queries(line_ids), claimed_again, booked]

    @api.model
    def _follow_touched(self, found):
        """Look whether too much interest was booked on the items."""
        super()._follow_touched(found)
        self.env["account.dunning.notice"]._credit_excess(found["booked"])
