from odoo import api, fields, models


class AccountDunningWhy(models.TransientModel):
    """*Why?* tells, too, what the law lets claim of each item, and why not the rest."""

    _inherit = "account.dunning.why"

    @api.model
    def _prepare_lines(self, verdicts):
        rows = super()._prepare_lines(verdicts)
        types = self.env["account.dunning.type"].sudo()  # names only
        asked = [v.item.id for v in verdicts if v.rule and types.browse(v.rule.id)._charges_by_law()]
        # what the law says of the items that the engine was asked about
        items = self.env["account.move.line"].sudo().browse(asked)
        charger = self.env["account.dunning.charger"].sudo()
        claims = charger._claim_items(self.company_id, items, self.date)
        answers = {item.id: self._get_law_answer(charger._show_claim(item, claims[item])) for item in items}
        return [{**row, "law": answers.get(v.item.id)} for row, v in zip(rows, verdicts, strict=True)]

    @api.model
    def _get_law_answer(self, shown):
        """The claim of an item in words: a line for each amount, and for each reason why not."""
        lines = [f"{label}: {amount} ({source})" for label, amount, source in shown["amounts"]]
        return "\n".join(filter(None, [*lines, shown["why"]]))


class AccountDunningWhyLine(models.TransientModel):
    _inherit = "account.dunning.why.line"

    law = fields.Text(string="By Law")
