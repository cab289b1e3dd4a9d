from odoo import models


class ProductTemplate(models.Model):
    """A new company does not tax charges unless somebody says so."""

    _inherit = "product.template"

    def _force_default_sale_tax(self, companies):
        """Odoo gives products that are taxed in one company the default tax of each new one: not those of charges.

        Damages for late payment bear no tax in most countries, whatever they do in the first one.
        """
        charges = self.env["account.dunning.notice"]._get_charge_products()
        return super(ProductTemplate, self - self.union(*(p.product_tmpl_id for p in charges)))._force_default_sale_tax(
            companies
        )
