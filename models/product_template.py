from odoo import models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def _force_default_tax(self, companies):
        """The products of charges are created without the default taxes of other companies too."""
        if not self.env.context.get("dunning_without_tax"):
            return super()._force_default_tax(companies)
        return None
