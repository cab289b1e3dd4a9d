from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..base.names import COLLECTORS


class ResPartnerCategory(models.Model):
    """A tag tells which dunning type takes the customers who have it: the tags in rules, seen from there."""

    _name = "res.partner.category"
    _inherit = ["res.partner.category", "account.dunning.guard"]

    dunning_type_ids = fields.Many2many(
        "account.dunning.type",
        "account_dunning_type_res_partner_category_rel",
        "res_partner_category_id",
        "account_dunning_type_id",
        string="Dunning Types with This Tag",
        groups=COLLECTORS,
    )
    dunning_type_id = fields.Many2one(
        "account.dunning.type",
        compute="_compute_dunning_type_id",
        inverse="_inverse_dunning_type_id",
        search="_search_dunning_type_id",
        groups=COLLECTORS,
        domain=lambda self: [("company_id", "=", self.env.company.root_id.id)],
        help="The dunning type, of the current company, that takes the customers with this tag, unless they have a "
        "type of their own. It is a tag in the rule of that type.",
    )

    @api.depends("dunning_type_ids.sequence", "dunning_type_ids.active")
    @api.depends_context("company")
    def _compute_dunning_type_id(self):
        types = self._get_types_by_tag()
        for category in self:
            category.dunning_type_id = types.get(category._origin)

    def _search_dunning_type_id(self, operator, value):
        if operator in ("any", "ilike", "like", "=ilike", "=like"):
            wanted = value if operator == "any" else Domain("name", operator, value)
            value = self.env["account.dunning.type"].search(wanted).ids
        elif operator != "in":
            return NotImplemented
        types = self._get_types_by_tag()
        found = Domain("id", "in", [category.id for category, one in types.items() if one.id in value])
        return found | Domain("id", "not in", [category.id for category in types]) if False in value else found

    @api.model
    def _get_types_by_tag(self):
        """The first type of the current company whose rule has it, by tag."""
        company = self.env.company.root_id
        domain = [("company_id", "=", company.id), ("category_ids", "!=", False)]
        types = {}
        for dunning_type in self.env["account.dunning.type"].search(domain):
            for category in dunning_type.category_ids:
                types.setdefault(category, dunning_type)
        return types

    def _inverse_dunning_type_id(self):
        """Put the tags into the rule of the type, and take them out of those of the others of its company."""
        company = self.env.company.root_id
        own = Domain("company_id", "=", company.id)
        for category in self:
            chosen = category.dunning_type_id
            if chosen and chosen.company_id != company:
                raise UserError(
                    self.env._(
                        "“%(type)s” is a dunning type of %(company)s. Choose one of the current company.",
                        type=chosen.name,
                        company=chosen.company_id.name,
                    )
                )
            with_tag = self.env["account.dunning.type"].search(own & Domain("category_ids", "in", category.ids))
            for dunning_type in with_tag - chosen:
                dunning_type._check_tag_moves(dunning_type.category_ids - category)
                dunning_type.category_ids = [Command.unlink(category.id)]
            if chosen and category not in chosen.category_ids:
                chosen._check_tag_moves(chosen.category_ids)
                chosen.category_ids = [Command.link(category.id)]
