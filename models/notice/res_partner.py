from math import ceil

from odoo import models

LINE = 42  # letters that a line in the window of an envelope holds
# The window holds five lines of the usual size: from how many lines on which size, in em, and height of a line.
SIZES = ((11, 0.62, 1.1), (8, 0.72, 1.1), (6, 0.85, 1.15))


class ResPartner(models.Model):
    """The address on letters."""

    _inherit = "res.partner"

    def _get_dunning_statement_name(self):
        """What the file of the customer's statement of account is called, without its ending."""
        self.ensure_one()
        return self.env._(
            "Statement of Account %(customer)s %(date)s",
            customer=(self.display_name or "").replace("/", "-"),
            date=self.env.company._dunning_today(),
        )

    def _get_dunning_address_style(self):
        """CSS that makes a long address so small that it fits in the window of an envelope."""
        self.ensure_one()
        text = f"{self.display_name or ''}\n{self._display_address(without_company=True)}"
        lines = sum(ceil(len(line) / LINE) for line in text.splitlines() if line.strip())
        size = next(
            (f"font-size: {size}em; line-height: {height};" for least, size, height in SIZES if lines >= least), ""
        )
        return size or None
