import base64

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.sheet import write_sheets
from ..base.roles import Roles
from .dashboard_charts import DashboardCharts
from .dashboard_tiles import DashboardTiles
from .dashboard_view import View

MONTHS_TO_CHOOSE = 36


class AccountDunningDashboard(DashboardTiles, DashboardCharts, Roles, models.AbstractModel):
    """What a manager sees of the collecting of a company: tiles, charts, and the rows behind each of their figures.

    ``snapshot_id`` is the month that is looked at, False for today; ``user_id`` a collector, False for all.
    """

    _name = "account.dunning.dashboard"
    _description = "Dashboard of Collections"

    @api.model
    def get_data(self, snapshot_id=False, user_id=False):
        """All that the screen shows, as plain values."""
        view = self._get_view(snapshot_id, user_id)
        own, currency = self._as_seen(view), view.company.currency_id
        return {
            "company": view.company.name,
            "day": format_date(self.env, view.day),
            "currency": {"symbol": currency.symbol, "position": currency.position, "name": currency.name},
            "snapshot_id": view.snapshot.id,
            "user_id": view.user.id,
            "months": own._get_months(view),
            "users": own._get_collectors(view),
            "tiles": [own._show_tile(tile, view.figures, view.before, currency) for tile in own._get_tiles()],
            "charts": own._get_charts(view),
        }

    @api.model
    def open_rows(self, figure, snapshot_id=False, user_id=False, key=False, series=False):
        """The action that opens what is behind a tile, or behind one bar of a chart.

        :param figure: the name of a tile or chart
        :param key: what the bar stands for, of a chart
        :param series: the key of its series
        """
        view = self._get_view(snapshot_id, user_id)
        own = self._as_seen(view)
        tile = next((tile for tile in own._get_tiles() if tile.name == figure), None)
        opener = getattr(own, f"_open_{tile.rows if tile else figure}", None)
        if not opener or not (tile or figure in ("ageing", "cash", "levels", "rolls", "collectors", "debtors")):
            raise self._unknown()
        return opener(view, tile) if tile else opener(view, key, str(series))

    @api.model
    def get_table(self, snapshot_id=False, user_id=False):
        """The screen as a spreadsheet: its name, and the file in base64."""
        data = self.get_data(snapshot_id, user_id)
        figures = [
            {
                self.env._("Figure"): tile["label"],
                self.env._("Value"): None if tile["number"] is None else round(float(tile["number"]), 2),
                self.env._("Change to Last Month"): tile["change"],
                self.env._("How It Is Computed"): tile["help"],
            }
            for tile in data["tiles"]
        ]
        sheets = {self.env._("Figures"): figures} | dict(map(self._to_sheet, data["charts"].values()))
        name = self.env._("Collections %(day)s.xlsx", day=data["day"].replace("/", "-"))
        return {"name": name, "content": base64.b64encode(write_sheets(sheets)).decode()}

    @api.model
    def _to_sheet(self, chart):
        titles = [series["label"] for series in chart["series"]]
        rows = zip(chart["labels"], *(series["values"] for series in chart["series"]), strict=True)
        return chart["title"], [
            {
                "": label,
                **{title: None if value is None else float(value) for title, value in zip(titles, row, strict=True)},
            }
            for label, *row in rows
        ]

    # what is looked at

    @api.model
    def _get_view(self, snapshot_id, user_id):
        """What a client asks for, where the user may see it."""
        self._check_role("account_dunning.group_dunning_collector")
        company = self.env.company.root_id
        snapshot = self.env["account.dunning.snapshot"].browse(self._to_id(snapshot_id) or ()).exists()
        snapshot.check_access("read")
        if snapshot and snapshot.company_id != company:
            raise UserError(self.env._("This month is of another company. Load the page again."))
        user = self.env["res.users"].browse(self._to_id(user_id) or ()).exists()
        user.check_access("read")
        # the sums of the whole company, for its collectors
        return View(company.sudo(), snapshot.sudo(), user.sudo())

    @api.model
    def _to_id(self, value):
        """The id that a client names, or False where it names none."""
        text = str(value or 0)
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise self._unknown()
        return int(text) or False

    @api.model
    def _unknown(self):
        return UserError(self.env._("There is no figure of that name. Load the page again."))

    @api.model
    def _as_seen(self, view):
        """This model as superuser for the sums of the ``view``; the rights are checked."""
        return self.sudo().with_company(view.company)

    @api.model
    def _get_months(self, view):
        months = self.env["account.dunning.snapshot"].search(
            [("company_id", "=", view.company.id)], limit=MONTHS_TO_CHOOSE
        )
        return [
            {"id": False, "name": self.env._("Today")},
            *({"id": month.id, "name": month.display_name} for month in months),
        ]

    @api.model
    def _get_collectors(self, view):
        cases = self.env["account.collection.case"]
        groups = cases._read_group([("company_id", "=", view.company.id), ("user_id", "!=", False)], ["user_id"])
        users = sorted((user for [user] in groups), key=lambda user: user.name)
        return [{"id": False, "name": self.env._("Everybody")}, *({"id": user.id, "name": user.name} for user in users)]

    # the rows

    @api.model
    def _to_domain(self, name):
        return Domain.AND(Domain(*leaf) for tile in self._get_tiles() if tile.name == name for leaf in tile.domain)

    @api.model
    def _open_items(self, view, tile):
        return self._show_items(view.domain & self._to_domain(tile.name), tile.label)

    @api.model
    def _show_items(self, domain, name):
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_dunning_figure_item_action")
        return {**action, "name": name, "display_name": name, "domain": list(domain)}

    @api.model
    def _open_ageing(self, view, key, series):
        domain = view.domain & Domain("amount", ">", 0) & Domain("age", "=", series)
        if month := self._to_id(key):
            snapshot = self.env["account.dunning.snapshot"].browse(month).exists()
            domain = View(view.company, snapshot, view.user).domain & Domain("amount", ">", 0)
            domain &= Domain("age", "=", series) & Domain("company_id", "=", view.company.id)
        return self._show_items(domain, self.env._("Open Items by Age"))

    @api.model
    def _open_rolls(self, view, key, series):
        last = view.get_months(1)
        domain = View(view.company, last, view.user).domain & Domain("amount", ">", 0) & Domain("age", "=", str(key))
        return self._show_items(domain, self.env._("Roll Rates"))

    @api.model
    def _open_collectors(self, view, key, series):
        domain = view.domain & self._to_domain("overdue") & Domain("user_id", "=", self._to_id(key))
        return self._show_items(domain, self.env._("Overdue by Collector"))

    @api.model
    def _open_debtors(self, view, key, series):
        domain = view.domain & self._to_domain("overdue") & Domain("partner_id", "=", self._to_id(key))
        return self._show_items(domain, self.env._("Largest Debtors, Overdue"))

    @api.model
    def _open_settled(self, view, tile):
        ledger = self.env["account.dunning.ledger"]
        ids = ledger._find_settled_ids(view.company, view.day.replace(day=1), view.day, view.customers)
        moves = self.env["account.move.line"].browse(ids).move_id
        return self._show_records(moves, tile.label, [(False, "list"), (False, "form")])

    @api.model
    def _open_promises(self, view, tile):
        promises = self.env["account.dunning.promise"].search(
            self._in_month(view, "judged_on") & Domain("state", "in", ("kept", "partly", "broken"))
        )
        return self._show_records(promises, tile.label, [(False, "list"), (False, "form")])

    @api.model
    def _open_contacts(self, view, tile):
        contacts = self.env["account.dunning.contact"].search(self._in_month(view, "day"))
        return self._show_records(contacts, tile.label, [(False, "list"), (False, "form")])

    @api.model
    def _in_month(self, view, name):
        domain = Domain("company_id", "=", view.company.id) & Domain(name, ">=", view.day.replace(day=1))
        domain &= Domain(name, "<=", view.day)
        return domain & Domain("partner_id", "in", view.customers) if view.user else domain

    @api.model
    def _open_levels(self, view, key, series):
        lines = self.env["account.dunning.notice.line"].search(
            Domain("level_id", "=", self._to_id(key))
            & Domain("dunned", "=", True)
            & Domain("notice_id.state", "=", "sent")
            & Domain("notice_id.company_id", "=", view.company.id)
            & Domain("notice_id.sent_on", ">=", view.first)
            & Domain("notice_id.sent_on", "<=", view.day)
        )
        return self._show_records(
            lines.notice_id, self.env._("Notices of the Level"), [(False, "list"), (False, "form")]
        )

    @api.model
    def _open_cash(self, view, key, series):
        """What came in a week: the payments; what is expected: the items from which it is."""
        first, last = self._to_week(str(key))
        if series == "expected":
            name = self.env._("Open Items, Part of Which Is Expected in the Week of %(day)s")
            return self._show_items(
                view.domain & Domain("amount", ">", 0), name % {"day": format_date(self.env, first)}
            )
        lines = self.env["account.move.line"].search(
            Domain("company_id", "in", view.company._get_dunning_branches())
            & Domain("account_type", "=", "asset_receivable")
            & Domain("parent_state", "=", "posted")
            & Domain("amount_currency", "<", 0)
            & Domain("date", ">=", first)
            & Domain("date", "<=", min(last, view.day))
            & (Domain("move_id.origin_payment_id", "!=", False) | Domain("move_id.statement_line_id", "!=", False))
        )
        return self._show_records(lines, self.env._("Received"), [(False, "list"), (False, "form")])

    @api.model
    def _show_records(self, records, name, views):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": records._name,
            "views": views,
            "domain": [("id", "in", records.ids)],
            "context": {"create": False},
        }
