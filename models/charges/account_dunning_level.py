from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, ormcache

from ...engine import Fee

BANDED = ("band", "bands")


class AccountDunningLevel(models.Model):
    """What a level charges: interest by the rate of its dunning type, and a fee (rules §8)."""

    _inherit = "account.dunning.level"

    interest = fields.Boolean(
        string="Charge Interest", help="The notice claims interest on its items at the rate of the dunning type."
    )
    law_mode = fields.Selection(related="type_id.law_mode")
    by_law = fields.Boolean(
        string="Claim by Law",
        default=True,
        help="The notice claims what the law gives, where the dunning type charges as the law says.",
    )
    fee_kind = fields.Selection(
        [
            ("none", "No Fee"),
            ("fixed", "Fixed Amount"),
            ("percent", "Percentage"),
            ("band", "By Amount: One Band"),
            ("bands", "By Amount: Accumulated"),
        ],
        string="Fee",
        required=True,
        default="none",
        help="One Band: fee and percentage of the band in which the overdue amount falls.\n"
        "Accumulated: the fees of all bands that the overdue amount reaches, and of each part of it the percentage of "
        "its band.",
    )
    fee_band_ids = fields.One2many("account.dunning.fee.band", "level_id", string="Bands", copy=True)
    fee_amount = fields.Monetary(help="In the company's currency; converted at the date of the notice.")
    fee_percent = fields.Float(
        string="Fee (%)",
        digits=(7, 3),
        aggregator=None,
        help="Percent of what is overdue, net of credits. Earlier charges are not part of it.",
    )
    fee_minimum = fields.Monetary(string="Minimum Fee", help="The fee is never less than this.")
    fee_maximum = fields.Monetary(string="Maximum Fee", help="The fee is never more than this. 0: no maximum.")
    fee_per = fields.Selection(
        [("notice", "Per Notice"), ("item", "Per Item, Once")],
        string="Charged",
        required=True,
        default="notice",
        help="Per Notice: once by each notice whose highest level this is.\n"
        "Per Item, Once: for each item at this level that never bore such a fee at any level.",
    )

    _fee_percent_bounds = models.Constraint(
        "CHECK (COALESCE(fee_percent, 0) BETWEEN 0 AND 100)", "The fee of a level is between 0 and 100 percent."
    )

    @api.constrains("fee_kind", "fee_amount", "fee_percent", "fee_minimum", "fee_maximum", "fee_band_ids")
    def _check_fee(self):
        for level in self:
            level._check_bands()
            if level.fee_kind == "fixed" and level.currency_id.compare_amounts(level.fee_amount, 0) <= 0:
                raise ValidationError(
                    self.env._("The fee of the level “%(level)s” must be more than zero.", level=level.name)
                )
            if level.fee_kind == "percent" and not 0 < level.fee_percent <= 100:
                raise ValidationError(
                    self.env._(
                        "The fee of the level “%(level)s” must be more than 0 and at most 100 percent.",
                        level=level.name,
                    )
                )
            if level._has_bounds() and (level.fee_minimum < 0 or level.fee_maximum < 0):
                raise ValidationError(
                    self.env._("The bounds of the fee of the level “%(level)s” cannot be negative.", level=level.name)
                )
            if level._has_bounds() and level.fee_maximum and level.fee_maximum < level.fee_minimum:
                raise ValidationError(
                    self.env._("The maximum fee of the level “%(level)s” is less than its minimum.", level=level.name)
                )

    def _check_bands(self):
        """Refuse a fee by bands that has none, or whose bands charge nothing."""
        self.ensure_one()
        bands = self.fee_band_ids
        if self.fee_kind in BANDED and not (any(bands.mapped("fee_amount")) or any(bands.mapped("fee_percent"))):
            raise ValidationError(
                self.env._(
                    "The level “%(level)s” charges a fee by amount, but its bands charge nothing. Add a band with a "
                    "fee or a percentage.",
                    level=self.name,
                )
            )

    def _has_bounds(self):
        """True where the fee has a minimum and a maximum."""
        self.ensure_one()
        return self.fee_kind not in ("none", "fixed")

    @api.constrains("interest", "fee_kind", "reminder", "document", "active")
    def _check_charges(self):
        """Who is charged is told so, and was late."""
        for level in self.filtered(lambda level: level.active and level._charges()):
            if level.reminder:
                raise ValidationError(
                    self.env._(
                        "The reminder “%(level)s” cannot charge a fee or interest: nothing is overdue yet.",
                        level=level.name,
                    )
                )
            if level.document == "none":
                raise ValidationError(
                    self.env._(
                        "The level “%(level)s” charges a fee or interest, but sends no document that tells the "
                        "customer. Choose a document for it, or no charges.",
                        level=level.name,
                    )
                )

    @api.constrains("interest", "type_id", "active")
    def _check_interest(self):
        for level in self:
            if level.active and level.interest and not level.type_id.interest_rate_id:
                raise ValidationError(
                    self.env._(
                        "The level “%(level)s” charges interest, but the dunning type “%(type)s” has no interest "
                        "rate. Choose one there first.",
                        level=level.name,
                        type=level.type_id.name,
                    )
                )

    @api.model
    def _get_reminder_blanks(self):
        return {**super()._get_reminder_blanks(), "interest": False, "fee_kind": "none"}

    def _claims_by_law(self):
        """True where a notice of the level claims all that the law gives."""
        self.ensure_one()
        told = not self.reminder and self.document != "none"
        return told and self.by_law and self.type_id.law_mode == "statutory"

    def _charges(self):
        """True where a notice of the level charges anything of its own."""
        self.ensure_one()
        return self.interest or self.fee_kind != "none"

    def _to_fee(self, factor):
        """The fee as a value of the engine; ``factor`` converts its amounts to the currency of the notice."""
        self.ensure_one()
        return Fee(
            kind=self.fee_kind,
            amount=self.fee_amount * factor,
            percent=self.fee_percent,
            minimum=self.fee_minimum * factor,
            maximum=self.fee_maximum * factor,
            per=self.fee_per,
            bands=self._to_bands(factor),
        )

    def _to_bands(self, factor):
        """The bands of the fee as values of the engine, as :meth:`_to_fee`; none of a fee of another kind."""
        self.ensure_one()
        return tuple(
            band._to_band(factor) for band in self.fee_band_ids.sorted("amount_from") if self.fee_kind in BANDED
        )

    @api.model_create_multi
    def create(self, vals_list):
        levels = super().create(vals_list)
        if any(level._charges() or level.law_mode == "statutory" for level in levels):
            self.env.registry.clear_cache()
        return levels

    def write(self, vals):
        result = super().write(vals)
        if vals.get("interest") or vals.get("fee_kind"):
            self.env.registry.clear_cache()
        return result

    @api.model
    @ormcache("company_id")
    def _is_charging(self, company_id):
        """False where no notice of the company can have charges: no level has any, and none was ever made.

        So proposing without charges costs no query.
        """
        self.env["account.dunning.level"].flush_model(["interest", "fee_kind", "company_id"])
        self.env["account.dunning.type"].flush_model(["law_mode", "company_id"])
        [(charging,)] = self.env.execute_query(
            SQL(
                """SELECT EXISTS (SELECT 1 FROM account_dunning_level
                                   WHERE company_id = %(company)s AND (interest OR fee_kind <> 'none'))
                       OR EXISTS (SELECT 1 FROM account_dunning_type
                                   WHERE company_id = %(company)s AND law_mode = 'statutory')
                       OR EXISTS (SELECT 1 FROM account_dunning_charge charge
                                    JOIN account_dunning_notice notice ON notice.id = charge.notice_id
                                   WHERE notice.company_id = %(company)s)""",
                company=company_id,
            )
        )
        return charging
