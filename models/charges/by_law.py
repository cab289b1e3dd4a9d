"""What notices charge by the law: the engine's claim of each item, and the fee of the letter."""

from collections import defaultdict
from dataclasses import dataclass, field, replace

from odoo import api
from odoo.tools import SQL, format_amount

from ...engine import Debt, LegalClaim, Letter, Refusal, Wish, charge_fee, claim_by_law, conversion_day, refuse_all
from ...engine.law_claim import costs_of
from ...engine.law_days import end_after
from ...engine.money import total
from .refusals import asks_first, write_refusals

# Other items of the letter that keep it from bearing a fee.
BLOCKING = {"gap", "enough", "offset", "no_proof"}


@dataclass(slots=True)
class LegalFacts:
    """What is known of items for the law: ``rulings`` by customer id; by journal item id the ``letters`` that have left
    and what was claimed of compensation and costs (``claimed``, by part). ``claims`` are the engine's by notice line
    id, and ``factors`` those of currencies, once made.
    """

    rulings: dict = field(default_factory=dict)
    letters: dict = field(default_factory=lambda: defaultdict(tuple))
    claimed: dict = field(default_factory=lambda: defaultdict(lambda: defaultdict(float)))
    claims: dict = field(default_factory=dict)
    factors: dict = field(default_factory=dict)


class ChargeByLaw:
    """The bridge to the engine's law, in sets."""

    __slots__ = ()

    @api.model
    def _read_legal_facts(self, company, items, day, former):
        """The :class:`LegalFacts` of journal ``items`` of the root ``company``. A constant number of queries.

        :param former: the present item by the one that it was before it was transferred
        """
        partners = items.partner_id.commercial_partner_id
        items.move_id.fetch(["dunning_ground", "dunning_proof"])  # of all at once
        facts = LegalFacts(self.env["account.dunning.law.reader"]._get_rulings(company, partners, day))
        ids = [*items.ids, *former]
        for item_id, sent, document, fee, bounced in self._read_letters(ids):
            channel = "email" if document == "email" else "letter"
            letter = Letter(sent, channel, fee, not bounced)
            facts.letters[former.get(item_id, item_id)] += (letter,)
        for item_id, part, amount in self._read_claimed(ids):
            facts.claimed[former.get(item_id, item_id)][part] += amount
        return facts

    @api.model
    def _read_letters(self, item_ids):
        """The notices about items that have left: rows (item id, day, document, fee, bounced), the oldest first."""
        return self.env.execute_query(
            SQL(
                """SELECT line.move_line_id, notice.sent_on, notice.document,
                          COALESCE((SELECT SUM(charge.amount) FROM account_dunning_charge charge
                                     WHERE charge.notice_id = notice.id AND charge.kind = 'fee'
                                       AND COALESCE(charge.law_part, 'fee') = 'fee'), 0)::float,
                          notice.bounced IS TRUE
                     FROM account_dunning_notice_line line
                     JOIN account_dunning_notice notice ON notice.id = line.notice_id
                      AND (notice.state = 'sent' OR notice.bounced) AND notice.document <> 'none'
                    WHERE line.dunned AND line.move_line_id = ANY(%s) AND notice.sent_on IS NOT NULL
                    ORDER BY notice.sent_on, notice.id""",
                item_ids,
            )
        )

    @api.model
    def _read_claimed(self, item_ids):
        """What notices that have left claimed of compensation and costs: rows (item id, part, amount)."""
        return self.env.execute_query(
            SQL(
                """SELECT charge.move_line_id, charge.law_part, SUM(charge.amount)::float
                     FROM account_dunning_charge charge
                     JOIN account_dunning_notice notice ON notice.id = charge.notice_id
                      AND (notice.state = 'sent' OR notice.bounced)
                    WHERE charge.move_line_id = ANY(%s) AND charge.law_part IN ('compensation', 'costs')
                    GROUP BY charge.move_line_id, charge.law_part""",
                item_ids,
            )
        )

    # claims

    @api.model
    def _claim_item(self, legal, item, debt, day, wish):
        """The engine's claim of a journal ``item`` on ``day``.

        :param debt: the engine's debt with the amounts of the item; what else is known of it is added here
        """
        ruling = legal.rulings[item.partner_id.commercial_partner_id.id]
        parts = ("interest", "compensation", "costs", "fee")
        if wish:
            parts = [part for part, wanted in (("interest", wish.interest), ("fee", wish.fee)) if wanted]
        if ruling.refusal:
            return refuse_all(ruling.refusal, parts)
        factors = self._get_law_factors(legal, item, debt.due, day)
        if factors is None:
            return refuse_all("currency", parts)
        debt = replace(self._complete(legal, item, debt, ruling), factor=factors[0], compensation_factor=factors[1])
        return claim_by_law(ruling.law, ruling.series, debt, day, wish)

    @api.model
    def _complete(self, legal, item, debt, ruling):
        """The ``debt`` with what is on record about it."""
        settings = item.company_id.root_id._get_dunning_settings()
        return replace(
            debt,
            ground=item.move_id.dunning_ground or ruling.ground,
            letters=legal.letters[item.id],
            compensated=legal.claimed[item.id]["compensation"],
            costs_claimed=legal.claimed[item.id]["costs"],
            agreed=settings.fee_agreed,
            invoice_delivered=item.move_id.dunning_proof,
            deducts_tax=settings.deducts_tax,
            confirmed=ruling.confirmed,
        )

    @api.model
    def _get_law_factors(self, legal, item, due, day):
        """What one unit of the law's currency, and of the compensation's, is in that of the item; None: not known."""
        ruling = legal.rulings[item.partner_id.commercial_partner_id.id]
        currency, other = ruling.record.currency_id, ruling.record.compensation_currency_id
        factors = []
        for source, on in ((currency, day), (other or currency, conversion_day(ruling.law, due, day))):
            key = source, item.currency_id, item.company_id, on
            if key not in legal.factors:
                legal.factors[key] = self.env["account.dunning.law.reader"]._get_factor(*key)
            factors.append(legal.factors[key])
        return factors if all(factors) else None

    @api.model
    def _get_debt(self, line, due, amount, contested, facts):
        """The engine's debt of a notice line, as far as the notice knows it."""
        item_id = line.move_line_id.id
        return Debt(
            due=max(due, facts.begun.get(item_id, due)),
            amount=amount,
            payments=tuple(facts.payments.get(item_id, ())),
            contested=min(contested, amount),
            rounding=line.currency_id.rounding,
        )

    @api.model
    def _claim_line(self, line, wish, facts):
        """The engine's claim of a notice line, made once."""
        claims = facts.legal.claims
        if line.id not in claims:
            contested = line.amount_contested + facts.disputed.get(line.move_line_id.id, 0.0)
            debt = self._get_debt(line, line.due_date, line.amount_original, contested, facts)
            claims[line.id] = self._claim_item(facts.legal, line.move_line_id, debt, line.notice_id.date, wish)
        return claims[line.id]

    @api.model
    def _get_wish(self, line, fee, facts):
        """What the creditor's own settings want of a line; None where the law says it all."""
        if line.notice_id.type_id.law_mode == "statutory":
            return None
        rule = self._get_rule(line.notice_id, facts) if line.level_id.interest else None
        return Wish(rule, fee)

    # rows

    @api.model
    def _charge_by_law(self, notice, lines, facts):
        """Values of fee, compensation and costs of ``notice``; why the rest is not claimed is noted on its lines."""
        fee = total(entry.amount for entry in self._wish_fees(notice, lines, facts))
        claims = {}
        for line in lines:
            if notice.type_id.law_mode != "statutory" or line.level_id._claims_by_law():
                claims[line] = self._claim_line(line, self._get_wish(line, fee, facts), facts)
        rows = [
            self._prepare_law_vals(line, claim, part)
            for part in ("compensation", "costs")
            for line, claim in claims.items()
            if claim.get(part)
        ]
        self._join_costs(claims, rows, facts)
        rows += self._charge_letter(claims, facts)
        return [row for row in rows if row["amount"]]

    @api.model
    def _wish_fees(self, notice, lines, facts):
        """The fees that the levels of the notice want, where they say it."""
        if notice.type_id.law_mode == "statutory":
            return []
        factor, rounding = facts.factors[notice.currency_id.id], notice.currency_id.rounding
        fees = [(notice.level_id._to_fee(factor), lines)]
        fees += [(level._to_fee(factor), group) for level, group in lines.grouped("level_id").items()]
        return [
            entry
            for number, (fee, group) in enumerate(fees)
            if (fee.per == "item") == bool(number)
            for entry in charge_fee(fee, self._get_claims(group, facts), rounding)
        ]

    @api.model
    def _join_costs(self, claims, rows, facts):
        """Costs of one letter are those of the sum of its items, which the first one bears that claims any."""
        claimed = facts.legal.claimed
        bearing = [line for line, claim in claims.items() if claim.get("costs")]
        joined = bearing + [line for line in claims if claimed[line.move_line_id.id]["costs"] and line not in bearing]
        if not bearing or len(joined) < 2:
            return
        first = bearing[0]
        own = {row["move_line_id"]: row for row in rows if row["law_part"] == "costs"}
        for row in own.values():
            row["amount"] = 0.0
        ruling = facts.legal.rulings[first.move_line_id.partner_id.commercial_partner_id.id]
        factor, _other = self._get_law_factors(facts.legal, first.move_line_id, first.due_date, first.notice_id.date)
        debt = Debt(
            due=first.due_date,
            amount=0.0,
            costs_claimed=total(claimed[line.move_line_id.id]["costs"] for line in joined),
            deducts_tax=first.company_id.root_id._get_dunning_settings().deducts_tax,
            factor=factor,
            rounding=first.currency_id.rounding,
        )
        principal = total(line.claim for line in joined) / factor
        own[first.move_line_id.id]["amount"] = costs_of(ruling.law, debt, principal).amount

    @api.model
    def _charge_letter(self, claims, facts):
        """Values of the fee of the letter: one, where some item allows it and none stands against it."""
        blocked = any(
            refusal.part == "fee" and refusal.code in BLOCKING
            for claim in claims.values()
            for refusal in claim.refusals
        )
        allowed = [line for line, claim in claims.items() if claim.get("fee")]
        if blocked or not allowed:
            for line in allowed:
                self._refuse(line, facts, "fee", "gap")
            return []
        line = allowed[0]
        row = self._prepare_law_vals(line, facts.legal.claims[line.id], "fee")
        reason = facts.waived.get((line.notice_id.id, False), False)
        return [{**row, "move_line_id": False, "waived": bool(reason), "waive_reason": reason}]

    @api.model
    def _refuse(self, line, facts, part, code):
        claim = facts.legal.claims[line.id]
        amounts = tuple(entry for entry in claim.amounts if entry.part != part)
        refusals = (*claim.refusals, Refusal(part, code))
        facts.legal.claims[line.id] = LegalClaim(amounts, claim.slices, refusals, claim.start)

    @api.model
    def _prepare_law_vals(self, line, claim, part):
        """Values of the charge for one ``part`` of the engine's ``claim`` of a notice line. Hook."""
        names = {
            "compensation": self.env._("Compensation for late payment of %(invoice)s", invoice=line.name),
            "costs": self.env._("Costs of collection of %(invoice)s", invoice=line.name),
            "fee": self.env._("Dunning fee"),
        }
        entry = next(entry for entry in claim.amounts if entry.part == part)
        return {
            "kind": "fee",
            "name": names[part],
            "move_line_id": line.move_line_id.id,
            "law_part": part,
            "law_rule": self._get_rule_text(line, entry),
            "base": line.claim,
            "amount": entry.amount,
        }

    @api.model
    def _get_rule_text(self, line, entry):
        """Which rule an amount rests on, and what was cut by it."""
        cuts = {
            "minimum": self.env._("at least"),
            "maximum": self.env._("at most"),
            "offset": self.env._("after set-off"),
        }
        if entry.cut not in cuts:
            return entry.source
        wished = format_amount(self.env, entry.wished, line.currency_id)
        return self.env._(
            "%(act)s (%(cut)s; otherwise %(amount)s)", act=entry.source, cut=cuts[entry.cut], amount=wished
        )

    @api.model
    def _prepare_interest_rule(self, line, part, facts):
        """Values that say which rule a slice of interest rests on; none where it is the creditor's own affair."""
        if not line._charges_by_law():
            return {}
        law = facts.legal.rulings[line.move_line_id.partner_id.commercial_partner_id.id].law
        point = self.env["res.lang"]._get_data(code=self.env.lang or "en_US").decimal_point or "."
        reference = total((part.percent, -law.margin)) if law.half_point else part.reference  # as it was rounded
        reference, margin = (f"{percent:g}".replace(".", point) for percent in (reference, law.margin))
        terms = {"act": law.interest_source, "reference": reference, "margin": margin}
        if part.own:
            rule = self.env._("own rate, within %(act)s", **terms)
        elif law.margin:
            rule = self.env._("%(act)s: %(reference)s + %(margin)s %%", **terms)
        else:
            rule = law.interest_source
        return {"law_part": "interest", "law_rule": rule}

    @api.model
    def _prepare_law_deadlines(self, notices, facts):
        """Values by notice id: the deadline of a letter is no earlier than the end of the time that it has to give.

        Two terms on a letter would contradict each other, and the shorter one would void what the law demands.
        """
        result = {}
        for notice in notices:
            claims = [facts.legal.claims[line.id] for line in notice.line_ids if line.id in facts.legal.claims]
            if not any(asks_first(claim.refusals) for claim in claims):
                continue
            law = facts.legal.rulings[notice.line_ids.move_line_id.partner_id.commercial_partner_id.id].law
            if law and law.waiting_days:
                end = end_after(law, Letter(notice.date, "email" if notice.document == "email" else "letter"))
                result[notice.id] = {"deadline_date": max(end, notice.deadline_date)}
        return result

    @api.model
    def _prepare_law_refusals(self, notices, facts):
        """Why the law lets parts of each line not be claimed: texts that ``law_why`` tells, by line id."""
        return {
            line.id: {"law_refusals": write_refusals(facts.legal.claims[line.id].refusals)}
            for line in notices.line_ids
            if line.id in facts.legal.claims
        }
