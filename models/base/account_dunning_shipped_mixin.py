from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# In the order of copying.
SHIPPED_MODELS = (
    "account.dunning.reason",
    "account.dunning.invoice.type",
    "account.dunning.balance",
    "account.dunning.action",
    "account.dunning.return.code",
    "account.dunning.score.rule",
    "account.dunning.outcome",
)


class AccountDunningShippedMixin(models.AbstractModel):
    """Records of which each root company has its own.

    What is shipped has no company: it is the template of the copies that each root company gets, and only the superuser
    reads and changes it. ``shipped_as`` says of which template a record is the copy.
    """

    _name = "account.dunning.shipped.mixin"
    _description = "Dunning Record of a Company"
    _inherit = ["account.dunning.guard"]
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company.root_id,
        domain=[("parent_id", "=", False)],
    )
    shipped_as = fields.Char(readonly=True, copy=False, help="The technical name of the shipped record it began as.")

    def _init_column(self, column_name):
        """Records of earlier releases have no company until the migration knows who uses them."""
        return super()._init_column(column_name) if column_name != "company_id" else None

    def write(self, vals):
        """What others rest on stays with its company."""
        if not self.env.su and "company_id" in vals and any(r.company_id.id != vals["company_id"] for r in self):
            raise UserError(self.env._("The company cannot be changed. Make a copy for the other company instead."))
        return super().write(vals)

    @api.model
    def _get_templates(self):
        """The shipped records by their names; none where there are none of this model."""
        # only the superuser reads what is shipped
        templates = self.sudo().with_context(active_test=False).search([("company_id", "=", False)])
        names = {
            res_id: name.removeprefix("account_dunning.")
            for res_id, name in templates.get_external_id().items()
            if name.startswith("account_dunning.")
        }
        return {names[template.id]: template for template in templates if template.id in names}

    @api.model
    def _get_shipped(self, name, company):
        """What the root ``company`` has of the shipped record ``name`` (one record, or none if it was deleted)."""
        return self.search([("shipped_as", "=", name), ("company_id", "=", company.id)], limit=1)

    @api.model
    def _adopt_templates(self, companies):
        """Give each of the root ``companies`` its copy of every template that it has not yet."""
        for model in SHIPPED_MODELS:
            self.env[model].sudo()._copy_templates(companies)  # companies are made by users who do no dunning

    @api.model
    def _copy_templates(self, companies):
        templates = self._get_templates()
        own = self.with_context(active_test=False).search([("company_id", "in", companies.ids)])
        known = {(record.company_id, record.shipped_as) for record in own}
        for company in companies:
            for name, template in templates.items():
                if (company, name) not in known:
                    template._copy_for(company, name)

    @api.model
    def _take_over_translations(self):
        """Give the copies the names that their templates have in languages that they lack, unless they were renamed."""
        self.flush_model(["name", "shipped_as"])
        for name, template in self._get_templates().items():
            self.env.execute_query(
                SQL(
                    """UPDATE %(table)s own SET name = template.name || own.name FROM %(table)s template
                        WHERE template.id = %(template)s AND own.shipped_as = %(name)s
                          AND own.name->>'en_US' = template.name->>'en_US'
                    RETURNING own.id""",
                    table=SQL.identifier(self._table),
                    template=template.id,
                    name=name,
                )
            )
        self.invalidate_model(["name"])

    def _copy_for(self, company, shipped_as=False):
        """A copy of the record, with its translations, for the root ``company``."""
        self.ensure_one()
        return self.with_context(active_test=False).copy({"company_id": company.id, "shipped_as": shipped_as})
