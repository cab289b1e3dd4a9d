import re

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.shipped import get_record

SHIPPED = {
    "account.dunning.run": "account_dunning.sequence_dunning_run",
    "account.dunning.notice": "account_dunning.sequence_dunning_notice",
    "account.dunning.handover": "account_dunning.sequence_dunning_handover",
}


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    @api.model
    def _dunning_get(self, code, company_id):
        """The sequence (one, as superuser) that numbers the records of the model ``code`` of a company.

        A deleted one is made anew, and goes on after the highest number given.
        """
        domain = [("code", "=", code), ("company_id", "in", (company_id, False))]
        found = self.sudo().search(domain, order="company_id", limit=1)  # collectors may not read sequences
        return found or self._dunning_make_anew(code, company_id)

    @api.model
    def _dunning_make_anew(self, code, company_id):
        sequence = get_record(self.env, SHIPPED[code])
        if sequence.company_id or not sequence.active or sequence.code != code:  # somebody uses it for something else
            sequence = sequence.copy({"company_id": company_id, "active": True, "code": code})
        # numbers of all companies
        names = self.env[code].sudo().search([("name", "!=", False)]).mapped("name")
        numbers = [int(match[0]) for name in names if (match := re.search(r"\d+$", name))]
        sequence.number_next_actual = max(numbers, default=0) + 1
        return sequence

    def _dunning_next_by_code(self, code, company, day):
        """Draw the next number of the records of the model ``code`` of ``company``, for the date ``day``."""
        return self._dunning_get(code, company.id)._on_dunning_day(day).next_by_id(day)

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
        prefix, suffix = self._get_prefix_suffix()  # as ``get_next_char``, which finds them for each number anew
        return [f"{prefix}{number:0{self.padding}d}{suffix}" for (number,) in rows]
