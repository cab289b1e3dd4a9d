import logging
from collections import defaultdict

from odoo import api
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ...engine.money import total
from ...tools.attempt import attempt_parts, get_error_text
from ...tools.bulk import bulk_update
from ...tools.shipped import get_record
from .account_dunning_charge import BOOKED, INTEREST_KINDS

_logger = logging.getLogger(__name__)

# The activity on a run that asks to book what could not be booked.
BOOKING_ACTIVITY = "mail.mail_activity_data_warning"

# What sent notices charge and is not booked: notice, charge, amount. Interest counts in the latest notice about the
# item only, which charges all of it.
UNBOOKED = """
SELECT notice.id AS notice_id, charge.id AS charge_id, (charge.amount - %(booked)s)::float AS amount
  FROM account_dunning_charge charge
  JOIN account_dunning_notice notice ON notice.id = charge.notice_id AND (notice.state = 'sent' OR notice.bounced)
  JOIN res_currency currency ON currency.id = notice.currency_id
  LEFT JOIN account_move move ON move.id = charge.move_id
 WHERE %(condition)s AND charge.kind NOT IN ('earlier', 'excess', 'tax') AND charge.waived IS NOT TRUE
   AND ABS(charge.amount - %(booked)s) >= currency.rounding / 2
   AND (charge.kind = 'fee' OR NOT EXISTS (
        SELECT 1 FROM account_dunning_charge other
          JOIN account_dunning_notice later ON later.id = other.notice_id AND (later.state = 'sent' OR later.bounced)
         WHERE other.move_line_id = charge.move_line_id AND other.kind = ANY(%(interest)s)
           AND (later.sent_on, later.id) > (notice.sent_on, notice.id)))
 ORDER BY charge.id
"""


class ChargeBooking:
    """Charges as customer invoices: booked when the notice is sent, reversed when it is undone (rules §8)."""

    __slots__ = ()

    @api.depends(
        "state", "company_id.dunning_settings_ids.charges", "charge_ids.amount_booked", "charge_ids.move_id.state"
    )
    def _compute_can_book_charges(self):
        bookable = self._get_bookable()._get_own_charges()
        for notice in self:
            notice.can_book_charges = notice in bookable

    def _search_can_book_charges(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env.flush_all()
        unbooked = SQL(
            "(SELECT unbooked.notice_id FROM (%s) AS unbooked)",
            self._unbooked_query(
                SQL("notice.company_id IN (SELECT company_id FROM account_dunning_settings WHERE charges = 'booked')")
            ),
        )
        return Domain("id", "in", unbooked)

    def _get_bookable(self):
        """The notices whose charges become invoices: sent ones, where the company wants it."""
        return self.filtered(
            lambda notice: notice.state == "sent" and notice.company_id._get_dunning_settings().charges == "booked"
        )

    def action_book_charges(self):
        """Book the charges of sent notices that could not be booked before."""
        notices = self._as_manager().filtered("can_book_charges")
        if not notices:
            raise UserError(self.env._("There are no charges to book."))
        notices._book(notices._get_own_charges())
        runs = notices.run_id
        # what is left of the run, not of what the user may read
        left = self.sudo().search(Domain("run_id", "in", runs.ids) & Domain("can_book_charges", "=", True))
        (runs - left.run_id).activity_feedback([BOOKING_ACTIVITY], only_automated=False)

    def _book_charges(self):
        """Book the charges of notices that are sent now, where the company wants it, in one go.

        A failure is noted on the notice and told the dunning managers: the notice has left, booked or not.
        """
        attempt_parts(
            self.env,
            self._get_bookable().filtered("charge_ids"),
            lambda notices: notices._book(notices._get_own_charges()),
            lambda notice, error: notice._tell_not_booked(error),
        )

    def _tell_not_booked(self, error):
        """Note that the charges of the notice were not booked, and ask the managers to do it."""
        _logger.info("The charges of dunning notice %s were not booked", self.id, exc_info=error)
        self._note_on_plans(self.env._("The charges could not be booked: %(error)s", error=get_error_text(error)))
        self._ask_to_book()

    def _ask_to_book(self):
        """An activity on the run for each dunning manager who has none yet: charges of its notices were not booked."""
        run = self.run_id
        asked = run.activity_search([BOOKING_ACTIVITY], only_automated=False).user_id
        for user in run._get_reviewers() - asked:
            run.activity_schedule(
                BOOKING_ACTIVITY,
                summary=self.env._("Charges of notices could not be booked"),
                note=self.env._("The filter “Charges Not Booked” shows the notices. Their chatter says why."),
                user_id=user.id,
                automated=False,  # the end of the run is not the end of it
            )

    def _get_own_charges(self):
        """What the sent notices themselves charge and is not booked: amounts by charge, by notice. One query."""
        if not self:
            return {}
        self.env.flush_all()
        result = defaultdict(dict)
        for notice_id, charge_id, amount in self.env.execute_query(
            self._unbooked_query(SQL("notice.id = ANY(%s)", self.ids))
        ):
            notice = self.browse(notice_id)
            result[notice][notice.charge_ids.browse(charge_id)] = notice.currency_id.round(amount)
        return result

    @api.model
    def _unbooked_query(self, condition):
        """``UNBOOKED``, of the notices that the SQL ``condition`` holds for."""
        return SQL(UNBOOKED, booked=BOOKED, condition=condition, interest=list(INTEREST_KINDS))

    def _book(self, amounts):
        """Make the invoices of charges, and note on the charges what is booked of them.

        Interest below zero becomes a draft credit note, which a dunning manager is asked to check.

        :param amounts: dict from notice, of one company, to a dict from charge to the amount to book of it
        :return: the invoices and credit notes
        """
        parts = [
            (notice, move_type, chosen)
            for notice, by_charge in amounts.items()
            for move_type, chosen in notice._split_documents(by_charge)
        ]
        company, settings = self.company_id, self.company_id._get_dunning_settings()
        journal, account = settings._get_charge_journal(), settings._get_charge_account()
        moves = (
            self.env["account.move"]
            # charges are booked for whoever sends the notice; the values are ours
            .sudo()
            .with_company(company)
            .with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
            .create([notice._prepare_charge_move_vals(*rest, journal, account) for notice, *rest in parts])
        )
        moves.filtered(lambda move: move.move_type == "out_invoice")._post_dunning_charges()
        updates = {
            charge.id: {"move_id": move.id, "amount_booked": charge._get_booked() + amount}
            for move, (_notice, _type, chosen) in zip(moves, parts, strict=True)
            for charge, amount in chosen.items()
        }
        bulk_update(self.env["account.dunning.charge"], updates)
        for move in moves.filtered(lambda move: move.state == "draft"):
            if move.move_type == "out_refund":
                move.dunning_notice_id._ask_for_credit_note(move)
            else:
                move.dunning_notice_id._ask_for_validation(move)
        return moves

    def _split_documents(self, amounts):
        """The documents that ``amounts`` (by charge) are booked by: pairs of move type and amounts."""
        self.ensure_one()
        interest = {charge: amount for charge, amount in amounts.items() if charge.kind != "fee"}
        if self.currency_id.compare_amounts(total(interest.values()), 0) < 0:
            fees = {charge: amount for charge, amount in amounts.items() if charge not in interest}
            documents = [("out_invoice", fees), ("out_refund", interest)]
        else:
            documents = [("out_invoice", amounts)]
        return [
            (move_type, chosen)
            for move_type, chosen in documents
            if not self.currency_id.is_zero(total(chosen.values()))
        ]

    def _prepare_charge_move_vals(self, move_type, amounts, journal, account):
        """Values of the invoice or credit note of charges; ``amounts`` are what is booked, by charge. Hook."""
        self.ensure_one()
        sign = -1 if move_type == "out_refund" else 1
        today = self.company_id._dunning_today()
        return {
            "move_type": move_type,
            "company_id": self.company_id.id,
            "journal_id": journal.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": today,
            "invoice_payment_term_id": False,
            "invoice_date_due": max(self.deadline_date or today, today),
            "ref": self.name,
            "dunning_notice_id": self.id,
            "invoice_origin": self._get_charged_documents(amounts),
            "fiscal_position_id": self._get_charge_fiscal_position().id,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": name,
                        "product_id": product.id,
                        "account_id": account.id,
                        "price_unit": sign * amount,
                        "tax_ids": [Command.set(self._get_charge_taxes(product).ids)],
                    }
                )
                for name, product, amount in self._get_charge_move_lines(amounts)
            ],
        }

    def _get_charged_documents(self, amounts):
        """The numbers of the late invoices that charges are about, the oldest first, as the letters name them."""
        items = {charge.move_line_id for charge in amounts} - {self.env["account.move.line"]}
        whole = [charge.notice_id for charge in amounts if not charge.move_line_id]
        lines = self.concat(*whole).line_ids.filtered("dunned") + self.concat(
            *(charge.notice_id for charge in amounts)
        ).line_ids.filtered(lambda line: line.move_line_id in items)
        names = lines.sorted(lambda line: (line.due_date, line.id)).mapped("name")
        return ", ".join(dict.fromkeys(filter(None, names)))

    def _get_charge_move_lines(self, amounts):
        """The lines of an invoice of charges: a line for each fee, one for the interest on each item. Hook."""
        fee, interest = self._get_charge_products()
        lines, by_item = [], {}
        for charge, amount in amounts.items():
            if charge.kind != "fee":
                by_item.setdefault(charge.move_line_id, {})[charge] = amount
            else:
                lines.append((charge.name, fee, amount))
        for rows in by_item.values():
            amount = self.currency_id.round(total(rows.values()))
            slices = [charge for charge in rows if charge.kind == "interest"]
            if amount and slices:
                lines.append((slices[0]._get_period_text(slices[-1]), interest, amount))
            elif amount:
                lines.append((next(iter(rows)).name, interest, amount))
        return lines

    @api.model
    def _get_charge_products(self):
        """The products of fees and of interest. Hook."""
        names = ("account_dunning.product_fee", "account_dunning.product_interest")
        products = self.env["product.product"]
        for name in names:
            there = self.env.ref(name, raise_if_not_found=False)
            product = get_record(self.env, name)  # as superuser only where one is made anew
            if not there:
                product.taxes_id = [Command.clear()]  # Odoo has given it the default taxes of other companies
            products += product.with_env(self.env)
        return tuple(products)

    def _ask_for_credit_note(self, move):
        """Tell a dunning manager, and the plans, that the draft credit note ``move`` is to be checked and posted."""
        amount = move.currency_id.format(move.amount_total)
        self._note_on_plans(
            self.env._("Too much interest was booked: a credit note of %(amount)s waits to be checked.", amount=amount)
        )
        self._ask_reviewer(move, self.env._("Too much interest was booked: check this credit note and post it"))

    def _ask_for_validation(self, move):
        """Tell a dunning manager, and the plans, that the draft invoice ``move`` has to be validated before."""
        amount = move.currency_id.format(move.amount_total)
        self._note_on_plans(
            self.env._("Charges of %(amount)s are a draft: the invoice has to be validated first.", amount=amount)
        )
        self._ask_reviewer(move, self.env._("Have this invoice of dunning charges validated, and post it"))

    def _ask_reviewer(self, move, summary):
        """Ask the user to check ``move`` if he is a dunning manager, else the first dunning manager: by an activity."""
        reviewers = self.run_id._get_reviewers()
        move.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=summary,
            user_id=(self.env.user & reviewers or reviewers)[:1].id or self.env.uid,
        )

    # taking back

    def _reverse_charges(self, reason):
        """Reverse what was booked for the notices, what was waived of it too; ``reason`` in words."""
        charges = self.env["account.dunning.charge"].search(
            [("notice_id", "in", self.ids), ("kind", "!=", "earlier"), ("move_id", "!=", False)]
        )
        moves = charges.move_id
        if not moves:
            return
        moves += moves.reversal_move_ids.filtered("dunning_notice_id")
        moves.filtered(lambda move: move.state == "draft").button_cancel()
        posted = moves.filtered(lambda move: move.state == "posted")
        posted._reverse_moves(
            [
                {
                    "ref": reason,
                    "date": day,
                    "invoice_date": day,
                    "dunning_notice_id": move.dunning_notice_id.id,
                }
                for move in posted
                for day in [move._get_dunning_open_day()]
            ],
            cancel=True,
        )
        booked = self.env["account.dunning.charge"].search([("move_id", "in", moves.ids), ("kind", "!=", "earlier")])
        booked.write({"move_id": False, "amount_booked": 0.0})
        self.env["account.collection.plan"]._touch(booked.move_line_id.ids)
