from odoo import fields, models
from odoo.tools import SQL


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    def _dunning_next(self, count, day):
        """Draw ``count`` numbers (strings) of the date ``day``: with one query, where the sequence is a plain standard one.

        Of the year of ``day``, whatever the time zone of who draws them.
        """
        self.ensure_one()
        self = self.with_context(ir_sequence_date=fields.Date.to_string(day))
        if self.implementation != "standard" or self.use_date_range:
            return [self.next_by_id(day) for _index in range(count)]
        rows = self.env.execute_query(
            SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"ir_sequence_{self.id:03d}", count)
        )
        return [self.get_next_char(number) for (number,) in rows]
