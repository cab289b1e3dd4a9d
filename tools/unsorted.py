"""Fields by which no list is sorted or grouped, and which say so themselves.

Core finds that out by trying, whenever a model is described; and it describes the journal items several times for each
invoice that is posted or paid (``account.move.line.write``).
"""

from odoo import fields


class Unsorted:
    def _description_sortable(self, env):
        return False

    def _description_groupable(self, env):
        return False

    def _description_aggregator(self, env):
        return None


class Boolean(Unsorted, fields.Boolean):
    pass


class Char(Unsorted, fields.Char):
    pass


class Date(Unsorted, fields.Date):
    pass


class Integer(Unsorted, fields.Integer):
    pass


class Monetary(Unsorted, fields.Monetary):
    pass


class Many2one(Unsorted, fields.Many2one):
    pass


class One2many(Unsorted, fields.One2many):
    pass
