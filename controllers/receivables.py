from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from odoo.exceptions import UserError
from odoo.http import content_disposition, request, route

from odoo.addons.account_payment.controllers.portal import PortalAccount

from .visitor import Form, Visitor, get_address

LINK, OWN = "/my/receivables/<string:token>", "/my/receivables/own/<int:company_id>"
ACTS = ("promise", "instalments", "agree", "dispute", "paid", "copy", "contact")  # each has its method, `_do_…`
HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"}


def both(path="", **options):
    """The route of ``path`` below a customer's page, for who has a link and for who is logged in."""
    options = {"type": "http", "auth": "public", "website": True, "sitemap": False, **options}
    return route([f"{LINK}{path}", f"{OWN}{path}"], **options)


class Receivables(PortalAccount):
    """The customer's page: shown, and what is done on it. Who has the link needs no login."""

    # who asks

    def _meet(self, token=None, company_id=None):
        """The visitor; None where the address opens nothing, and a response where he has asked too often."""
        visits = request.env["account.dunning.visit"].sudo()
        if not visits._admit(get_address()):
            return self._refuse(429)
        if token is not None:
            return Visitor.by_token(token)
        if request.env.user._is_public():
            return self._redirect(f"/web/login?{urlencode({'redirect': '/my/receivables'})}")
        return Visitor.by_login(company_id)

    def _refuse(self, status):
        """The same answer, whatever is wrong with the address, or how often it was asked for."""
        values = {"too_many": status == 429, "no_breadcrumbs": True, "page_name": "receivables"}
        return self._reply("account_dunning.portal_receivables_refused", values, status)

    def _reply(self, template, values, status=200):
        lang = (request.env.lang or "en_US").replace("_", "-")
        response = request.render(template, {"html_data": {"lang": lang}, **values}, headers=HEADERS)
        response.status_code = status
        return response

    def _redirect(self, address):
        response = request.redirect(address)
        response.headers.update(HEADERS)
        return response

    # the page

    @route("/my/invoices/overdue")
    def portal_my_overdue_invoices(self, access_token=None, **kw):
        """Core's page asks for what was invoiced instead of what is open: this one takes its place."""
        return self._redirect("/my/receivables")

    @route("/my/receivables", type="http", auth="user", methods=["GET"], website=True, sitemap=False)
    def receivables_of_user(self, **_kwargs):
        """A portal user's page, or a choice where he owes several companies."""
        cases = Visitor.find_cases(request.env.user.partner_id)
        if len(cases) == 1:
            return self._redirect(f"/my/receivables/own/{cases.company_id.id}")
        return self._reply("account_dunning.portal_receivables_companies", {"cases": cases, "page_name": "receivables"})

    @both(methods=["GET"])
    def receivables(self, token=None, company_id=None, done="", **_kwargs):
        """What is open, and what can be done about it."""
        visitor = self._meet(token, company_id)
        if not isinstance(visitor, Visitor):
            return visitor or self._refuse(404)
        return self._show(visitor, done=done)

    def _show(self, visitor, status=200, problem="", done="", failed="", form=None):
        """The page: with the ``problem`` of the act that ``failed`` and what was typed in its ``form``, or ``done``."""
        page = visitor.case._get_page(visitor.person, visitor.sees_all)
        values = {
            **page,
            "base": visitor.base,
            "problem": problem,
            "done": done,
            "failed": failed,
            "typed": form.values if form else MultiDict(),
            "seen": page["settings"].page_seen and visitor.link,
            "page_name": "receivables",
            "no_breadcrumbs": True,
            "res_company": page["company"],
        }
        return self._reply("account_dunning.portal_receivables", values, status)

    @both("/document/<string:kind>", methods=["GET"])
    def receivables_statement(self, kind, token=None, company_id=None, **_kwargs):
        return self._document(token, company_id, kind)

    @both("/document/<string:kind>/<int:record_id>", methods=["GET"])
    def receivables_document(self, kind, record_id, token=None, company_id=None, **_kwargs):
        return self._document(token, company_id, kind, record_id)

    def _document(self, token, company_id, kind, record_id=None):
        """A PDF that the page offers."""
        visitor = self._meet(token, company_id)
        if not isinstance(visitor, Visitor):
            return visitor or self._refuse(404)
        found = visitor.case._get_page_document(visitor.person, visitor.sees_all, kind, record_id)
        if not found:
            return self._refuse(404)
        name, content = found
        headers = {**HEADERS, "Content-Type": "application/pdf", "Content-Disposition": content_disposition(name)}
        return request.make_response(content, headers=list(headers.items()))

    # acts

    @both("/seen", methods=["POST"])
    def receivables_seen(self, token=None, company_id=None, **_kwargs):
        """A browser, not a scanner, has opened the page; a colleague who looks at it is not the customer."""
        visitor = self._meet(token, company_id)
        if not isinstance(visitor, Visitor):
            return visitor or self._refuse(404)
        if not request.env.user._is_internal() and visitor.case.company_id._get_dunning_settings().page_seen:
            visitor.log("seen")
            visitor.case._see()
        return request.make_response("", headers=list(HEADERS.items()), status=204)

    @both("/<string:act>", methods=["POST"])
    def receivables_act(self, act, token=None, company_id=None, **_kwargs):
        return self._act(act, token, company_id)

    @both("/agree/<int:promise_id>", methods=["POST"])
    def receivables_agree(self, promise_id, token=None, company_id=None, **_kwargs):
        return self._act("agree", token, company_id, promise_id)

    def _act(self, act, token, company_id, *about):
        """Do what was asked for, once; refused, the page comes again with a sentence and what was typed."""
        visitor = self._meet(token, company_id)
        if not isinstance(visitor, Visitor):
            return visitor or self._refuse(404)
        if act not in ACTS or (act == "agree") != bool(about):
            return self._refuse(404)
        if visitor.is_busy():
            return self._refuse(429)
        visitor.take_turn()
        form = Form(visitor.case.env)
        typed = (*about, *form.typed)
        if visitor.has_done(act, *typed):
            return self._redirect(f"{visitor.base}?done={act}")
        try:
            with request.env.cr.savepoint():  # what is refused leaves nothing behind
                getattr(self, f"_do_{act}")(visitor, form, *about)
                visitor.log(act, *typed)
        except UserError as error:
            return self._show(visitor, 422, problem=error.args[0], failed=act, form=form)
        return self._redirect(f"{visitor.base}?done={act}")

    def _do_promise(self, visitor, form):
        items = visitor.find_items(form.ids())
        currency = items.currency_id[:1]
        visitor.case._page_promise(visitor.person, items, form.parts(currency), form.text("text"))

    def _do_instalments(self, visitor, form):
        items = visitor.find_items(form.ids())
        count = form.id("count") or 0
        visitor.case._page_instalments(visitor.person, items, count, form.date("date"), form.text("text"))

    def _do_agree(self, visitor, form, promise_id):
        promise = visitor.case.promise_ids.filtered(lambda promise: promise.id == promise_id)
        visitor.case._page_agree(visitor.person, promise, form.text("name"))

    def _do_dispute(self, visitor, form):
        item = visitor.find_items(filter(None, [form.id("item_id")]))
        reason = visitor.case._get_page_reasons().filtered(lambda reason: reason.id == form.id("reason_id"))
        amount = form.amount("amount", item.currency_id) or 0.0
        visitor.case._page_dispute(visitor.person, item, reason, amount, form.text("text"), form.uploads)

    def _do_paid(self, visitor, form):
        values = form.date("date"), form.text("reference"), form.text("text"), form.uploads
        visitor.case._page_paid(visitor.person, *values)

    def _do_copy(self, visitor, form):
        visitor.case._page_copy(visitor.person, visitor.find_items(form.ids()))

    def _do_contact(self, visitor, form):
        names = ("contact_name", "contact_phone", "contact_email", "text")
        visitor.case._page_contact(visitor.person, *map(form.text, names))
