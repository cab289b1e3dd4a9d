from odoo import fields, models
from odoo.exceptions import UserError

from .acts import CaseCustomerActs
from .paying import CasePaid
from .shown import CaseShownToCustomer


class AccountCollectionCase(CaseCustomerActs, CasePaid, CaseShownToCustomer, models.Model):
    """The customer's page belongs to his case."""

    _inherit = "account.collection.case"

    link_ids = fields.One2many("account.dunning.link", "case_id", string="Links", readonly=True)
    request_ids = fields.One2many("account.dunning.request", "case_id", string="Requests", readonly=True)
    open_requests = fields.Integer(compute="_compute_shown")
    page_used_at = fields.Datetime(
        string="Page Used",
        readonly=True,
        copy=False,
        help="When something was done on the customer's page last.",
    )

    def _compute_shown(self):
        self.open_requests = 0
        super()._compute_shown()

    def _get_shown_queries(self):
        requests = self.env["account.dunning.request"]._search([("case_id", "=", self.id), ("state", "=", "open")])
        return {**super()._get_shown_queries(), "request": requests}

    def _show(self, found):
        super()._show(found)
        self.open_requests = len(found["request"])

    def _issue_link(self, recipient, notice=None):
        """A new link of ``recipient`` (a contact of the customer) to the page, as superuser."""
        self.ensure_one()
        company = self.company_id
        until = fields.Date.add(company._dunning_today(), days=company._get_dunning_settings().page_days)
        return self.env["account.dunning.link"]._issue(
            [
                {
                    "case_id": self.id,
                    "partner_id": recipient.id,
                    "notice_id": notice.id if notice else None,
                    "expires_on": until,
                }
            ]
        )

    def _get_page_url(self, recipient):
        """The address that a link of ``recipient`` opens: of the one that he has, else of a new one."""
        self.ensure_one()
        if not self.company_id._get_dunning_settings().page_active:
            return super()._get_page_url(recipient)
        links = self.sudo().link_ids.filtered(lambda link: link.partner_id == recipient and link._is_valid())  # his own
        return (links[:1] or self.sudo()._issue_link(recipient))._get_url()

    def _get_open_requests(self, person):
        """What the customer has asked for and nobody has decided, as far as ``person`` may see it."""
        requests = self.request_ids.filtered(lambda request: request.state == "open")
        return requests if self._sees_all(person) else requests.filtered(lambda request: request.person_id == person)

    def _take_story_of(self, others):
        """Requests, visits and payments, too; links to the page of another customer open nothing any more."""
        super()._take_story_of(others)
        others.request_ids.case_id = self
        for model, field in (("account.dunning.visit", "case_id"), ("payment.transaction", "dunning_case_id")):
            self.env[model].search([(field, "in", others.ids)])[field] = self

    def _stop_plans(self, reason):
        """Who is insolvent or dead has no page."""
        result = super()._stop_plans(reason)
        self.sudo().link_ids._revoke()  # checked by who stops
        return result

    def _see(self):
        """The customer has opened his page."""
        self.ensure_one()
        today = self.company_id._dunning_today()
        if self.page_opened_on != today:
            self.page_opened_on = today
            self._touch()

    def action_open_page(self):
        """Open the page as whoever is called sees it."""
        self.ensure_one()
        case = self._as_collector()
        url = case._get_page_url(case.dunning_contact_id or case.partner_id)
        if not url:
            raise UserError(self.env._("The customer's page is switched off in the settings of dunning."))
        return {"type": "ir.actions.act_url", "url": url, "target": "new"}

    def action_open_visits(self):
        """Show what was done on the page, when, and from which network address."""
        self._as_manager()
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_dunning_visit_action")
        return {**action, "domain": [("case_id", "=", self.id)]}

    def action_revoke_links(self):
        """Let no link of the customer open his page any more, until the next notice."""
        case = self._as_collector()
        case.link_ids._revoke()
        case._message_log(body=self.env._("All links to the customer's page were revoked."))

    def action_open_requests(self):
        """Show what the customer asks for."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_dunning_request_action")
        return {**action, "domain": [("case_id", "=", self.id)], "context": {}}
