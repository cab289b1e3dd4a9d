from odoo import models

from ..base.account_dunning_shipped_mixin import SHIPPED_MODELS


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def _load_module_terms(self, modules, langs, overwrite=False):
        """Translations come to what is shipped; the companies' own records take over what nobody has rewritten."""
        result = super()._load_module_terms(modules, langs, overwrite=overwrite)
        if "account_dunning" in modules:
            for model in SHIPPED_MODELS:
                self.env[model]._take_over_translations()
            self.env["account.dunning.type"]._translate_later(langs)
        return result
