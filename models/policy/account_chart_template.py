from odoo import models


class AccountChartTemplate(models.AbstractModel):
    _inherit = "account.chart.template"

    def _post_load_data(self, template_code, company, template_data):
        """A company whose chart is loaded gets a dunning type that it can use, unless it has one."""
        result = super()._post_load_data(template_code, company, template_data)
        # who loads a chart need not be a dunning manager
        self.env["account.dunning.type"].sudo()._make_shipped(company or self.env.company)
        return result
