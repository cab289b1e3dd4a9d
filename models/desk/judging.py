"""What became of promises: read from the ledger with two queries, judged by the engine, written in sets."""

from collections import defaultdict

from odoo import api
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date

from ...engine import Movement, Part, Promise, allocate, judge, next_level, shift
from ...tools.bulk import bulk_update
from ..plan.settlement import SETTLEMENT_KIND

JUDGED = ("open", "kept", "partly", "broken", "void")
# States after which what was covered and is still owed is due at once.
AT_ONCE = ("broken", "partly", "withdrawn")
LATE_BOOKINGS = 30  # days for which a promise that was not kept is judged anew each night

# What happened to the items that promises cover since they were made, in the currency of the items. A credit note is no
# money, whatever it was made for.
MOVEMENTS = f"""
SELECT cover.promise_id, counter.date, partial.debit_amount_currency::float,
       counter_move.move_type <> 'out_refund' AND {SETTLEMENT_KIND} = 'paid'
  FROM account_dunning_promise promise
  JOIN account_dunning_promise_item cover ON cover.promise_id = promise.id
  JOIN account_move_line line ON line.id = cover.move_line_id
  JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id AND partial.id > promise.last_partial
  JOIN account_move_line counter ON counter.id = partial.credit_move_id
  JOIN account_move counter_move ON counter_move.id = counter.move_id
  LEFT JOIN account_payment payment ON payment.id = counter_move.origin_payment_id
 WHERE promise.id = ANY(%s) AND (payment.state IN ('draft', 'rejected', 'canceled')) IS NOT TRUE
   AND NOT EXISTS (SELECT 1 FROM account_partial_reconcile exchange WHERE exchange.exchange_move_id = counter_move.id)
"""

# What is open of the items that promises cover; what returned payments had settled is.
OPEN = """
WITH returned AS (%s)
SELECT cover.promise_id, SUM(GREATEST(line.amount_residual_currency + COALESCE(returned.amount_currency, 0), 0))::float
  FROM account_dunning_promise_item cover
  JOIN account_move_line line ON line.id = cover.move_line_id AND line.parent_state = 'posted'
  LEFT JOIN returned ON returned.line_id = line.id
 WHERE cover.promise_id = ANY(%s)
 GROUP BY cover.promise_id
"""

# Money of customers that is matched with nothing yet: on their accounts, and in bank transactions, but for those that
# are the other side of a payment which waits for them.
FREE = """
SELECT line.partner_id, line.currency_id, line.date, -line.amount_residual_currency::float
  FROM account_move_line line
  JOIN account_move move ON move.id = line.move_id
  LEFT JOIN account_payment payment ON payment.id = move.origin_payment_id
 WHERE %(open_item)s AND line.reconciled IS NOT TRUE AND line.amount_residual_currency < 0
   AND line.partner_id = ANY(%(partners)s) AND (payment.id IS NOT NULL OR move.statement_line_id IS NOT NULL)
   AND (payment.state IN ('draft', 'rejected', 'canceled')) IS NOT TRUE
 UNION ALL
SELECT payer.commercial_partner_id, COALESCE(bank.foreign_currency_id, bank.currency_id), move.date,
       CASE WHEN bank.foreign_currency_id IS NULL THEN bank.amount ELSE bank.amount_currency END::float
  FROM account_bank_statement_line bank
  JOIN account_move move ON move.id = bank.move_id AND move.state = 'posted'
  JOIN res_partner payer ON payer.id = bank.partner_id
 WHERE bank.is_reconciled IS NOT TRUE AND bank.amount > 0 AND move.company_id = ANY(%(companies)s)
   AND payer.commercial_partner_id = ANY(%(partners)s)
   AND NOT EXISTS (SELECT 1 FROM account_payment waiting
                    WHERE waiting.partner_id = payer.id AND waiting.payment_type = 'inbound'
                      AND waiting.state = 'in_process' AND waiting.is_matched IS NOT TRUE
                      AND waiting.amount IN (bank.amount, bank.amount_currency))
"""


class PromiseJudging:
    __slots__ = ()

    @api.model
    def _judge_due(self, company):
        """Judge the promises of ``company`` whose day has come, and those that late bookings may put right."""
        today = company._dunning_today()
        failed = Domain("state", "in", ("broken", "partly")) & Domain("judged_on", ">", shift(today, -LATE_BOOKINGS))
        due = Domain("turns_on", "<=", today) | failed
        self.sudo().search(due & Domain("company_id", "=", company.id))._judge()  # they follow the ledger

    @api.model
    def _judge_customers(self, company_id, partner_ids):
        """Judge the promises of customers, by ids: something about what they owe may have changed."""
        of_these = Domain("company_id", "=", company_id) & Domain("partner_id", "in", partner_ids)
        self.sudo().search(of_these & Domain("state", "in", JUDGED))._judge()  # they follow the ledger

    def _judge(self):
        """Judge these promises, and the others of their customers, by what the ledger says today; in sets.

        Money that is matched with nothing serves the promises of a customer together, so that they are judged so.
        """
        for company, promises in self.sudo().grouped("company_id").items():  # they follow the ledger, whoever books
            others = Domain("case_id", "in", promises.case_id.ids) & Domain("state", "in", JUDGED)
            together = self.sudo().search(others, order="made_on, id")
            together._follow_judgements(company, together._get_judgements(company))

    def _get_judgements(self, company):
        """What the engine says of each promise, by promise: all that are judged of their customers, in their order."""
        values, movements = self._to_engine(), self._read_movements()
        booked_until, today = self._get_booked_until(company), company._dunning_today()
        free = self._read_free_money(company)
        result = {}
        for (partner, currency), promises in self.grouped(lambda p: (p.partner_id, p.currency_id)).items():
            given = allocate(
                [values[promise.id] for promise in promises],
                [movements[promise.id] for promise in promises],
                free[partner.id, currency.id],
            )
            for promise, own in zip(promises, given, strict=True):
                result[promise] = judge(values[promise.id], own, today, booked_until)
        return result

    def _to_engine(self):
        """The promises as values of the engine, by id."""
        reader = self.env["account.dunning.reader"]
        covered = SQL(
            "debit.id IN (SELECT move_line_id FROM account_dunning_promise_item WHERE promise_id = ANY(%s))", self.ids
        )
        self.env.flush_all()
        still_open = dict(self.env.execute_query(SQL(OPEN, reader._returned_query(covered), self.ids)))
        return {
            promise.id: Promise(
                made=promise.made_on,
                parts=tuple(Part(part.date, part.amount) for part in promise.part_ids.sorted("date")),
                open=still_open.get(promise.id, 0.0),
                tolerance=promise.tolerance,
                threshold=promise.threshold,
                default_days=promise.default_days if promise.agreement else None,
                rounding=promise.currency_id.rounding,
            )
            for promise in self
        }

    def _read_movements(self):
        """What happened to the covered items since each promise: lists of movements, by id of the promise."""
        result = defaultdict(list)
        for promise_id, day, amount, paid in self.env.execute_query(SQL(MOVEMENTS, self.ids)):
            result[promise_id].append(Movement(day, amount, "paid" if paid else "lowered"))
        return result

    def _read_free_money(self, company):
        """Money that is matched with nothing: lists of movements, by ids of customer and currency."""
        terms = {
            "open_item": self.env["account.dunning.reader"]._open_item_condition(company),
            "partners": self.partner_id.ids,
            "companies": list(company._get_dunning_branches()),
        }
        result = defaultdict(list)
        for partner_id, currency_id, day, amount in self.env.execute_query(SQL(FREE, **terms)):
            result[partner_id, currency_id].append(Movement(day, amount, "free"))
        return result

    @api.model
    def _get_booked_until(self, company):
        """The day of the last bank transaction booked, or None where the calendar alone decides."""
        if not company._get_dunning_settings().promise_by_bank:
            return None
        rows = self.env.execute_query(
            SQL(
                """SELECT MAX(move.date) FROM account_bank_statement_line bank
                     JOIN account_move move ON move.id = bank.move_id AND move.state = 'posted'
                     JOIN account_journal journal ON journal.id = move.journal_id AND journal.type = 'bank'
                    WHERE move.company_id = ANY(%s)""",
                list(company._get_dunning_branches()),
            )
        )
        return rows[0][0]

    @api.model
    def _get_last_partial(self):
        """The last reconciliation that there is: what comes after it, comes after the promise."""
        return self.env.execute_query(SQL("SELECT COALESCE(MAX(id), 0) FROM account_partial_reconcile"))[0][0]

    # what follows

    def _follow_judgements(self, company, judgements):
        """Write what the engine said of each promise, and let holds begin and end by it."""
        today = company._dunning_today()
        before = {promise: promise.state for promise in self}
        values = {each.id: each._prepare_judged_vals(judgement, today) for each, judgement in judgements.items()}
        for promise in self._get_superseded(values):
            values[promise.id].update(state="replaced", next_on=False, turns_on=False, judged_on=today)
        bulk_update(self, values, compare=True)
        self._write_parts(judgements)
        changed = self.filtered(lambda promise: promise.state != before[promise])
        changed._sync_covers()
        over = changed.filtered(lambda promise: promise.state != "open")
        over.hold_ids.filtered(lambda hold: not hold.ended_on)._end_today()
        again = changed - over
        again._hold()
        changed.filtered(lambda promise: before[promise] in AT_ONCE)._take_back_release()
        changed._recount_levels()
        changed._tell_judged()

    def _get_superseded(self, values):
        """Promises that would be open again by their ``values``, but whose items a newer one covers: that one stays."""
        again = self.filtered(lambda promise: promise.state != "open" and values[promise.id]["state"] == "open")
        covers = self.env["account.dunning.promise.item"].search(
            [("move_line_id", "in", again.item_ids.move_line_id.ids), ("is_open", "=", True)]
        )
        staying = covers.filtered(lambda cover: values.get(cover.promise_id.id, {}).get("state", "open") == "open")
        taken, superseded = staying.move_line_id, self.browse()
        for promise in again.sorted("id", reverse=True):
            lines = promise.item_ids.move_line_id
            if lines & taken:
                superseded += promise
            else:
                taken += lines
        return superseded

    def _sync_covers(self):
        """Note on what the promises cover whether they are open; what is over first, since one is open at most."""
        still = self.filtered(lambda promise: promise.state == "open")
        (self - still).item_ids.filtered("is_open").is_open = False
        self.env.flush_all()
        still.item_ids.filtered(lambda cover: not cover.is_open).is_open = True

    def _prepare_judged_vals(self, judgement, today):
        waiting = [part for part, judged in zip(self.part_ids.sorted("date"), judgement.parts, strict=True)
                   if judged.state in ("open", "late")]  # fmt: skip
        is_open = judgement.state == "open"
        return {
            "state": judgement.state,
            "amount_owed": judgement.promised,
            "amount_received": judgement.received,
            "next_on": waiting[0].date if is_open and waiting else False,
            "turns_on": judgement.turns_on or False,
            "judged_on": False if is_open else (self.judged_on if self.state == judgement.state else today) or today,
        }

    def _write_parts(self, judgements):
        values = {}
        for promise, judgement in judgements.items():
            for part, judged in zip(promise.part_ids.sorted("date"), judgement.parts, strict=True):
                values[part.id] = {"state": judged.state, "received": judged.received}
        bulk_update(self.part_ids, values, compare=True)

    def _take_back_release(self):
        """What was due at once since these promises had come to nothing, is not any more: they did not."""
        lines = self.filtered(lambda promise: promise.state in ("open", "kept", "void")).item_ids.move_line_id
        covers = self.env["account.dunning.promise.item"].search([("move_line_id", "in", lines.ids)])
        lines -= covers.filtered(lambda cover: cover.promise_id.state in AT_ONCE).move_line_id
        lines.dunning_item_state_ids.filtered("released_on").write({"released_on": False})

    def _recount_levels(self):
        """The levels of promises on the same items, by what became of those before them."""
        lines = self.item_ids.move_line_id
        covers = self.env["account.dunning.promise.item"].search([("move_line_id", "in", lines.ids)])
        last = {}
        for promise in covers.promise_id.sorted("id"):
            own = promise.item_ids.move_line_id
            level = max((next_level(*last[line]) for line in own if line in last), default=1)
            if promise.level != level:
                promise.level = level
            last.update(dict.fromkeys(own, (level, promise.state)))

    def _tell_judged(self):
        """Say in the case what became of promises."""
        states = dict(self._fields["state"]._description_selection(self.env))
        bodies = defaultdict(list)
        for promise in self:
            bodies[promise.case_id.id].append(
                self.env._(
                    "%(amount)s promised on %(date)s: %(state)s",
                    amount=format_amount(self.env, promise.amount, promise.currency_id),
                    date=format_date(self.env, promise.made_on),
                    state=states[promise.state],
                )
            )
        if bodies:
            cases = self.env["account.collection.case"].browse(bodies)
            cases._message_log_batch(bodies={case_id: ". ".join(texts) for case_id, texts in bodies.items()})
