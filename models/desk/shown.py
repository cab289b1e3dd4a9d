"""What the form of a case shows of other records."""

from odoo import api
from odoo.fields import Domain
from odoo.tools import format_amount, formatLang

from ...tools.together import find_together
from ..base.names import OPEN_STATES


class CaseShown:
    __slots__ = ()

    def _compute_shown(self):
        known = self.filtered("partner_id")
        for name in ("item_ids", "hold_ids", "credit_stop", "timeline", "coming"):
            (self - known)[name] = False
        for case in known:
            case._show(case._find_shown())

    def _show(self, found):
        """Fill in what the form shows of other records; ``found`` as of :meth:`_find_shown`. Hook."""
        self.ensure_one()
        self.item_ids = self.env["account.move.line"].browse(found["item"])
        self.hold_ids = self.env["account.dunning.hold"].browse(found["hold"])
        self.credit_stop = bool(found["stop"])
        plans = self.env["account.collection.plan"].browse(found["plan"])
        render = self.env["ir.qweb"]._render
        self.timeline = render("account_dunning.collection_case_timeline", {"entries": self._get_entries()})
        self.coming = render("account_dunning.collection_case_coming", {"entries": self._get_coming(plans)})

    def _find_shown(self):
        """The ids of what the form shows, by kind, with one query for all of them."""
        return find_together(self.env, self._get_shown_queries())

    def _get_shown_queries(self):
        """Searches by kind: the customer's open items, open plans and holds that the user may read. Hook."""
        own = Domain("company_id", "=", self.company_id.id)
        branches = Domain("company_id", "in", self.company_id._get_dunning_branches())
        customer = Domain("partner_id", "=", self.partner_id.id)
        lines, plans, holds = (
            self.env[name] for name in ("account.move.line", "account.collection.plan", "account.dunning.hold")
        )
        queries = {
            "item": lines._search(lines._get_open_item_domain() & branches & customer, order="date_maturity, date, id"),
            "plan": plans._search(own & customer & Domain("state", "in", OPEN_STATES), order="leading_due_date, id"),
            "hold": holds._search(
                own & Domain("commercial_partner_id", "=", self.partner_id.id) & Domain("promise_id", "=", False),
                order="ended_on desc, id desc",
                limit=60,
            ),
        }
        consequences = self.env["account.dunning.consequence"].sudo()  # a yes or no
        stops = consequences._search(own & customer & Domain("credit_stop", "=", True))
        return {**queries, "stop": stops}

    def _get_coming(self, plans):
        """What comes in each of ``plans`` while nothing is paid: dicts with date, title and detail, the next first."""
        entries = [{**entry, "plan": plan} for plan in plans for entry in plan._get_coming_entries()]
        return sorted(entries, key=lambda entry: entry["date"])

    # how old the debt is, and how he keeps what he promises

    @api.depends("amount_not_due", "aged_1", "aged_31", "aged_61", "aged_91")
    def _compute_ageing(self):
        names = ("amount_not_due", "aged_1", "aged_31", "aged_61", "aged_91")
        labels = {name: self._fields[name]._description_string(self.env) for name in names}
        for case in self:
            total = sum(max(case[name], 0.0) for name in names)
            parts = [
                {
                    "name": name,
                    "label": labels[name],
                    "amount": formatLang(self.env, case[name], currency_obj=case.currency_id),
                    "share": round(100 * case[name] / total, 1) if total else 0,
                }
                for name in names
            ]
            case.ageing = self.env["ir.qweb"]._render("account_dunning.collection_case_ageing", {"parts": parts})

    @api.depends("promise_ids.state")
    def _compute_promise_habits(self):
        for case in self:
            states = case.promise_ids.mapped("state")
            made = sum(states.count(state) for state in ("kept", "partly", "broken"))
            kept = states.count("kept")
            case.promise_habits = self.env._("%(kept)s of %(made)s", kept=kept, made=made) if made else False

    @api.depends("item_ids")
    def _compute_foreign(self):
        """What he owes in each currency, where any of it is not in that of the company."""
        for case in self:
            groups = case.item_ids.grouped("currency_id")
            amounts = (
                format_amount(self.env, sum(lines.mapped("amount_residual_currency")), currency)
                for currency, lines in groups.items()
            )
            case.foreign = " + ".join(amounts) if groups.keys() - {case.currency_id} else False
