from odoo import models
from odoo.tools import SQL


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    def _dunning_next(self, count):
        """Draw ``count`` numbers (strings): with one query, where the sequence is a plain standard one."""
        self.ensure_one()
        if self.implementation != "standard" or self.use_date_range:
            return [self.next_by_id() for _index in range(count)]
        rows = self.env.execute_query(
            SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"ir_sequence_{self.id:03d}", count)
        )
        return [self.get_next_char(number) for (number,) in rows]
