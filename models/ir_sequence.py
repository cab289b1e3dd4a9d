from odoo import api, fields, models
from odoo.tools import SQL


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    @api.model
    def _dunning_next_by_code(self, code, company):
        """Draw the next number of today, in the time zone of ``company``, whatever that of the user is."""
        day = company.sudo().root_id._dunning_today()
        return self.with_company(company)._on_dunning_day(day).next_by_code(code, day)

    def _on_dunning_day(self, day):
        """The sequences, with the year, month and day of ``day`` in the numbers that they give."""
        return self.with_context(ir_sequence_date=fields.Date.to_string(day))

    def _dunning_next(self, count, day):
        """Draw ``count`` numbers (strings) of the date ``day``: with one query, where the sequence is a plain one."""
        self.ensure_one()
        self = self._on_dunning_day(day)
        if self.implementation != "standard" or self.use_date_range:
            return [self.next_by_id(day) for _index in range(count)]
        rows = self.env.execute_query(
            SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"ir_sequence_{self.id:03d}", count)
        )
        return [self.get_next_char(number) for (number,) in rows]
