from odoo import models
from odoo.exceptions import ValidationError


class AccountMove(models.Model):
    """The receivables of an invoice or journal entry."""

    _inherit = "account.move"

    def _get_dunning_item(self):
        """The one receivable item of a journal entry.

        :raises ValidationError: where it has several, each of which is a document of its own
        """
        self.ensure_one()
        items = self.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        if len(items) != 1:
            raise ValidationError(
                self.env._(
                    "Each item of the journal entry %(entry)s is a document of its own: choose the item.",
                    entry=self.name,
                )
            )
        return items
