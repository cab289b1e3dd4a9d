"""A debt that is transferred to another receivable account goes on under its new item (spec §6)."""

from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .account_collection_plan import OPEN_STATES

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
                      AND (hold.move_line_id = line.id OR hold.move_id = line.move_id)))
 ORDER BY partial.debit_move_id, heir.balance = partial.amount DESC, heir.id
"""


class AccountDunningItem(models.Model):
    _inherit = "account.dunning.item"

    @api.model
    def _follow_transfers(self, line_ids):
        """Let dunning go on under the new items where journal items were transferred to another receivable account.

        The new item has the level, the number and the due date of the oldest debt in it, and its plan; what was held
        is held there. One query where nothing was transferred.
        """
        rows = self.env.execute_query(SQL(TRANSFERS, ids=list(line_ids)))
        lines = self.env["account.move.line"].browse({row[0] for row in rows} | {row[1] for row in rows})
        for heir, sources in self._pair(rows, lines).items():
            self._inherit_state(heir, sources)
            sources._hand_on_plans(heir)
            sources._hand_on_holds(heir)

    @api.model
    def _pair(self, rows, lines):
        """The items that were transferred, by the item that takes their place: each of the same amount takes one."""
        candidates, taken, result = defaultdict(list), set(), defaultdict(lines.browse)
        for source_id, heir_id, amount, _in_currency in rows:
            candidates[source_id].append((heir_id, amount))
        for source_id, heirs in candidates.items():
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
    def _inherit_state(self, heir, sources):
        """Give the journal item ``heir`` the dunning state of ``sources``: of the one that has reached most.

        What is transferred in full keeps its due date and what was charged on it; of a part, interest until now is that
        of the whole, so that it falls due with the transfer.
        """
        sources = sources.sorted(lambda line: (line.dunning_due_date, line.id))
        states = sources.dunning_item_ids
        numbers = ", ".join(dict.fromkeys(sources.mapped("dunning_number")))
        whole = sources.filtered("reconciled")
        if whole == sources and not heir.date_maturity and not heir.matched_credit_ids:
            heir.date_maturity = sources[0].dunning_due_date
        values = {
            "move_line_id": heir.id,
            "move_id": heir.move_id.id,
            "partner_id": heir.partner_id.id,
            "number": numbers,
            "heir_line_id": False,
        }
        former = whole.dunning_item_ids + self.search([("heir_line_id", "in", whole.ids)])
        former.heir_line_id = heir
        if not states:
            company = heir.company_id.root_id
            self.create({**values, "company_id": company.id})
            return
        leading = states.sorted(lambda state: (state.level_id.days if state.level_id else -1, -state.id))[-1]
        if leading.plan_id.mode != "customer":
            values["plan_id"] = False
        leading.copy(values)


class AccountCollectionPlan(models.Model):
    _inherit = "account.collection.plan"

    def _return_transfers(self):
        """Plans of items without debt whose former document is open again, as its transfer was undone: they return.

        :return: those that are about their former document again
        """
        back = self.browse()
        for plan in self.filtered(lambda plan: plan.mode == "invoice" and plan.move_line_id):
            former = plan.item_ids.filtered(
                lambda item: (
                    item.move_line_id - plan.move_line_id  # noqa: B023
                    and item.move_line_id.parent_state == "posted"
                    and item.move_line_id.amount_residual > 0
                )
            )
            line = former[:1].move_line_id
            key = self._get_key(plan.company_id, line.move_id, line, plan.partner_id)
            if line and key not in self._find_open(plan.company_id, plan.partner_id.ids):
                plan.write({"move_id": key[0], "move_line_id": key[1]})
                former.heir_line_id = False
                plan._note(
                    self.env._("The transfer was undone; the debt is that of %(document)s again.", document=plan.name)
                )
                back += plan
        return back


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

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
        plans = plans.filtered(lambda plan: plan._get_document_lines() & self and not open_lines[plan])
        going_on = plans.filtered(lambda plan: plan.state in OPEN_STATES)
        kept = going_on.sorted(lambda plan: (plan.level_id.days if plan.level_id else -1, -plan.id))[-1:]
        moving = plans - going_on + kept
        moving.write({"move_id": heir.move_id.id, "move_line_id": heir.id})
        heir.dunning_item_ids.plan_id = (kept or moving[-1:] or heir.dunning_item_ids.plan_id).id
        moving._note(
            self.env._(
                "Transferred by %(entry)s to the account %(account)s; the debt goes on there.",
                entry=heir.move_id.name,
                account=heir.account_id.display_name,
            )
        )
        kept._plan_next()

    def _hand_on_holds(self, heir):
        """Let the holds in force on these items, or on their invoices where all is settled, be on ``heir``."""
        settled = self.move_id.filtered(
            lambda move: all(line.reconciled for line in move.line_ids if line.account_type == "asset_receivable")
        )
        holds = self.env["account.dunning.hold"].search(
            Domain("ended_on", "=", False)
            & (Domain("move_line_id", "in", self.ids) | Domain("move_id", "in", settled.ids))
        )
        for hold in holds:
            amount = hold.amount
            if not amount and len(self) > 1:  # of several debts in one item only one is held
                held = self.filtered(lambda line: line == hold.move_line_id or line.move_id == hold.move_id)  # noqa: B023
                amount = min(sum(held.mapped("amount_currency")), heir.amount_currency)
            hold.write({"move_id": False, "move_line_id": heir.id, "amount": amount})
