from odoo import api

from ...engine.money import total


class ChargeTax:
    """Tax on charges that is not in their price: the letter claims what the invoice of charges would add (rules §8).

    Fees and interest are net amounts everywhere; one charge of the notice, of the kind *tax*, adds what Odoo's own
    computation adds to them on the invoice, to the last cent.
    """

    __slots__ = ()

    def _prepare_charge_taxes(self, charges):
        """Values of the charges that claim the tax on ``charges`` of the notices, one a notice where there is any."""
        if not charges or not self._find_charge_taxes(self.company_id):
            return []
        result = []
        for notice, group in charges.grouped("notice_id").items():
            documents = notice._get_taxable_lines(group)
            amount = total(notice._sum_charge_tax(lines) for lines in documents)
            if not notice.currency_id.is_zero(amount):
                result.append(notice._prepare_charge_tax_vals(amount, documents))
        return result

    def _get_taxable_lines(self, charges):
        """The lines of the documents that ``charges`` would be booked by, as ``_get_charge_move_lines`` gives them.

        Fees of earlier notices, which are claimed again and not booked, go with the fees of this notice where
        nothing is booked. What an open invoice has booked bears its tax already.
        """
        self.ensure_one()
        fee = self._get_charge_products()[0]
        own = {charge: charge.amount for charge in charges if charge.kind != "earlier" and not charge.waived}
        documents = [self._get_charge_move_lines(chosen) for _type, chosen in self._split_documents(own)]
        earlier = [(charge.name, fee, charge.amount) for charge in charges.filtered("origin_id")]
        if self.company_id._get_dunning_settings().charges == "booked" or not documents:
            return [*documents, *([earlier] if earlier else [])]
        return [documents[0] + earlier, *documents[1:]]

    def _prepare_charge_tax_vals(self, amount, documents):
        """Values of the charge that claims ``amount`` of tax on the lines of ``documents``. Hook."""
        products = self.env["product.product"].union(*(line[1] for lines in documents for line in lines))
        taxes = self.env["account.tax"].union(*(self._get_charge_taxes(product) for product in products))
        env = self.with_context(lang=self._get_lang()).env
        names = ", ".join(taxes.with_env(env).mapped("name"))
        return {
            "notice_id": self.id,
            "kind": "tax",
            "name": env._("%(taxes)s on charges", taxes=names),
            "amount": amount,
        }

    @api.model
    def _find_charge_taxes(self, company):
        """The taxes that the products of fees and interest, or else the account of charges, bear in ``company``."""
        # who sends notices need not read taxes, products or accounts
        taxes = self.env["account.tax"].sudo()
        domain = taxes._check_company_domain(company)
        account = company._get_dunning_settings().charge_account_id
        for product in self._get_charge_products():
            own = product.sudo().taxes_id.filtered_domain(domain)
            taxes |= own or account.tax_ids.filtered(lambda tax: tax.type_tax_use == "sale")
        return taxes

    def _get_charge_taxes(self, product):
        """The taxes of an invoice line with ``product``, as Odoo would choose them for the customer."""
        self.ensure_one()
        company = self.company_id
        # who sends notices need not read taxes, products or accounts
        taxes = self.env["account.tax"].sudo()
        own = product.sudo().taxes_id.filtered_domain(taxes._check_company_domain(company))
        account = company._get_dunning_settings().charge_account_id
        taxes = own or account.tax_ids.filtered(lambda tax: tax.type_tax_use == "sale")
        taxes = taxes._filter_taxes_by_company(company) if taxes else taxes
        position = taxes and self._get_charge_fiscal_position()
        return position.map_tax(taxes) if position else taxes

    def _get_charge_fiscal_position(self):
        """The fiscal position of the customer, as an invoice takes it."""
        # who sends notices need not read fiscal positions, nor the delivery address
        positions = self.env["account.fiscal.position"].sudo().with_company(self.company_id)
        partner = self.partner_id.sudo()
        delivery = partner.browse(partner.address_get(["delivery"])["delivery"])
        return positions._get_fiscal_position(partner, delivery=delivery)

    def _sum_charge_tax(self, lines):
        """What tax adds to ``lines`` (name, product, amount) of one document, in the currency of the notice."""
        self.ensure_one()
        # who sends notices need not read taxes, products or accounts: only a sum leaves here
        helper = self.env["account.tax"].sudo()
        if not lines or not self._find_charge_taxes(self.company_id):
            return 0.0
        taxes = {product: self._get_charge_taxes(product) for product in {line[1] for line in lines}}
        if not any(taxes.values()):
            return 0.0
        currency, company = self.currency_id, self.company_id.sudo()
        base_lines = [
            helper._prepare_base_line_for_taxes_computation(
                None,
                product_id=product.sudo(),
                tax_ids=taxes[product],
                price_unit=amount,
                quantity=1.0,
                currency_id=currency,
                partner_id=self.partner_id.sudo(),
                rate=currency._get_conversion_rate(company.currency_id, currency, company, company._dunning_today()),
            )
            for _name, product, amount in lines
        ]
        helper._add_tax_details_in_base_lines(base_lines, company)
        helper._round_base_lines_tax_details(base_lines, company)
        totals = helper._get_tax_totals_summary(base_lines, currency, company)
        net = total(amount for _name, _product, amount in lines)
        return currency.round(totals["total_amount_currency"] - net)

    def _sum_with_tax(self, amounts):
        """The sum of ``amounts`` (by charge of the notice) with their tax."""
        self.ensure_one()
        lines = [self._get_charge_move_lines(chosen) for _type, chosen in self._split_documents(amounts)]
        return self.currency_id.round(total([*amounts.values(), *map(self._sum_charge_tax, lines)]))
