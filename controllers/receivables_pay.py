from urllib.parse import urlencode

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.http import request

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment.controllers.portal import PaymentPortal

from .receivables import Receivables, both
from .visitor import Form, Visitor, to_id

CHARGES = "c"  # among the ticked ids: the charges of letters, too


def sign(visitor, ticked, currency_id, amount):
    """What proves that the server has asked this person for this amount, for what is ticked."""
    return payment_utils.generate_access_token(visitor.case.id, visitor.person.id, ticked, currency_id, amount)


class ReceivablesPay(Receivables):
    """Paying on the customer's page with core's payment form: the server says what is paid, and for what."""

    @both("/pay", methods=["POST"])
    def receivables_pay(self, token=None, company_id=None, **_kwargs):
        """Add up what was ticked, and lead to the payment form."""
        visitor = self._meet(token, company_id)
        if not isinstance(visitor, Visitor):
            return visitor or self._refuse(404)
        form = Form(visitor.case.env)
        try:
            ids, with_charges = form.ids(), bool(form.text("charges"))
            currency_id = form.id("currency_id")
            currency = visitor.case.env["res.currency"].browse(currency_id or ()).exists()
            order = visitor.case._order_payment(
                visitor.person, visitor.sees_all, ids, currency_id, with_charges, form.amount("amount", currency)
            )
        except UserError as error:
            return self._show(visitor, 422, problem=error.args[0], failed="pay", form=form)
        ticked = "-".join([*map(str, sorted(ids)), *([CHARGES] if with_charges else [])])
        amount = str(order["amount"])
        query = {"ticked": ticked, "currency": currency_id, "amount": amount}
        query["sign"] = sign(visitor, ticked, currency_id, amount)
        return self._redirect(f"{visitor.base}/pay?{urlencode(query)}")

    @both("/pay", methods=["GET"])
    def receivables_pay_form(self, token=None, company_id=None, ticked="", currency="", amount="", **kwargs):
        """Core's payment form, for what the server has signed."""
        visitor = self._meet(token, company_id)
        if not isinstance(visitor, Visitor):
            return visitor or self._refuse(404)
        try:
            order = self._read_order(visitor, ticked, currency, amount, kwargs.get("sign", ""))
        except UserError as error:
            return self._show(visitor, 422, problem=error.args[0])
        return self._reply("account_dunning.portal_receivables_pay", self._get_form_values(visitor, order))

    def _read_order(self, visitor, ticked, currency, amount, signature):
        """What is paid, as of now, once the signature fits and nothing has changed since.

        :raise UserError: a sentence for the customer
        """
        currency_id = to_id(currency)
        values = (visitor.case.id, visitor.person.id, ticked, currency_id, amount)
        if not payment_utils.check_access_token(signature, *values):
            raise UserError(visitor.case.env._("Please tick again what you would like to pay."))
        parts = ticked.split("-") if ticked else []
        order = visitor.case._order_payment(
            visitor.person,
            visitor.sees_all,
            [to_id(part) for part in parts if part != CHARGES],
            currency_id,
            CHARGES in parts,
            float(amount),
        )
        return {**order, "ticked": ticked, "sign": signature, "amount_text": amount}

    def _get_providers(self, visitor, order, report=None):
        """The payment providers of the company that can take the payment, as superuser."""
        providers = request.env["payment.provider"].sudo()  # core's own rules say which
        return providers._get_compatible_providers(
            visitor.case.company_id.id,
            visitor.person.id,
            order["amount"],
            currency_id=order["currency"].id,
            report=report,
        )

    def _get_form_values(self, visitor, order):
        """The context of core's payment form. Saved cards are shown to, and saved by, who is logged in only."""
        report = {}
        providers = self._get_providers(visitor, order, report)
        methods = (
            request.env["payment.method"]
            .sudo()
            ._get_compatible_payment_methods(
                providers.ids, visitor.person.id, currency_id=order["currency"].id, report=report
            )
        )
        tokens = request.env["payment.token"].sudo()
        logged_in = not visitor.link
        address = f"{visitor.base}/transaction/{order['ticked']}/{order['currency'].id}/{order['amount_text']}"
        return {
            "base": visitor.base,
            "order": order,
            "company": visitor.case.company_id,
            "res_company": visitor.case.company_id,
            "no_breadcrumbs": True,
            "page_name": "receivables",
            "show_tokenize_input_mapping": (
                PaymentPortal._compute_show_tokenize_input_mapping(providers)
                if logged_in
                else dict.fromkeys(providers.ids, False)
            ),
            "amount": order["amount"],
            "currency": order["currency"],
            "partner_id": visitor.person.id,
            "providers_sudo": providers,
            "payment_methods_sudo": methods,
            "tokens_sudo": tokens._get_available_tokens(providers.ids, visitor.person.id) if logged_in else tokens,
            "availability_report": report,
            "transaction_route": address,
            "landing_route": f"{visitor.base}?done=pay",
            "access_token": order["sign"],
            "reference_prefix": None,
        }

    @both("/transaction/<string:ticked>/<string:currency>/<string:owed>", type="jsonrpc", methods=["POST"])
    def receivables_transaction(
        self, ticked, currency, owed, token=None, company_id=None, access_token="", amount=None, **kwargs
    ):
        """Make the transaction for what was signed, and nothing else; core processes it.

        :raise UserError: a sentence, which core's form shows
        """
        visitor = self._meet(token, company_id)
        if not isinstance(visitor, Visitor):
            raise UserError(request.env._("This link does not open the page any more."))
        if visitor.is_busy():
            raise UserError(visitor.case.env._("That was a lot in a short time. Please come back in an hour."))
        visitor.take_turn()
        self._validate_transaction_kwargs(kwargs)
        order = self._read_order(visitor, ticked, currency, owed, access_token)
        if amount is not None and order["currency"].compare_amounts(float(amount), order["amount"]):
            raise UserError(visitor.case.env._("Please tick again what you would like to pay."))
        transaction = self._create_transaction(
            **self._get_payment_values(visitor, order, kwargs),
            amount=order["amount"],
            currency_id=order["currency"].id,
            partner_id=visitor.person.id,
            landing_route=f"{visitor.base}?done=pay",
            reference_prefix=self._get_reference_prefix(visitor, order),
            custom_create_values=self._prepare_transaction_vals(visitor, order),
        )
        visitor.log("pay", transaction.reference)
        return transaction._get_processing_values()

    def _get_payment_values(self, visitor, order, kwargs):
        """Provider and method that the customer has chosen, once they are among those offered to him."""
        values, logged_in = self._get_form_values(visitor, order), not visitor.link
        provider_id, method_id, token_id = (kwargs.get(key) for key in ("provider_id", "payment_method_id", "token_id"))
        by_token = kwargs.get("flow") == "token"
        offered = token_id in values["tokens_sudo"].ids if by_token else method_id in values["payment_methods_sudo"].ids
        if provider_id not in values["providers_sudo"].ids or not offered or kwargs.get("is_validation"):
            raise UserError(visitor.case.env._("Please choose one of the ways to pay that are offered."))
        return {
            "provider_id": provider_id,
            "payment_method_id": method_id,
            "token_id": token_id if by_token else None,
            "flow": kwargs.get("flow"),
            "tokenization_requested": bool(logged_in and kwargs.get("tokenization_requested")),
        }

    def _get_reference_prefix(self, visitor, order):
        """What the payment is called: by the number of the one document, else a number of its own."""
        moves = order["items"].move_id
        company = visitor.case.company_id
        return moves.name if len(moves) == 1 else company.get_next_batch_payment_communication()

    def _prepare_transaction_vals(self, visitor, order):
        charges = order["charges"]["chosen"] if order["charges"] else {}
        return {
            "dunning_case_id": visitor.case.id,
            "dunning_item_ids": [Command.set((order["items"] + order["credits"]).ids)],
            "dunning_charge_ids": [Command.set([charge.id for charge in charges])],
        }
