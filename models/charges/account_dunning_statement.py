from odoo import api, models


class AccountDunningStatement(models.AbstractModel):
    """Says what payments that name no invoice are set against by law."""

    _inherit = "account.dunning.statement"

    @api.model
    def _get_statements(self, partners):
        """Besides, in a part: ``allocation`` (act, and pairs of label and amount), where the law sets charges first."""
        statements = super()._get_statements(partners)
        if not statements:
            return statements
        company = statements[0]["company"]
        ids = [statement["customer"].id for statement in statements if statement["parts"]]
        # whoever may print the statement need not be a collector
        allocations = self.env["account.dunning.allocation"].sudo()
        proposed = allocations._propose(company, partners.sudo().browse(ids), statements[0]["date"])
        for statement in statements:
            named = allocations.with_context(lang=statement["lang"])
            for part in statement["parts"]:
                if allocation := proposed.get((statement["customer"].id, part["currency"].id)):
                    rows = [(named._name_item(item), amount) for _paid, item, amount in allocation.shares]
                    part["allocation"] = {"source": allocation.source, "rows": rows}
        return statements
