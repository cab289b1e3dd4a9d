"""What notices charge: reads facts with a few queries per batch, and asks the engine."""

from datetime import timedelta

from odoo import api, models

from ...engine import Claim, accrue, charge_fee, to_charge
from ...engine.money import total
from ...tools.bulk import bulk_update
from .account_dunning_charge import format_percent
from .facts import ChargeFacts, Facts

BLANK = {
    "move_line_id": False,
    "origin_id": False,
    "date_from": False,
    "date_to": False,
    "days": 0,
    "year": 0,
    "base": 0.0,
    "percent": 0.0,
    "bound": False,
    "bands": False,
    "move_id": False,
    "amount_booked": 0.0,
    "waived": False,
    "waive_reason": False,
    "law_part": False,
    "law_rule": False,
}


class AccountDunningCharger(ChargeFacts, models.AbstractModel):
    """The bridge between notices and the engine's interest and fees (rules §8)."""

    _name = "account.dunning.charger"
    _description = "Dunning Charger"

    @api.model
    def _prepare_charges(self, notices, waived):
        """Values of all charges of ``notices``, which are of one company and one date. Hook.

        Why the law lets something not be claimed is noted on their lines, and the time that a letter has to give is its
        deadline. ``waived`` is as in :class:`Facts`.
        A constant number of queries.
        """
        facts = self._read_facts(notices, waived)
        result = []
        for notice in notices:
            charger = self.with_context(lang=notice._get_lang())
            lines = notice.line_ids.filtered(lambda line: line.dunned and line.move_line_id)
            rows = charger._charge_fees(notice, lines, facts)
            rows += charger._charge_interest(notice, lines, facts)
            rows += facts.earlier.get(notice.id, [])
            result += [{**BLANK, **row, "notice_id": notice.id} for row in rows]
        bulk_update(notices.line_ids, self._prepare_law_refusals(notices, facts))
        bulk_update(notices, self._prepare_law_deadlines(notices, facts))
        return result

    @api.model
    def _charge_fees(self, notice, lines, facts):
        """Values of the fees of ``notice``: one a notice by its own level, one an item by the levels of its lines."""
        if notice.type_id._charges_by_law():
            return self._charge_by_law(notice, lines, facts)
        factor, rounding = facts.factors[notice.currency_id.id], notice.currency_id.rounding
        names = {line.move_line_id.id: line.name for line in lines}
        fee = notice.level_id._to_fee(factor)
        found = charge_fee(fee, self._get_claims(lines, facts), rounding) if fee.per == "notice" else ()
        found = list(found)
        for level, group in lines.grouped("level_id").items():
            fee = level._to_fee(factor)
            if fee.per == "item":
                found += charge_fee(fee, self._get_claims(group, facts), rounding)
        return [self._prepare_fee_vals(notice, line, names.get(line.item), facts) for line in found]

    @api.model
    def _get_claims(self, lines, facts):
        return [
            Claim(
                line.move_line_id.id,
                line.claim,
                line.amount_credit,
                line.move_line_id.id in facts.charged,
            )
            for line in lines
        ]

    @api.model
    def _prepare_fee_vals(self, notice, line, name, facts):
        """Values of the charge for the engine's fee ``line``; ``name`` is the number of its invoice. Hook."""
        item_id = line.item or False
        reason = facts.waived.get((notice.id, item_id), False)
        return {
            "kind": "fee",
            "name": self.env._("Dunning fee for %(invoice)s", invoice=name) if name else self.env._("Dunning fee"),
            "move_line_id": item_id,
            "base": line.base,
            "percent": line.percent,
            "bound": line.bound or False,
            "bands": self._describe_bands(notice, line),
            "amount": line.amount,
            "waived": bool(reason),
            "waive_reason": reason,
        }

    @api.model
    def _describe_bands(self, notice, line):
        """What the bands of a fee give, as the letter shows it: fees, and percentages of parts; False without bands."""
        currency, terms = notice.currency_id, []
        for part in line.parts:
            if part.band.amount:
                terms.append(currency.format(part.band.amount))
            if part.band.percent and part.base:
                percent, base = format_percent(self.env, part.band.percent), currency.format(part.base)
                terms.append(self.env._("%(percent)s of %(base)s", percent=percent, base=base))
        return " + ".join(terms) or False

    @api.model
    def _charge_interest(self, notice, lines, facts):
        """Values of the interest on ``lines``, and of what is booked of it; none while it is less than the minimum.

        Below zero it is shown too: the notice claims less, and a credit note is due.
        """
        bearing = lines.filtered(lambda line: line._bears_interest())
        if not bearing:
            return []
        rows = []
        for line in bearing:
            if notice.type_id._charges_by_law():
                slices = self._claim_line(line, self._get_wish(line, 0.0, facts), facts).slices
            else:
                contested = line.amount_contested + facts.disputed.get(line.move_line_id.id, 0.0)
                slices = self._accrue(line, line.due_date, line.amount_original, notice.date, contested, facts)
            rows += [
                {**self._prepare_slice_vals(line, part), **self._prepare_interest_rule(line, part, facts)}
                for part in slices
            ]
            accrued = total(part.amount for part in slices)
            booked = total((accrued, -to_charge(slices, *facts.booked.get(line.move_line_id.id, ()))))
            if not notice.currency_id.is_zero(booked):
                rows.append(self._prepare_booked_vals(line, booked))
        amounts = [row["amount"] for row in rows]
        too_much = notice.currency_id.compare_amounts(total(amounts), 0) < 0
        charging = self._get_rule(notice, facts).reaches_minimum(amounts, notice.currency_id.rounding)
        return rows if too_much or charging else []

    @api.model
    def _accrue(self, line, due, amount, until, contested, facts):
        """The engine's slices of interest on the item of the notice ``line``: on ``amount``, ``due`` then."""
        notice = line.notice_id
        if line._charges_by_law():
            debt = self._get_debt(line, due, amount, contested, facts)
            wish = self._get_wish(line, 0.0, facts)
            return self._claim_item(facts.legal, line.move_line_id, debt, until, wish).slices
        payments = facts.payments.get(line.move_line_id.id, ())
        rule, rounding = self._get_rule(notice, facts), notice.currency_id.rounding
        since = max(due, facts.begun.get(line.move_line_id.id, due))
        return accrue(since, amount, payments, until, rule, rounding, min(contested, amount))

    @api.model
    def _prepare_excess(self, lines):
        """Values of the charges that take off the interest that is booked beyond what has accrued by today.

        ``lines`` are of notices of one company, one line for each item; the items are settled. Nothing can be said
        where the dunning type has no interest rate any more. A constant number of queries.
        """
        lines = lines.filtered(lambda line: line.notice_id.type_id.interest_rate_id or line._charges_by_law())
        if not lines:
            return []
        today = lines.company_id._dunning_today()
        payments = self._read_payments(lines.move_line_id.ids)
        former, begun = self._read_former(lines.move_line_id.ids)
        facts = Facts(
            factors=self._get_factors(lines.notice_id, today),
            payments=payments,
            disputed=self._read_disputed(lines, payments, today),
            booked=self._read_booked(lines.move_line_id.ids, former, begun),
            begun=begun,
            legal=self._read_legal(lines, today, former),
        )
        result = []
        for line in lines:
            item = line.move_line_id
            amount = 0.0 if item.parent_state == "cancel" else item.amount_currency
            due = item.dunning_due_date
            slices = self._accrue(line, due, amount, today, facts.disputed.get(item.id, 0.0), facts)
            left = to_charge(slices, *facts.booked.get(item.id, ()))
            if line.currency_id.compare_amounts(left, 0) < 0:
                result.append(self._prepare_excess_vals(line, left))
        return result

    @api.model
    def _prepare_excess_vals(self, line, amount):
        """Values of the charge by which ``amount``, which is below zero, of interest is given back. Hook."""
        env = self.with_context(lang=line.notice_id._get_lang()).env
        return {
            **BLANK,
            "notice_id": line.notice_id.id,
            "kind": "excess",
            "name": env._("Interest on %(invoice)s that was charged too much", invoice=line.name),
            "move_line_id": line.move_line_id.id,
            "amount": amount,
        }

    @api.model
    def _get_rule(self, notice, facts):
        key = notice.type_id.id, notice.currency_id.id
        if key not in facts.rules:
            facts.rules[key] = notice.type_id._to_interest_rule(facts.factors[notice.currency_id.id])
        return facts.rules[key]

    @api.model
    def _prepare_booked_vals(self, line, booked):
        """Values of the charge that takes off the interest on the notice line that is ``booked``. Hook."""
        return {
            "kind": "booked",
            "name": self.env._("Less: interest on %(invoice)s that was invoiced", invoice=line.name),
            "move_line_id": line.move_line_id.id,
            "amount": -booked,
        }

    @api.model
    def _prepare_slice_vals(self, line, part):
        """Values of the charge for ``part``, the engine's slice of interest on the notice line. Hook."""
        return {
            "kind": "interest",
            "name": self.env._("Interest on %(invoice)s", invoice=line.name),
            "move_line_id": line.move_line_id.id,
            "date_from": part.since + timedelta(1),
            "date_to": part.until,
            "days": part.days,
            "year": part.year,
            "base": part.principal,
            "percent": part.percent,
            "amount": part.amount,
        }
