from odoo import models


class ProductTemplate(models.Model):
    """A new company does not tax charges unless somebody says so."""

    _inherit = "product.template"

    def _force_default_sale_tax(self, companies):
        """Odoo gives products that are taxed in one company the default tax of each new one: not those of charges.

        Damages for late payment bear no tax in most countries, whatever they do in the first one.
        """
        # not made anew where they are missing: this is also asked while they are made
        names = ("account_dunning.product_fee", "account_dunning.product_interest")
        charges = [self.env.ref(name, raise_if_not_found=False) for name in names]
        others = self - self.union(*(product.product_tmpl_id for product in charges if product))
        return super(ProductTemplate, others)._force_default_sale_tax(companies)
