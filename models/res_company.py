from datetime import datetime
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    dunning_mode = fields.Selection(
        [
            ("invoice", "Invoice-Based: a Plan for Each Invoice"),
            ("customer", "Customer-Based: a Plan for Each Customer"),
        ],
        required=True,
        default="invoice",
    )
    dunning_balance_id = fields.Many2one(
        "account.dunning.balance",
        string="Customer Balance to Use",
        ondelete="restrict",
        help="Customer-based dunning begins and ends by this balance. Empty: the default balance.",
    )
    dunning_invoice_type_ids = fields.Many2many(
        "account.dunning.invoice.type",
        string="Invoice Types to Dun",
        default=lambda self: self.env.ref("account_dunning.invoice_type_commercial", raise_if_not_found=False),
    )
    dunning_max_levels = fields.Integer(string="Maximum Number of Dunning Levels", default=5)
    dunning_auto_issue = fields.Boolean(string="Issue Dunning Notices Automatically")
    dunning_letter_sent = fields.Selection(
        [("confirmed", "When a person has printed them"), ("made", "When the PDF is made")],
        string="Letters Count as Sent",
        required=True,
        default="confirmed",
    )
    dunning_start_date = fields.Date(string="Dun Items Due From")

    def _dunning_today(self):
        """The date of today in the company's time zone."""
        self.ensure_one()
        name = self.sudo().partner_id.tz or self.env.user.tz or "UTC"
        return datetime.now(ZoneInfo(name)).date()

    def _get_dunning_balance(self):
        """The customer balance that the company uses: its own choice, else the default one."""
        self.ensure_one()
        return self.dunning_balance_id or self.env["account.dunning.balance"]._get_default()

    @api.constrains("dunning_max_levels")
    def _check_dunning_max_levels(self):
        for company in self:
            if company.dunning_max_levels < 1:
                raise ValidationError(self.env._("The maximum number of dunning levels must be at least 1."))
            types = self.env["account.dunning.type"].sudo().search([("company_id", "=", company.id)])
            too_long = [
                dunning_type.name for dunning_type in types if dunning_type._count_levels() > company.dunning_max_levels
            ]
            if too_long:
                raise ValidationError(
                    self.env._(
                        "These dunning types have more than %(maximum)s levels: %(types)s. Remove levels there first.",
                        maximum=company.dunning_max_levels,
                        types=", ".join(too_long),
                    )
                )

    @api.constrains("dunning_invoice_type_ids")
    def _check_dunning_invoice_types(self):
        for company in self:
            if not company.dunning_invoice_type_ids and not company.parent_id:
                raise ValidationError(self.env._("Choose at least one invoice type to dun."))
