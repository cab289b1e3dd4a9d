"""What the law lets claim, shown to people: in previews, in *Why?*, and in the texts that it demands on a letter."""

from odoo import api
from odoo.tools import format_amount

from ...engine import Debt
from ...engine.law_claim import costs_of
from ...engine.money import total
from .by_law import ChargeByLaw, LegalFacts
from .refusals import asks_first, read_refusals


class LawShown(ChargeByLaw):
    """What people see of the law, besides what a notice charges."""

    __slots__ = ()

    @api.model
    def _preview_claims(self, company, count=3):
        """What the law lets claim today of the ``count`` customers who owe ``company`` most, of their oldest item.

        :return: dicts with customer, item, amounts (pairs of label and text), and why not (text)
        """
        day = company._dunning_today()
        # a manager of dunning need not read all that is owed
        found = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "child_of", company.id),
                    ("account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("amount_residual", ">", 0),
                    ("date_maturity", "<", day),
                    ("partner_id", "!=", False),
                ],
                ["partner_id"],
                ["id:recordset"],
                order="amount_residual:sum DESC",
                limit=count,
            )
        )
        items = self.env["account.move.line"].concat(
            *(lines.sorted(lambda line: (line.date_maturity, line.id))[:1] for _partner, lines in found)
        )
        return [self._show_claim(item, claim) for item, claim in self._claim_items(company, items, day).items()]

    @api.model
    def _claim_items(self, company, items, day):
        """The engine's claims of journal ``items`` by the law alone, by item. A constant number of queries."""
        if not items:
            return {}
        self.env.flush_all()
        former, begun = self._read_former(items.ids)
        legal = self._read_legal_facts(company, items, day, former)
        payments = self._read_payments(items.ids)
        return {
            item: self._claim_item(
                legal,
                item,
                Debt(
                    due=max(item.dunning_due_date, begun.get(item.id, item.dunning_due_date)),
                    amount=item.amount_currency,
                    payments=tuple(payments[item.id]),
                    rounding=item.currency_id.rounding,
                ),
                day,
                None,
            )
            for item in items
        }

    @api.model
    def _show_claim(self, item, claim):
        """The claim of an item in words."""
        labels = dict(self.env["account.dunning.charge"]._fields["law_part"]._description_selection(self.env))
        return {
            "customer": item.partner_id.display_name,
            "item": item.dunning_number,
            "amounts": [
                (labels[entry.part], format_amount(self.env, entry.amount, item.currency_id), entry.source)
                for entry in claim.amounts
            ],
            "why": self.env["account.dunning.law.reader"]._tell_all(claim.refusals),
        }

    @api.model
    def _get_law_texts(self, notice):
        """The texts that a law demands on a letter that gives the time, or makes the demand, before it claims."""
        lines = notice.line_ids.filtered(lambda line: line.dunned and line.move_line_id)
        waiting = lines.filtered(lambda line: asks_first(read_refusals(line.law_refusals)))
        if not waiting or not notice.type_id._charges_by_law():
            return []
        partner, company = lines.move_line_id.partner_id.commercial_partner_id, notice.company_id
        rulings = self.env["account.dunning.law.reader"]._get_rulings(company.root_id, partner, notice.date)
        ruling = rulings[partner.id]
        if ruling.refusal or not ruling.record.letter_text:
            return []
        legal = LegalFacts(rulings)
        factors = self._get_law_factors(legal, waiting[0].move_line_id, waiting[0].due_date, notice.date)
        settings = company.root_id._get_dunning_settings()
        debt = Debt(
            due=waiting[0].due_date,
            amount=0.0,
            deducts_tax=settings.deducts_tax,
            factor=factors[0] if factors else 0.0,
            rounding=notice.currency_id.rounding,
        )
        principal = total(waiting.mapped("claim")) / (debt.factor or 1.0)
        costs = costs_of(ruling.law, debt, principal).amount
        values = {
            "open": format_amount(self.env, total(waiting.mapped("claim")), notice.currency_id),
            "costs": format_amount(self.env, costs, notice.currency_id),
            "company": company.name,
            "company_number": company.company_registry or company.vat or "",
        }
        return [ruling.record.letter_text.format(**values)]
