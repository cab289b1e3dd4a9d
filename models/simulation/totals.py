from odoo import api
from odoo.tools import formatLang

from .account_dunning_simulation_line import DIFFERENCES

SUMS = ("notices", "first_contacts", "charges", "cost")


class SimulationTotals:
    """What a simulation comes to, of both policies beside each other."""

    __slots__ = ()

    def _read_totals(self):
        """The sums of the lines, by policy: plain values."""
        self.ensure_one()
        lines, own = self.env["account.dunning.simulation.line"], [("simulation_id", "=", self.id)]
        self.env.flush_all()
        totals = {side: {"items": 0, **dict.fromkeys(SUMS, 0)} for side in ("live", "changed")}
        sums = lines._read_group(own, ["policy"], ["__count", *(f"{name}:sum" for name in SUMS)])
        for side, count, *values in sums:
            totals[side] |= {"items": count, **dict(zip(SUMS, values, strict=True))}
        for side, difference, count in lines._read_group(own, ["policy", "difference"], ["__count"]):
            totals[side][difference] = count
        for side in totals:
            received = self._sum_received((self.received or {}).get(side, {}))
            totals[side]["received"] = {str(rung): self.currency_id.round(amount) for rung, amount in received.items()}
        return totals

    @api.depends("totals")
    @api.depends_context("lang")
    def _compute_result(self):
        for simulation in self:
            rows = simulation.totals and simulation._get_rows()
            simulation.result = rows and self.env["ir.qweb"]._render(
                "account_dunning.simulation_result", {"rows": rows, "differences": simulation._get_differences()}
            )

    def _get_rows(self):
        """The totals as rows: a label, and the texts of the live policy, the changed one, and the difference."""
        labels = {
            "notices": self.env._("Notices"),
            "items": self.env._("Invoices dunned (each as often as it was)"),
            "first_contacts": self.env._("Customers first contacted"),
            "charges": self.env._("Charges"),
            "cost": self.env._("Cost of letters"),
        }
        live, changed = self.totals["live"], self.totals["changed"]
        rows = [
            self._get_row(label, live[name], changed[name], name in ("charges", "cost"))
            for name, label in labels.items()
        ]
        rungs = sorted({int(rung) for side in (live, changed) for rung in side["received"]})
        for rung in rungs:
            label = self.env._("Came in late, before level %(number)s", number=rung + 1)
            if rung == rungs[-1]:
                label = self.env._("Came in late, in all")
            sums = [self._get_received(side["received"], rung) for side in (live, changed)]
            rows.append(self._get_row(label, *sums, True))
        return rows

    @api.model
    def _get_received(self, received, rung):
        """What came in before the level after ``rung``: that of the highest rung up to it."""
        return next((received[str(each)] for each in range(rung, -1, -1) if str(each) in received), 0.0)

    def _get_row(self, label, live, changed, money):
        def show(value, sign=""):
            text = formatLang(self.env, value, currency_obj=self.currency_id) if money else f"{value:.0f}"
            return f"+{text}" if sign and value > 0 else text

        return {"label": label, "live": show(live), "changed": show(changed), "more": show(changed - live, "+")}

    def _get_differences(self):
        """How many steps of each policy are the same, or other, in the other one."""
        labels = dict(
            self.env["account.dunning.simulation.line"]._fields["difference"]._description_selection(self.env)
        )
        sides = self.totals["live"], self.totals["changed"]
        return [
            {"label": labels[name], "live": sides[0].get(name, 0), "changed": sides[1].get(name, 0)}
            for name, _label in DIFFERENCES
        ]
