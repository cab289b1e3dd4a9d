"""One2many fields that read their lines whole."""

from collections import defaultdict

from odoo import fields
from odoo.fields import Domain

from .unsorted import Unsorted


class One2many(fields.One2many):
    """Reads what its lines hold together with their ids: one query, where core takes one for each of both.

    For lines of which something is always read: those of all records are read at once, and a slice of them, too.
    """

    def read(self, records):  # pylint: disable=method-required-super
        comodel = records.env[self.comodel_name].with_context(**{"active_test": False, **self.context})
        lines = comodel.search_fetch(self.get_comodel_domain(records) & Domain(self.inverse_name, "in", records.ids))
        ids = defaultdict(list)
        for line in lines:
            ids[line[self.inverse_name].id].append(line.id)
        self._insert_cache(records, [tuple(ids[record_id]) for record_id in records._ids])


class UnsortedOne2many(Unsorted, One2many):
    """The same for models that core describes at each posting."""
