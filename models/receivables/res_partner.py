from odoo import api, models
from odoo.tools import SQL

from ..base.names import COLLECTORS
from .dunned_by import DunnedBy, DunnedByField


class ResPartner(DunnedBy, models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "account.dunning.guard"]

    dunned_by_id = DunnedByField(
        "account.dunning.type",
        string="Dunned By",
        compute="_compute_dunned_by_id",
        search="_search_dunned_by_id",
        groups=COLLECTORS,
        help="The dunning type that takes the customer in the current company: his own, his parent's, that of a rule, "
        "or the default. An open collection plan keeps its own.",
    )

    @api.depends("dunning_type_id", "parent_id", "is_company", "category_id")
    @api.depends_context("company")
    def _compute_dunned_by_id(self):
        return super()._compute_dunned_by_id()

    @api.model
    def _get_dunned_by_sql(self, alias, query):
        taken = query.make_alias(alias, "taken")
        types = self.env["account.dunning.reader"]._get_type_query(self.env.company.root_id)
        customer = SQL.identifier(alias, "commercial_partner_id")
        query.add_join("LEFT JOIN", taken, SQL("(%s)", types), SQL("%s = %s", SQL.identifier(taken, "id"), customer))
        return SQL.identifier(taken, "type_id")
