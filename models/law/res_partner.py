from stdnum import get_cc_module
from stdnum.exceptions import ValidationError as BadNumber

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.names import COLLECTORS
from .account_dunning_settings import GROUNDS

KINDS = [("business", "Business"), ("consumer", "Consumer"), ("public", "Public Body")]

# Numbers that only businesses have, by country: modules of python-stdnum. ES: a NIF may be a person's, a CIF is none.
TAX_NUMBERS = {"ES": "cif", "IT": "iva"}
REGISTERS = {
    "AT": "businessid", "BE": "vat", "CH": "uid", "DE": "handelsregisternummer", "DK": "cvr", "ES": "cif",
    "FI": "ytunnus", "FR": "siren", "NO": "orgnr", "PL": "regon",
}  # fmt: skip


class ResPartner(models.Model):
    """What kind of debtor a customer is, by evidence, and by which law he owes more than the debt."""

    _inherit = "res.partner"

    dunning_kind_set = fields.Selection(
        KINDS,
        string="Kind of Debtor",
        groups=COLLECTORS,
        help="Empty: a business where the VAT or register number proves it, else a consumer.",
    )
    dunning_kind = fields.Selection(KINDS, compute="_compute_dunning_kind", string="Counts As", groups=COLLECTORS)
    dunning_kind_evidence = fields.Char(compute="_compute_dunning_kind", string="Evidence", groups=COLLECTORS)
    dunning_ground = fields.Selection(
        GROUNDS,
        string="What Puts Into Default",
        company_dependent=True,
        groups=COLLECTORS,
        help="Empty: as in the settings of dunning.",
    )
    dunning_law_country_id = fields.Many2one(
        "res.country",
        string="Agreed Law",
        company_dependent=True,
        groups=COLLECTORS,
        help="Of a business abroad: the country whose law on late payment was agreed. Without it nothing is claimed.",
    )
    dunning_law_reason = fields.Char(
        string="Where It Was Agreed", company_dependent=True, groups=COLLECTORS, help="E.g. the contract and its date."
    )

    @api.depends("commercial_partner_id.dunning_kind_set", "is_company", "vat", "company_registry", "country_id")
    @api.depends_context("lang")
    def _compute_dunning_kind(self):
        for partner in self:
            partner.dunning_kind, partner.dunning_kind_evidence = partner.commercial_partner_id._guess_dunning_kind()

    def _guess_dunning_kind(self):
        """The kind of debtor of a commercial partner, and what tells it. Hook."""
        self.ensure_one()
        if self.dunning_kind_set:
            return self.dunning_kind_set, self.env._("Set by a person")
        if not self.is_company:
            return "consumer", self.env._("A natural person")
        country = self.country_id.code or ""
        if country and self._has_number(country, TAX_NUMBERS.get(country, "vat"), self.vat):
            return "business", self.env._("A company with the valid VAT number %(number)s", number=self.vat)
        if country in REGISTERS and self._has_number(country, REGISTERS[country], self.company_registry):
            return "business", self.env._("A company with the register number %(number)s", number=self.company_registry)
        return "consumer", self.env._("No evidence of a business: neither a valid VAT number nor a register number")

    @api.model
    def _has_number(self, country, kind, number):
        """True where ``number`` is a valid one of this ``kind`` of python-stdnum, with or without its country."""
        module = get_cc_module(country.lower(), kind) if number else None
        if not module:
            return False
        try:
            prefix = {"GR": "EL"}.get(country, country)
            module.validate(number.strip().upper().removeprefix(prefix) if kind in ("cif", "iva") else number)
        except BadNumber:
            return False
        return True

    @api.constrains("dunning_law_country_id", "dunning_law_reason")
    def _check_dunning_law(self):
        for partner in self.sudo():  # a constraint sees all
            if partner.dunning_law_country_id and not partner.dunning_law_reason:
                raise ValidationError(
                    self.env._(
                        "Say where the law of %(country)s was agreed with %(customer)s.",
                        country=partner.dunning_law_country_id.name,
                        customer=partner.display_name,
                    )
                )

    def write(self, vals):
        """Who says what kind of debtor a customer is, and which law was agreed, is on record."""
        told = {"dunning_kind_set", "dunning_law_country_id", "dunning_law_reason"} & vals.keys()
        result = super().write(vals)
        if told:
            for partner in self:
                partner.message_post(body=partner._get_dunning_law_note())
        return result

    def _get_dunning_law_note(self):
        kinds = dict(self._fields["dunning_kind_set"]._description_selection(self.env))
        if not self.dunning_law_country_id:
            return self.env._(
                "Kind of debtor: %(kind)s. No law was agreed.", kind=kinds.get(self.dunning_kind_set, "–")
            )
        return self.env._(
            "Kind of debtor: %(kind)s. Agreed law: %(country)s (%(reason)s).",
            kind=kinds.get(self.dunning_kind_set, "–"),
            country=self.dunning_law_country_id.name,
            reason=self.dunning_law_reason,
        )
