from odoo import api
from odoo.fields import Domain
from odoo.tools import formatLang


class CaseQueues:
    """The queues of the desk, as its search panel shows them."""

    __slots__ = ()

    @api.model
    def search_panel_select_range(self, field_name, **kwargs):
        """The queues with how many cases are in each, and what is overdue of these."""
        self.check_access("read")
        found = super().search_panel_select_range(field_name, **kwargs)
        if field_name != "queue" or "values" not in found:
            return found
        domain = Domain(kwargs.get("search_domain", [])) & Domain(kwargs.get("filter_domain", []))
        sums = {
            queue: amount
            for queue, currency, amount in self._read_group(
                domain & Domain("queue", "!=", False), ["queue", "currency_id"], ["amount_overdue:sum"]
            )
            if self._is_only_currency(currency)
        }
        order = list(dict(self._fields["queue"]._description_selection(self.env)))
        found["values"].sort(key=lambda value: order.index(value["id"]))
        for value in found["values"]:
            if value["id"] in sums:
                value["display_name"] = f"{value['display_name']} · {self._format_round(sums[value['id']])}"
        return found

    @api.model
    def _format_round(self, amount):
        """An amount in the currency of the company, without cents."""
        currency, number = self.env.company.currency_id, formatLang(self.env, amount, digits=0)
        pair = (currency.symbol, number) if currency.position == "before" else (number, currency.symbol)
        return "\N{NO-BREAK SPACE}".join(pair)

    @api.model
    def _is_only_currency(self, currency):
        """Amounts of several currencies have no sum."""
        return self.env.companies.root_id.sudo().currency_id == currency  # a head office that the user may not read
