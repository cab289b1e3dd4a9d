"""A debt that is transferred to another receivable account goes on under its new item (rules §6)."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.names import OPEN_STATES

# Transfers of what dunning knows of: the item that was settled, and the open receivable of the same customer that the
# settling entry booked instead, the one with the same amount first.
TRANSFERS = """
SELECT partial.debit_move_id, heir.id, partial.amount::float, partial.debit_amount_currency::float
  FROM account_partial_reconcile partial
  JOIN account_move_line line ON line.id = partial.debit_move_id
  JOIN account_move_line counter ON counter.id = partial.credit_move_id
  JOIN account_move entry ON entry.id = counter.move_id AND entry.move_type = 'entry'
                         AND entry.origin_payment_id IS NULL AND entry.statement_line_id IS NULL
                         AND entry.dunning_write_off_plan_id IS NULL
  JOIN account_move_line heir ON heir.move_id = entry.id AND heir.partner_id = line.partner_id
                             AND heir.balance > 0 AND heir.amount_residual > 0 AND heir.id <> line.id
  JOIN account_account account ON account.id = heir.account_id AND account.account_type = 'asset_receivable'
 WHERE partial.debit_move_id = ANY(%(ids)s)
   AND NOT EXISTS (SELECT 1 FROM account_dunning_item known WHERE known.move_line_id = heir.id)
   AND (EXISTS (SELECT 1 FROM account_dunning_item known WHERE known.move_line_id = line.id)
        OR EXISTS (SELECT 1 FROM account_collection_plan plan WHERE plan.move_id = line.move_id)
        OR EXISTS (SELECT 1 FROM account_dunning_hold hold
                    WHERE hold.ended_on IS NULL
                      AND (hold.move_line_id = line.id OR hold.move_id = line.move_id))
        OR EXISTS (SELECT 1 FROM account_dunning_notice_line waiting
                    WHERE waiting.pending AND waiting.move_line_id = line.id))
 ORDER BY partial.debit_move_id, heir.balance = partial.amount DESC, heir.id
"""


# What the plan about a part that was transferred has from the plan about the rest.
OF_THE_PART = (
    "type_id",
    "state",
    "close_reason",
    "opened_on",
    "closed_on",
    "level_id",
    "collection_status",
    "last_notice_date",
    "paused_on",
    "paused_until",
    "reason_id",
    "idle_days",
    "keeps_out",
    "user_id",
)


# What notices about the new item have changed.
SINCE = ("last_notice_date", "deadline_days", "times", "resumed_on", "not_before", "released_on")
SINCE_KEYS = ("level_id", "last_notice_id", "reminder_level_id")


class AccountDunningItem(models.Model):
    _inherit = "account.dunning.item"

    plan_id = fields.Many2one(
        "account.collection.plan", string="Collection Plan", index="btree_not_null", ondelete="set null"
    )

    def _reset(self):
        super()._reset()
        self.plan_id = False

    @api.model
    def _adopt(self, moves):
        """Let the receivable items of ``moves``, posted again, have the level that the invoice had (rules §6).

        An invoice that has another customer now begins anew for him.
        """
        known = self.search([("move_id", "in", moves.ids)], order="id") if moves else self
        self.env["account.collection.plan"]._end_for_other_customers(known.move_id)
        for move, states in known.grouped("move_id").items():
            if move.move_type == "entry":
                for partner, group in states.grouped("partner_id").items():
                    group._adopt_lines(move.line_ids.filtered(lambda line: line.partner_id == partner), False)  # noqa: B023
            else:
                states._adopt_lines(move.line_ids, True)
        self.env["account.collection.plan"]._touch(known.exists().move_line_id.ids)

    def _adopt_lines(self, lines, all_of_them):
        """Give the receivables among ``lines``, of one document, these states, in order of due dates.

        ``all_of_them``: a line without a state takes the highest level. One that is not yet due has none.
        """
        orphans = self.filtered(lambda state: not state.move_line_id)
        lines = lines.filtered(lambda line: line.account_type == "asset_receivable") - self.move_line_id
        lines = lines.sorted(lambda line: (line.dunning_due_date, line.id))
        highest = self.sorted(lambda state: state.level_id.days if state.level_id else -1)[-1:]
        adopted = self - orphans
        for index, line in enumerate(lines if all_of_them else lines[: len(orphans)]):
            state = orphans[index] if index < len(orphans) else highest.copy({"move_line_id": False})
            state.move_line_id = line
            if state.plan_id.move_id.move_type == "entry":
                state.plan_id.move_line_id = line
            adopted += state
        for state in adopted:
            state._begin_anew()
        (orphans - adopted).unlink()

    def _begin_anew(self):
        """Clear the state of an item that was posted again for another customer, or is not due yet."""
        self.ensure_one()
        line = self.move_line_id
        if line.partner_id != self.partner_id:
            self.write({"partner_id": line.partner_id.id, "reminder_level_id": False})
            self._reset()
        elif line.dunning_due_date > self.company_id._get_dunning_day():
            self._reset()

    @api.model
    def _follow_transfers(self, line_ids):
        """Let dunning go on under the new items where journal items were transferred to another receivable account.

        The new item has the level, the number and the due date of the oldest debt in it, and its plan; what was held
        is held there. One query where nothing was transferred.
        """
        rows = self.env.execute_query(SQL(TRANSFERS, ids=list(line_ids)))
        lines = self.env["account.move.line"].browse({row[0] for row in rows} | {row[1] for row in rows})
        pairs = self._pair(rows, lines)
        for heir, sources in pairs.items():
            self._inherit_state(heir, sources)
            sources._hand_on_plans(heir)
            sources._hand_on_holds(heir)
        self._hand_on_rests(rows, pairs)

    @api.model
    def _hand_on_rests(self, rows, pairs):
        """Give each of the items that one debt became (say instalments) its state, and a plan of its own.

        ``pairs`` is what :meth:`_pair` gives, of ``rows``.
        """
        chosen = {source: heir for heir, sources in pairs.items() for source in sources}
        for source_id, heir_id, amount, _in_currency in rows:
            source, rest = self.env["account.move.line"].browse((source_id, heir_id))
            heir = chosen[source]
            becomes_more = pairs[heir] == source and rest.currency_id == source.currency_id
            if rest.dunning_item_state_ids or not becomes_more or heir.balance >= amount:
                continue
            self._inherit_state(rest, source, rest=True)
            for hold in heir.dunning_hold_ids.filtered(lambda hold: not hold.ended_on and not hold.amount):
                hold.copy({"move_line_id": rest.id})
            heir.dunning_item_state_ids.plan_id.filtered(lambda plan: plan.mode == "invoice")._divide(rest)

    @api.model
    def _pair(self, rows, lines):
        """The items that were transferred, by the item that takes their place: each of the same amount takes one.

        One of the same currency comes first; of several the largest.
        """
        candidates, taken, result = defaultdict(list), set(), defaultdict(lines.browse)
        for source_id, heir_id, amount, _in_currency in rows:
            candidates[source_id].append((heir_id, amount))
        for source_id, heirs in candidates.items():
            currency = lines.browse(source_id).currency_id
            heirs = [heir for heir in heirs if lines.browse(heir[0]).currency_id == currency] or heirs
            exact = [
                heir_id
                for heir_id, amount in heirs
                if heir_id not in taken
                and not lines.company_currency_id[:1].compare_amounts(lines.browse(heir_id).balance, amount)
            ]
            heir_id = exact[0] if exact else max(heirs, key=lambda heir: lines.browse(heir[0]).balance)[0]
            taken.add(heir_id)
            result[lines.browse(heir_id)] += lines.browse(source_id)
        return result

    @api.model
    def _inherit_state(self, heir, sources, rest=False):
        """Give the journal item ``heir`` the dunning state of ``sources``: of the one that has reached most.

        It keeps the oldest due date, where the entry gives none. What was charged on debts that were transferred in
        full is charged on it; of a part, interest until now is that of the whole: its own begins with the transfer.
        With ``rest``, the sources became several items, and this is none of those that stand for them.
        """
        sources = sources.sorted(lambda line: (line.dunning_due_date, line.id))
        states = sources.dunning_item_state_ids
        whole = sources.filtered(lambda line: line.reconciled and not rest)
        part = sources - whole
        if not heir.date_maturity:
            heir.date_maturity = sources[0].dunning_due_date
        begun = list(filter(None, states.mapped("interest_from")))
        values = {
            "move_line_id": heir.id,
            "move_id": heir.move_id.id,
            "partner_id": heir.partner_id.id,
            "number": ", ".join(dict.fromkeys(sources.mapped("dunning_number"))),
            "heir_line_id": False,
            "part_of_id": part.dunning_item_state_ids[:1].id,
            "interest_from": max(begun, default=False) if all(sources.mapped("reconciled")) else heir.date,
        }
        former = whole.dunning_item_state_ids + self.search([("heir_line_id", "in", whole.ids)])
        former.heir_line_id = heir
        if not states:
            self.create({**values, "company_id": heir.company_id.root_id.id})
            return
        leading = states.sorted(lambda state: (state.level_id.days if state.level_id else -1, -state.id))[-1]
        if leading.plan_id.mode != "customer":
            values["plan_id"] = False
        leading.copy(values)

    def _take_over(self, heir):
        """Take back what the state ``heir`` has reached since, as the transfer to it was undone."""
        self.heir_line_id = False
        since = self.filtered(lambda state: heir.last_notice_date and heir.last_notice_date != state.last_notice_date)
        since.write({name: heir[name] for name in SINCE} | {key: heir[key].id for key in SINCE_KEYS})


class PlanTransfers:
    __slots__ = ()

    def _return_transfers(self):
        """Let plans return to their former document where it is open again, because its transfer was undone.

        :return: those that are about their former document again
        """
        back = self.browse()
        for plan in self.filtered(lambda plan: plan.mode == "invoice" and plan.move_line_id):
            former = plan.item_state_ids.filtered(
                lambda item: (
                    item.move_line_id - plan.move_line_id  # noqa: B023
                    and item.move_line_id.parent_state == "posted"
                    and item.move_line_id.amount_residual > 0
                )
            )
            line = former[:1].move_line_id
            key = self._get_key(plan.company_id, line.move_id, line, plan.partner_id)
            if line and key not in self._find_open(plan.company_id, plan.partner_id.ids):
                former._take_over(plan.move_line_id.dunning_item_state_ids)
                plan.write({"move_id": key[0], "move_line_id": key[1]})
                plan._note(
                    self.env._("The transfer was undone; the debt is that of %(document)s again.", document=plan.name)
                )
                back += plan
        return back

    def _divide(self, heir):
        """Let a part of the debt, which was transferred to the journal item ``heir``, have a plan of its own.

        :return: the plan (one record, or none), which stands where that of the rest stands, with an open one first
        """
        plan = self.sorted(lambda plan: (plan.state in OPEN_STATES, plan.id))[-1:]
        if not plan:
            return plan
        values = plan._read_format(OF_THE_PART, load=None)[0]
        values.pop("id")
        opening = self._get_opening(plan.company_id, plan.type_id, heir)
        part = self._open_plans(
            [{**self._prepare_plan_vals(opening), **values, "mode": "invoice"}],
            [
                self.env._(
                    "A part of the debt of %(document)s was transferred by %(entry)s to the account %(account)s.",
                    document=plan.name,
                    entry=heir.move_id.name,
                    account=heir.account_id.display_name,
                )
            ],
        )
        part.write({"move_id": heir.move_id.id, "move_line_id": heir.id})
        heir.dunning_item_state_ids.plan_id = part
        part._settle()
        return part


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _debt_changed(self):
        super()._debt_changed()
        self.env["account.collection.plan"]._touch(self.ids)

    def _hand_on_plans(self, heir):
        """Let the plans about these items, where nothing else of their documents is open, be about ``heir``.

        Of several open ones that at the highest level goes on; the others end as transferred. What a person stopped
        stays stopped for the new item.
        """
        plans = self.env["account.collection.plan"].search(
            Domain("mode", "=", "invoice")
            & Domain("move_id", "in", self.move_id.ids)
            & Domain("partner_id", "=", heir.partner_id.id)
            & (Domain("state", "in", (*OPEN_STATES, "unrecovered")) | Domain("keeps_out", "=", True))
        )
        open_lines = plans._get_open_lines()
        plans = plans.filtered(lambda plan: plan._get_document_lines() & self)
        divided = plans.filtered(lambda plan: open_lines[plan])
        plans -= divided
        going_on = plans.filtered(lambda plan: plan.state in OPEN_STATES)
        kept = going_on.sorted(lambda plan: (plan.level_id.days if plan.level_id else -1, -plan.id))[-1:]
        moving = plans - going_on + kept
        moving.write({"move_id": heir.move_id.id, "move_line_id": heir.id})
        heir.dunning_item_state_ids.plan_id = (kept or moving[-1:] or heir.dunning_item_state_ids.plan_id).id
        moving._note(
            self.env._(
                "Transferred by %(entry)s to the account %(account)s; the debt goes on there.",
                entry=heir.move_id.name,
                account=heir.account_id.display_name,
            )
        )
        if not heir.dunning_item_state_ids.plan_id:
            divided._divide(heir)
        kept._settle()

    def _hand_on_holds(self, heir):
        """Let the holds in force on these items, or on their invoices where all is settled, be on ``heir``.

        Where a part was transferred, or an instalment of an invoice that is held, ``heir`` is held too.
        """
        holds = self.env["account.dunning.hold"].search(
            Domain("ended_on", "=", False)
            & (Domain("move_line_id", "in", self.ids) | Domain("move_id", "in", self.move_id.ids))
        )
        for hold in holds:
            held = self.filtered(lambda line: line == hold.move_line_id or line.move_id == hold.move_id)  # noqa: B023
            left = (hold.move_line_id or hold.move_id.line_ids).filtered(
                lambda line: line.account_type == "asset_receivable" and not line.reconciled
            )
            amount = hold.amount
            if not amount and len(self) > 1:  # of several debts in one item only one is held
                amount = min(sum(held.mapped("amount_currency")), heir.amount_currency)
            values = {"partner_id": False, "move_id": False, "move_line_id": heir.id, "amount": amount}
            if not left:
                hold.write(values)
            elif not hold.amount:
                hold.copy(values)
