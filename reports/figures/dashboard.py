from odoo import api, models


class ReportDashboard(models.AbstractModel):
    """The dashboard on one page, for the monthly meeting."""

    _name = "report.account_dunning.report_dashboard"
    _description = "Report: Dashboard of Collections"

    @api.model
    def _get_report_values(self, docids, data=None):
        """The values of the template; what a client asks for is checked where the dashboard is read."""
        asked = data or {}
        board = self.env["account.dunning.dashboard"].get_data(asked.get("snapshot_id"), asked.get("user_id"))
        return {
            "doc_ids": [],
            "doc_model": "account.dunning.dashboard",
            "board": board,
            "company": self.env.company,
            "charts": [self._prepare_chart(chart) for chart in board["charts"].values()],
            "collector": next(user["name"] for user in board["users"] if user["id"] == board["user_id"]),
        }

    @api.model
    def _prepare_chart(self, chart):
        """A chart as rows of bars: the width of each part in percent of the longest row."""
        rows = list(zip(chart["labels"], *(series["values"] for series in chart["series"]), strict=True))
        longest = max((sum(value or 0 for value in row[1:]) for row in rows), default=0) or 1
        digits = 1 if chart["unit"] == "percent" else 0
        return {
            "title": chart["title"],
            "legend": [series["label"] for series in chart["series"]],
            "rows": [
                (
                    label,
                    [(index, max(value or 0, 0) / longest * 100) for index, value in enumerate(values)],
                    " · ".join("–" if value is None else f"{value:,.{digits}f}" for value in values),
                )
                for label, *values in rows
            ],
        }
