"""The tiles of the dashboard: what each shows, how it changed, how it is computed, and which rows are behind it."""

from collections.abc import Callable
from dataclasses import dataclass

from odoo import api
from odoo.tools import format_amount, formatLang

ITEMS = "items"


@dataclass(frozen=True)
class Tile:
    """One figure. ``good`` is 1 where more is better, -1 where less is, 0 where neither.

    ``rows`` names what opens, and ``domain`` which of the open items where it is those.
    """

    name: str
    label: str
    unit: str  # money, days or percent
    help: str
    value: Callable
    good: int = -1
    rows: str = ITEMS
    domain: tuple = ()


def share(part, whole):
    return part / whole * 100 if whole else None


class DashboardTiles:
    """What the tiles say of the figures of a day (a dict, as a snapshot keeps it)."""

    __slots__ = ()

    @api.model
    def _get_tiles(self):
        """All tiles, in the order in which they are shown. Hook."""
        return [*self._get_amount_tiles(), *self._get_ratio_tiles()]

    @api.model
    def _get_amount_tiles(self):
        owed, of = ("amount", ">", 0), self._of
        return [
            Tile("overdue", self.env._("Overdue"), "money",
                 self.env._("Open items past their due date."), of("overdue"),
                 domain=(owed, ("age", "!=", "0"))),
            Tile("current", self.env._("Not Due Yet"), "money",
                 self.env._("Open items not past their due date."), of("current"), good=0,
                 domain=(owed, ("age", "=", "0"))),
            Tile("disputed", self.env._("Disputed"), "money",
                 self.env._("The part of open items that customers contest."),
                 of("disputed"), domain=(("disputed", ">", 0),)),
            Tile("promised", self.env._("Promised"), "money",
                 self.env._("The part of open items that a promise to pay covers."),
                 of("promised"), good=0, domain=(("promised", ">", 0),)),
            Tile("held", self.env._("On Hold"), "money",
                 self.env._("The part of open items on hold for other reasons."), of("held"),
                 domain=(("held", ">", 0),)),
            Tile("agency", self.env._("With an Agency"), "money",
                 self.env._("Open items handed over to a collection agency."),
                 of("agency"), domain=(("agency", ">", 0),)),
            Tile("credits", self.env._("Unallocated Credits"), "money",
                 self.env._("Payments and credit notes set off against nothing."),
                 of("credits"), domain=(("amount", "<", 0),)),
        ]  # fmt: skip

    @api.model
    def _get_ratio_tiles(self):
        of = self._of
        return [
            Tile("dso", self.env._("DSO"), "days",
                 self.env._("Days sales outstanding: receivables ÷ sales of 90 days × 90."), of("dso")),
            Tile("countback", self.env._("DSO by Countback"), "days",
                 self.env._("Whole months of sales are taken off the receivables, the latest first, the last in part."),
                 lambda figures: figures["countback"]["days"]),
            Tile("best_dso", self.env._("Best Possible DSO"), "days",
                 self.env._("What is not due of the receivables ÷ sales of 90 days × 90."), of("best_dso"), good=0),
            Tile("delinquent", self.env._("Average Days Delinquent"), "days", self.env._("DSO less best possible DSO."),
                 of("delinquent")),
            Tile("effectiveness", self.env._("Collection Effectiveness"), "percent",
                 self.env._("Of the month: (opening + sales − closing) ÷ (opening + sales − closing not due)."),
                 of("effectiveness"), good=1),
            Tile("days_late", self.env._("Weighted Days Late"), "days",
                 self.env._("Of the invoices settled in the month: Σ amount × days after due, at least 0 ÷ Σ amount."),
                 of("days_late"), rows="settled"),
            Tile("promises", self.env._("Promises Kept"), "percent",
                 self.env._("Of the promises judged in the month: kept ÷ (kept + partly kept + broken)."),
                 lambda figures: share(figures["promises_kept"], figures["promises_judged"]), good=1, rows="promises"),
            Tile("right_party", self.env._("Right Person Reached"), "percent",
                 self.env._("Of the contacts of the month: those with the right person ÷ all."),
                 lambda figures: share(figures["right_party"], figures["contacts"]), good=1, rows="contacts"),
        ]  # fmt: skip

    @api.model
    def _of(self, name):
        return lambda figures: figures[name]

    @api.model
    def _show_tile(self, tile, figures, before, currency):
        """A tile as plain values; ``before`` are the figures of the month before, None where there are none."""
        value, former = tile.value(figures), before and tile.value(before)
        change = None if value is None or former is None else value - former
        trend = "" if not change or not tile.good else "good" if change * tile.good > 0 else "bad"
        return {
            "name": tile.name,
            "label": tile.label,
            "help": tile.help,
            "value": self._format(tile, figures, value, currency),
            "number": value,
            "change": "" if change is None else self._format_number(tile.unit, change, currency),
            "direction": 0 if not change else 1 if change > 0 else -1,
            "trend": trend,
        }

    @api.model
    def _format(self, tile, figures, value, currency):
        text = "–" if value is None else self._format_number(tile.unit, value, currency)
        older = tile.name == "countback" and not figures["countback"]["complete"]
        return self.env._("more than %(days)s", days=text) if older else text

    @api.model
    def _format_number(self, unit, value, currency):
        if unit == "money":
            return format_amount(self.env, value, currency)
        text = formatLang(self.env, value, digits=1)
        return self.env._("%(number)s days", number=text) if unit == "days" else f"{text} %"
