from odoo import api, models


class ReportStatement(models.AbstractModel):
    """The report *Statement of Account* of customers."""

    _name = "report.account_dunning.report_statement"
    _description = "Report: Statement of Account"

    @api.model
    def _get_report_values(self, docids, data=None):
        """The values of the template."""
        partners = self.env["res.partner"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": "res.partner",
            "docs": partners,
            "statements": self.env["account.dunning.statement"]._get_statements(partners),
        }
