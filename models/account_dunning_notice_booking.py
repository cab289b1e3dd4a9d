import logging

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..engine.money import total
from ..tools.bulk import bulk_update

_logger = logging.getLogger(__name__)

INTEREST_KINDS = ("interest", "booked")


class AccountDunningNotice(models.Model):
    """Charges as customer invoices: booked when the notice is sent, reversed when it is taken back (spec §8)."""

    _inherit = "account.dunning.notice"

    def action_book_charges(self):
        """Book the charges of sent notices that could not be booked before."""
        notices = self._as_manager().filtered("can_book_charges")
        if not notices:
            raise UserError(self.env._("There are no charges to book."))
        notices._book({notice: notice._get_own_charges() for notice in notices})

    def _book_charges(self):
        """Book the charges of notices that are sent now, where the company wants it, in one go.

        A failure is noted on the notice and told the dunning managers: the notice has left, booked or not.
        """
        notices = self.filtered(lambda notice: notice.company_id.dunning_charges == "booked" and notice.charge_ids)
        if not notices:
            return
        try:
            with self.env.cr.savepoint():
                notices._book({notice: notice._get_own_charges() for notice in notices})
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            self.env.invalidate_all()
            if len(notices) > 1:
                for notice in notices:
                    notice._book_charges()
            else:
                _logger.info("The charges of dunning notice %s were not booked", notices.id, exc_info=True)
                body = self.env._("The charges could not be booked: %(error)s", error=self._get_error_text(error))
                notices._note_on_plans(body)

    def _get_own_charges(self):
        """What the notice itself charges and what is not booked of it: amounts by charge."""
        self.ensure_one()
        own = self.charge_ids.filtered(lambda charge: charge.kind != "earlier" and not charge.waived)
        return {charge: charge._get_unbooked() for charge in own if charge._get_unbooked()}

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
        company = self.company_id
        journal, account = company._get_dunning_charge_journal(), company._get_dunning_charge_account()
        moves = (
            self.env["account.move"]
            .sudo()
            .with_company(company)
            .with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
            .create([notice._prepare_charge_move_vals(*rest, journal, account) for notice, *rest in parts])
        )
        moves.filtered(lambda move: move.move_type == "out_invoice")._post(soft=False)
        updates = {
            charge.id: {"move_id": move.id, "amount_booked": charge._get_booked() + amount}
            for move, (_notice, _type, chosen) in zip(moves, parts, strict=True)
            for charge, amount in chosen.items()
        }
        bulk_update(self.env["account.dunning.charge"], updates)
        for move in moves.filtered(lambda move: move.state == "draft"):
            move.dunning_notice_id._ask_for_credit_note(move)
        return moves

    def _split_documents(self, amounts):
        """The documents that ``amounts`` (by charge) are booked by: pairs of move type and amounts."""
        self.ensure_one()
        interest = {charge: amount for charge, amount in amounts.items() if charge.kind in INTEREST_KINDS}
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
            "invoice_line_ids": [
                Command.create(
                    {"name": name, "product_id": product.id, "account_id": account.id, "price_unit": sign * amount}
                )
                for name, product, amount in self._get_charge_move_lines(amounts)
            ],
        }

    def _get_charge_move_lines(self, amounts):
        """The lines of an invoice of charges: a line for each fee, one for the interest on each item. Hook."""
        fee, interest = self._get_charge_products()
        lines, by_item = [], {}
        for charge, amount in amounts.items():
            if charge.kind in INTEREST_KINDS:
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
        return self.env.ref("account_dunning.product_fee"), self.env.ref("account_dunning.product_interest")

    def _ask_for_credit_note(self, move):
        """An activity for a dunning manager: the draft credit note ``move`` is to be checked and posted."""
        reviewers = self.run_id._get_reviewers()
        move.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Too much interest was booked: check this credit note and post it"),
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
                    "date": move.company_id._dunning_today(),
                    "invoice_date": move.company_id._dunning_today(),
                    "dunning_notice_id": move.dunning_notice_id.id,
                }
                for move in posted
            ],
            cancel=True,
        )
        booked = self.env["account.dunning.charge"].search([("move_id", "in", moves.ids), ("kind", "!=", "earlier")])
        booked.write({"move_id": False, "amount_booked": 0.0})
