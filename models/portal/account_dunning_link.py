import secrets

from odoo import api, fields, models
from odoo.tools import consteq

from ...tools.bulk import bulk_insert

TOKEN_BYTES = 32  # of chance: 43 characters in an address
SELECTOR = 12  # the first characters, by which a link is found; the rest is compared in constant time


class AccountDunningLink(models.Model):
    """The key to a customer's page: of one case, for one recipient. It expires, and can be revoked."""

    _name = "account.dunning.link"
    _description = "Link to the Customer's Page"
    _order = "id desc"
    _rec_name = "partner_id"

    case_id = fields.Many2one("account.collection.case", required=True, index=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", string="Recipient", required=True, index=True, readonly=True, ondelete="cascade"
    )
    notice_id = fields.Many2one(
        "account.dunning.notice", readonly=True, index="btree_not_null", ondelete="cascade", help="Which brought it."
    )
    selector = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    token = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    expires_on = fields.Date(required=True, readonly=True, help="The last day on which it opens the page.")
    revoked_on = fields.Date(readonly=True)

    _selector_unique = models.UniqueIndex("(selector)")

    @api.model
    def _issue(self, vals_list):
        """Make links, as superuser: one for each dict of case, recipient and notice (ids), in one statement."""
        links = []
        for vals in vals_list:
            token = secrets.token_urlsafe(TOKEN_BYTES)
            links.append({**vals, "token": token, "selector": token[:SELECTOR]})
        return bulk_insert(self.sudo(), links)

    @api.model
    def _find(self, token):
        """The link whose ``token`` was given, as superuser: none where it is unknown, expired or revoked.

        The same is read and compared in each of these cases.
        """
        token = token if token and token.isascii() else ""  # others cannot be compared
        link = self.sudo().search([("selector", "=", token[:SELECTOR])], limit=1)
        known = consteq(link.token or secrets.token_urlsafe(TOKEN_BYTES), token)
        return link if known and link._is_valid() else link.browse()

    def _is_valid(self):
        """Whether it opens the page today: its recipient is still one of the customer's."""
        self.ensure_one()
        case, person = self.case_id, self.partner_id
        return (
            not self.revoked_on
            and self.expires_on >= case.company_id._dunning_today()
            and person.active
            and person.commercial_partner_id == case.partner_id
        )

    def _get_url(self):
        """The address of the page."""
        self.ensure_one()
        return f"{self.get_base_url()}{self._get_path()}"

    def _get_path(self):
        return f"/my/receivables/{self.sudo().token}"  # whoever may hand over the link

    def _revoke(self):
        """Let the links open nothing any more."""
        for link in self.filtered(lambda link: not link.revoked_on):
            link.revoked_on = link.case_id.company_id._dunning_today()
