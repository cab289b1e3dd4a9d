from collections import defaultdict
from dataclasses import dataclass, field

from odoo import api
from odoo.tools import SQL, format_date

from ...engine import Payment, spread_contested
from ...engine.money import total
from ..base.names import PENDING_STATES
from ..plan.settlement import CORRECTS
from ..receivables.account_dunning_hold import STANDING
from .account_dunning_charge import BOOKED
from .by_law import LegalFacts
from .law_shown import LawShown

# Not what another notice claims which has not left, or left on the same day.
UNCLAIMED = """
    NOT EXISTS (SELECT 1 FROM account_dunning_charge claim
                  JOIN account_dunning_notice other ON other.id = claim.notice_id
                 WHERE claim.kind = 'earlier' AND %(claimed)s AND NOT other.id = ANY(%(own)s)
                   AND (other.state = ANY(%(pending)s) OR other.state = 'sent' AND other.date = %(day)s))
"""

# Disputes of the items of notices, one row for each item and dispute: ended ones after which not all of the claim
# stands, and ongoing ones that the run has included. Others are none, or are in the contested amounts of the lines.
DISPUTES = """
WITH dispute AS (
    SELECT hold.id, hold.partner_id, hold.move_id, hold.move_line_id, hold.date_from, hold.ended_on,
           COALESCE(hold.amount, 0)::float AS amount
      FROM account_dunning_hold hold
      JOIN account_dunning_reason reason ON reason.id = hold.reason_id AND reason.dispute
     WHERE hold.company_id = ANY(%(companies)s) AND hold.date_from <= %(day)s
       AND COALESCE(hold.outcome, '') <> ALL(%(standing)s)
), bearing AS (
    SELECT line.move_line_id, line.move_id, line.invoice_date, notice.partner_id, run.include_disputed AS included
      FROM account_dunning_notice_line line
      JOIN account_dunning_notice notice ON notice.id = line.notice_id
      JOIN account_dunning_run run ON run.id = notice.run_id
     WHERE line.id = ANY(%(lines)s)
)
SELECT bearing.move_line_id, bearing.move_id, dispute.amount, dispute.date_from, dispute.move_line_id IS NULL
  FROM bearing JOIN dispute ON dispute.move_line_id = bearing.move_line_id OR dispute.move_id = bearing.move_id
 WHERE dispute.ended_on IS NOT NULL OR bearing.included
 UNION ALL
SELECT bearing.move_line_id, bearing.move_id, 0, dispute.date_from, FALSE
  FROM bearing JOIN dispute ON dispute.partner_id = bearing.partner_id
 WHERE CASE WHEN dispute.ended_on IS NULL THEN bearing.included ELSE bearing.invoice_date <= dispute.ended_on END
"""


@dataclass(slots=True)
class Facts:
    """What is known about a batch of notices: by journal item ``payments``, and the interest that is ``booked``, with
    what was waived of it.

    ``disputed`` is what bears no interest since it was contested and not found to be due, by journal item.

    ``charged`` are the items that bore a fee per item.
    ``earlier`` holds what notices claim again, by notice id: values of charges. ``factors`` convert company
    currency, by currency id; ``rules`` are the rules of interest by (type id, currency id). ``waived`` are
    the reasons why fees of the notices are waived, by (notice id, journal item id or False). ``begun`` are the days
    from which items bear interest that are parts of others, by journal item. ``legal`` is what the law asks for, where
    a dunning type charges by it.
    """

    factors: dict
    payments: dict = field(default_factory=dict)
    disputed: dict = field(default_factory=dict)
    booked: dict = field(default_factory=dict)
    charged: set = field(default_factory=set)
    earlier: dict = field(default_factory=dict)
    rules: dict = field(default_factory=dict)
    waived: dict = field(default_factory=dict)
    begun: dict = field(default_factory=dict)
    legal: LegalFacts = field(default_factory=LegalFacts)


class ChargeFacts(LawShown):
    """What the database says of a batch of notices, for their charges."""

    __slots__ = ()

    @api.model
    def _read_facts(self, notices, waived):
        self.env.flush_all()
        day = notices[0].date
        lines = notices.line_ids.filtered("dunned")
        bearing = lines.filtered(lambda line: line._bears_interest() or line._charges_by_law())
        once = lines.filtered(lambda line: line.level_id.fee_kind != "none" and line.level_id.fee_per == "item")
        payments = self._read_payments(bearing.move_line_id.ids)
        former, begun = self._read_former(lines.move_line_id.ids)
        return Facts(
            factors=self._get_factors(notices, day),
            payments=payments,
            disputed=self._read_disputed(bearing, payments, day),
            booked=self._read_booked(bearing.move_line_id.ids, former, begun),
            charged=self._read_charged(once.move_line_id.ids, former),
            earlier=self._share_out(
                notices, self._read_fees(notices, lines, day, former), self._read_invoices(notices, day)
            ),
            waived=waived,
            begun=begun,
            legal=self._read_legal(lines, day, former),
        )

    @api.model
    def _read_legal(self, lines, day, former):
        """What the law asks for about the items of notice ``lines``, of one company; nothing where no type asks it."""
        items = lines.filtered(lambda line: line._charges_by_law()).move_line_id
        return self._read_legal_facts(items.company_id.root_id, items, day, former) if items else LegalFacts()

    @api.model
    def _get_factors(self, notices, day):
        """The amount of each currency of the notices for one unit of company currency on ``day``, by currency id."""
        company = notices.company_id
        return {
            currency.id: currency._get_conversion_rate(company.currency_id, currency, company, day)
            for currency in notices.currency_id
        }

    @api.model
    def _read_payments(self, item_ids):
        """The engine's payments by journal item: what settled it, at its own date, in the item's currency.

        Differences of exchange are no payments, nor is what a returned payment had settled.
        """
        result = defaultdict(list)
        if not item_ids:
            return result
        rows = self.env.execute_query(
            SQL(
                """SELECT partial.debit_move_id, COALESCE(payment.date, counter_move.invoice_date, counter.date),
                          partial.debit_amount_currency::float, %s
                     FROM account_partial_reconcile partial
                     JOIN account_move_line line ON line.id = partial.debit_move_id
                     JOIN account_move_line counter ON counter.id = partial.credit_move_id
                     JOIN account_move counter_move ON counter_move.id = counter.move_id
                     LEFT JOIN account_payment payment ON payment.id = counter_move.origin_payment_id
                    WHERE partial.debit_move_id = ANY(%s)
                      AND (payment.state IN ('draft', 'rejected', 'canceled')) IS NOT TRUE
                      AND NOT EXISTS (SELECT 1 FROM account_partial_reconcile exchange
                                       WHERE exchange.exchange_move_id = counter.move_id)
                    ORDER BY 2, partial.id""",
                SQL(CORRECTS),
                item_ids,
            )
        )
        for item_id, day, amount, corrects in rows:
            result[item_id].append(Payment(day, amount, bool(corrects)))
        return result

    @api.model
    def _read_disputed(self, lines, payments, day):
        """What bears no interest, though it is or was claimed, by journal item: see ``DISPUTES``.

        A part of the invoice lies on its last instalments. What credit notes have corrected since the dispute began is
        settled, and counts no more.
        """
        if not lines:
            return {}
        rows = self.env.execute_query(
            SQL(DISPUTES, companies=lines.company_id.ids, day=day, lines=lines.ids, standing=list(STANDING))
        )
        residuals = self._read_instalments(
            {move_id for _item, move_id, amount, _day, of_move in rows if of_move and amount}
        )
        amounts, since = defaultdict(float), {}
        for item_id, move_id, amount, begun, of_move in rows:
            part = spread_contested(amount, residuals[move_id]).get(item_id, 0.0) if of_move else amount
            amounts[item_id] += part if amount else float("inf")  # without an amount: all of it
            since[item_id] = min(begun, since.get(item_id, begun))
        corrected = {
            item_id: total(paid.amount for paid in payments[item_id] if paid.corrects and paid.on >= begun)
            for item_id, begun in since.items()
        }
        return {item_id: max(amount - corrected[item_id], 0) for item_id, amount in amounts.items()}

    @api.model
    def _read_instalments(self, move_ids):
        """The open instalments of invoices by due date: lists of (journal item id, residual) by invoice id."""
        result = defaultdict(list)
        lines = (
            self.env["account.move.line"]
            # charges of the company, whoever causes the notice
            .sudo()
            .search_fetch(
                [("move_id", "in", list(move_ids)), ("account_type", "=", "asset_receivable")],
                ["move_id", "amount_residual_currency"],
                order="date_maturity, id",
            )
        )
        for line in lines:
            result[line.move_id.id].append((line.id, line.amount_residual_currency))
        return result

    @api.model
    def _read_former(self, item_ids):
        """The debts that were transferred to ``item_ids``, and which of these are only parts of a debt.

        :return: the present journal item by the former one; the day from which it bears interest by the item of a part
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT move_line_id, heir_line_id, NULL::date FROM account_dunning_item
                    WHERE heir_line_id = ANY(%(items)s) AND move_line_id IS NOT NULL
                    UNION ALL SELECT move_line_id, NULL, interest_from FROM account_dunning_item
                    WHERE move_line_id = ANY(%(items)s) AND interest_from IS NOT NULL""",
                items=item_ids,
            )
        )
        former = {item_id: heir_id for item_id, heir_id, _day in rows if heir_id}
        return former, {item_id: day for item_id, _heir, day in rows if day}

    @api.model
    def _read_booked(self, item_ids, former, begun):
        """The interest that is booked by journal item, and what was waived of it; without that of undone notices.

        :param former: see :meth:`_read_former`; what was booked on an item before it was transferred counts, unless
            that is before its interest has ``begun``
        """
        former = {item_id: heir_id for item_id, heir_id in former.items() if heir_id not in begun}
        if not item_ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """SELECT charge.move_line_id, SUM(%(booked)s)::float,
                          COALESCE(SUM(%(booked)s) FILTER (WHERE charge.waived), 0)::float
                     FROM account_dunning_charge charge
                     JOIN account_dunning_notice notice ON notice.id = charge.notice_id
                       AND (notice.state = 'sent' OR notice.bounced)
                     JOIN account_move move ON move.id = charge.move_id
                    WHERE charge.kind NOT IN ('fee', 'earlier') AND charge.move_line_id = ANY(%(items)s)
                    GROUP BY charge.move_line_id""",
                booked=BOOKED,
                items=[*item_ids, *former],
            )
        )
        result = {}
        for item_id, booked, waived in rows:
            before = result.get(former.get(item_id, item_id), (0.0, 0.0))
            result[former.get(item_id, item_id)] = (before[0] + booked, before[1] + waived)
        return result

    @api.model
    def _read_charged(self, item_ids, former):
        """The journal items that bore a fee per item: waived ones count, those of undone notices do not."""
        if not item_ids:
            return set()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT charge.move_line_id FROM account_dunning_charge charge
                     JOIN account_dunning_notice notice ON notice.id = charge.notice_id
                       AND (notice.state = 'sent' OR notice.bounced)
                    WHERE charge.kind = 'fee' AND COALESCE(charge.law_part, 'fee') = 'fee'
                      AND charge.move_line_id = ANY(%s)""",
                [*item_ids, *former],
            )
        )
        return {former.get(row[0], row[0]) for row in rows}

    @api.model
    def _unclaimed(self, claimed, notices, day):
        """SQL condition that nothing else of today claims it; ``claimed`` says what would, on the alias ``claim``."""
        return SQL(UNCLAIMED, claimed=claimed, own=notices.ids, pending=list(PENDING_STATES), day=day)

    @api.model
    def _read_fees(self, notices, lines, day, former):
        """The fees that earlier notices charged about items of the ``lines``, as far as they are not booked.

        :return: rows (charge id, customer id, currency id, journal item ids, amount, number, date, what it is if no fee
            of the letter, rule)
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT charge.id, notice.partner_id, notice.currency_id, ARRAY_AGG(DISTINCT line.move_line_id),
                          (charge.amount - %(booked)s)::float, notice.name, notice.sent_on,
                          CASE WHEN charge.law_part <> 'fee' THEN charge.name END, charge.law_rule
                     FROM account_dunning_notice_line line
                     JOIN account_dunning_notice notice ON notice.id = line.notice_id
                       AND (notice.state = 'sent' OR notice.bounced)
                     JOIN account_dunning_charge charge ON charge.notice_id = notice.id
                     LEFT JOIN account_move move ON move.id = charge.move_id
                    WHERE line.dunned AND line.move_line_id = ANY(%(items)s)
                      AND charge.kind = 'fee' AND charge.waived IS NOT TRUE AND charge.amount > %(booked)s
                      AND COALESCE(charge.move_line_id, line.move_line_id) = line.move_line_id
                      AND %(unclaimed)s
                    GROUP BY charge.id, notice.id, move.id
                    ORDER BY charge.id""",
                booked=BOOKED,
                items=[*lines.move_line_id.ids, *former],
                unclaimed=self._unclaimed(SQL("claim.origin_id = charge.id"), notices, day),
            )
        )
        return [(*row[:3], [former.get(item, item) for item in row[3]], *row[4:]) for row in rows]

    @api.model
    def _read_invoices(self, notices, day):
        """The open invoices of charges of earlier days, of the customers of ``notices``.

        :return: rows (move id, customer id, currency id, journal item ids, amount, number, date)
        """
        return self.env.execute_query(
            SQL(
                """SELECT move.id, notice.partner_id, move.currency_id,
                          ARRAY(SELECT move_line_id FROM account_dunning_notice_line line
                                 WHERE line.notice_id = notice.id AND line.move_line_id IS NOT NULL),
                          move.amount_residual::float, move.name, move.invoice_date
                     FROM account_move move
                     JOIN account_dunning_notice notice ON notice.id = move.dunning_notice_id
                    WHERE notice.company_id = ANY(%(companies)s) AND notice.partner_id = ANY(%(partners)s)
                      AND move.state = 'posted' AND move.move_type = 'out_invoice' AND move.amount_residual > 0
                      AND move.invoice_date < %(day)s AND %(unclaimed)s
                    ORDER BY move.id""",
                companies=notices.company_id.ids,
                partners=notices.partner_id.ids,
                day=day,
                unclaimed=self._unclaimed(SQL("claim.move_id = move.id"), notices, day),
            )
        )

    @api.model
    def _share_out(self, notices, fees, invoices):
        """Give each earlier fee and each open invoice of charges to one of the ``notices``.

        A fee goes to a notice about its items only; an invoice rather to such a one, else to the customer's first that
        tells of it: no reminder, and none without document.

        :return: values of charges by notice id
        """
        takers = defaultdict(list)
        for notice in notices.sorted(lambda notice: (not notice._tells_charges(), notice.id)):
            takers[notice.partner_id.id, notice.currency_id.id].append((notice, set(notice.line_ids.move_line_id.ids)))
        result = defaultdict(list)
        for rows, is_fee in ((fees, True), (invoices, False)):
            for row in rows:
                _id, partner_id, currency_id, item_ids = row[:4]
                candidates = takers[partner_id, currency_id]
                about = [notice for notice, own in candidates if not own.isdisjoint(item_ids)]
                others = [notice for notice, _own in candidates[:1] if notice._tells_charges() and not is_fee]
                for notice in about[:1] or others:
                    result[notice.id].append(self._prepare_earlier_vals(notice, row, is_fee))
        return result

    @api.model
    def _prepare_earlier_vals(self, notice, row, is_fee):
        """Values of the charge by which ``notice`` claims a fee or an invoice once more. Hook."""
        source_id, _partner, _currency, _items, amount, number, day, *law = row
        env = self.with_context(lang=notice._get_lang()).env
        day = format_date(env, day)
        if not is_fee:
            name = env._("Invoice %(number)s of %(date)s", number=number, date=day)
            return {"kind": "earlier", "name": name, "amount": amount, "move_id": source_id}
        what, rule = law
        if what:
            name = env._("%(charge)s (%(notice)s of %(date)s)", charge=what, notice=number, date=day)
        else:
            name = env._("Fee of %(notice)s of %(date)s", notice=number, date=day)
        return {"kind": "earlier", "name": name, "amount": amount, "origin_id": source_id, "law_rule": rule or False}
