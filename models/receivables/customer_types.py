"""Which dunning type a customer has (rules §4): his own, his parent's, that of a rule, or the default."""

from odoo import api
from odoo.fields import Domain
from odoo.tools import SQL

# The type of the nearest parent company that has one. Whoever is no company is no customer of his own.
PARENT_TYPE = """CASE WHEN partner.parent_id IS NOT NULL AND partner.is_company THEN (
    WITH RECURSIVE above(id, parent_id, depth) AS (
        SELECT up.id, up.parent_id, 1 FROM res_partner up WHERE up.id = partner.parent_id
         UNION ALL
        SELECT up.id, up.parent_id, above.depth + 1 FROM above JOIN res_partner up ON up.id = above.parent_id
    )
    SELECT named.type_id
      FROM (SELECT %(own)s AS type_id, above.depth FROM above JOIN res_partner parent ON parent.id = above.id
             WHERE parent.is_company) named
     WHERE named.type_id IS NOT NULL ORDER BY named.depth LIMIT 1) END"""


class CustomerTypes:
    """The part of the reader that says which type takes a customer, of one or of all."""

    __slots__ = ()

    def _get_partner_types(self, company, partner_ids, types):
        """The dunning type of each customer: his own, else his parent's, else that of the first rule that matches."""
        partners = self.env["res.partner"].with_company(company).with_context(active_test=False)
        result = {}
        for type_id, domain in self._get_type_rules(company, types):
            for partner in partners.search(domain & Domain("id", "in", partner_ids)):
                result.setdefault(partner.id, type_id)
        return result | self._get_named_types(company, partner_ids, types)

    @api.model
    def _get_named_types(self, company, partner_ids, types):
        """Which of ``types`` customers have themselves, or take from their parents; by partner id."""
        own = self._get_partner_values(company, partner_ids, "dunning_type_id")
        inherited = {}
        if company._get_dunning_settings().parent_type:
            rows = self.env.execute_query(
                SQL(
                    """SELECT partner.id, %s FROM res_partner partner
                        WHERE partner.id = ANY(%s) AND partner.parent_id IS NOT NULL""",
                    self._get_parent_type_sql(company, types),
                    list(partner_ids),
                )
            )
            inherited = {partner_id: type_id for partner_id, type_id in rows if type_id}
        return inherited | {key: type_id for key, type_id in own.items() if type_id in types._ids}

    @api.model
    def _get_type_rules(self, company, types):
        """The rules that say which of ``types`` takes a customer today: pairs of a type's id and a domain on
        ``res.partner``. The first one that fits wins. Each night asks anew (``account.dunning.look``). Hook."""
        rules = [(dunning_type.id, dunning_type._get_rule_domain()) for dunning_type in types]
        return [(type_id, domain) for type_id, domain in rules if not domain.is_false()]

    @api.model
    def _get_types(self, company, partner_ids):
        """The id of the dunning type that each customer has by rules §4, False for none, by partner id.

        What an invoice or an open plan has of its own comes before that.
        """
        # decides on all items of the company, whoever asks
        self = self.sudo()
        types = self.env["account.dunning.type"].search([("company_id", "=", company.id)])
        default = types.filtered("default")[:1].id
        return dict.fromkeys(partner_ids, default) | self._get_partner_types(company, partner_ids, types)

    @api.model
    def _get_type_query(self, company):
        """SQL of what :meth:`_get_types` says of all customers: rows of ``id`` and ``type_id``."""
        # decides on all items of the company, whoever asks
        self = self.sudo()
        types = self.env["account.dunning.type"].search([("company_id", "=", company.id)])
        partners = self.env["res.partner"].with_company(company).with_context(active_test=False)
        cases = [
            SQL("WHEN partner.id IN %s THEN %s", partners._search(domain).subselect(), type_id)
            for type_id, domain in self._get_type_rules(company, types)
        ]
        default = types.filtered("default")[:1].id
        return SQL(
            "SELECT partner.id, COALESCE(%s, %s, %s::int) AS type_id FROM res_partner partner",
            self._get_own_type_sql(company, types),
            self._get_parent_type_sql(company, types),
            SQL("CASE %s ELSE %s END", SQL(" ").join(cases), default) if cases else default,
        )

    @api.model
    def _get_own_type_sql(self, company, types, alias="partner"):
        """SQL of the type among ``types`` that the row ``alias`` has itself: the root company's, else a branch's."""
        partners, values = self.env["res.partner"], []
        for branch in company.browse(company._get_dunning_branches()):
            fallback = partners._fields["dunning_type_id"].get_company_dependent_fallback(partners.with_company(branch))
            column = SQL.identifier(alias, "dunning_type_id")
            value = SQL("COALESCE((%s->>%s)::int, %s::int)", column, str(branch.id), fallback.id or None)
            values.append(SQL("CASE WHEN %s = ANY(%s) THEN %s END", value, types.ids, value))
        return SQL("COALESCE(%s)", SQL(", ").join(values))

    @api.model
    def _get_parent_type_sql(self, company, types):
        """SQL of the type among ``types`` that the row ``partner``, a company under another one, takes from the nearest
        of its parents that has one; null where subsidiaries of ``company`` take none."""
        if not company._get_dunning_settings().parent_type:
            return SQL("NULL::int")
        return SQL(PARENT_TYPE, own=self._get_own_type_sql(company, types, "parent"))
