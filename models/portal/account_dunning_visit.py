import hashlib
import hmac
import ipaddress

from odoo import api, fields, models

ACTS = [
    ("page", "Page asked for"),
    ("seen", "Page opened"),
    ("pay", "Payment begun"),
    ("promise", "Promise"),
    ("instalments", "Instalments asked for"),
    ("agree", "Agreement signed"),
    ("dispute", "Dispute"),
    ("paid", "Says it is paid"),
    ("copy", "Copy asked for"),
    ("contact", "Contact data"),
]
REQUESTS_A_MINUTE = 30  # of an address
ACTS_AN_HOUR = 10  # of a person
ADDRESS_DAYS = 90  # after which the address is shortened


class AccountDunningVisit(models.Model):
    """What was asked of the customers' pages, by whom and when: for limits, and as evidence."""

    _name = "account.dunning.visit"
    _description = "Visit of the Customer's Page"
    _order = "id desc"
    _log_access = False

    case_id = fields.Many2one("account.collection.case", readonly=True, index="btree_not_null", ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Person", readonly=True, ondelete="set null")
    link_id = fields.Many2one("account.dunning.link", readonly=True, index="btree_not_null", ondelete="set null")
    act = fields.Selection(ACTS, required=True, readonly=True)
    at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    address = fields.Char(string="Network Address", readonly=True, help="Shortened after 90 days.")
    digest = fields.Char(readonly=True, groups=fields.NO_ACCESS, help="What requests that are alike have in common.")

    _digest_at_index = models.Index("(digest, at)")

    @api.model
    def _admit(self, address):
        """Count a request from ``address``, and say whether it is within the limit. The address itself is not kept."""
        digest = self._digest("page", address or "")
        admitted = self._count(digest, minutes=1) < REQUESTS_A_MINUTE
        if admitted:
            self.create({"act": "page", "digest": digest})
        return admitted

    @api.model
    def _count(self, digest, **period):
        since = fields.Datetime.subtract(fields.Datetime.now(), **period)
        return self.search_count([("digest", "=", digest), ("at", ">", since)])

    @api.model
    def _count_acts(self, case, person):
        """How much ``person`` has done on the page of ``case`` within an hour."""
        since = fields.Datetime.subtract(fields.Datetime.now(), hours=1)
        own = [("case_id", "=", case.id), ("partner_id", "=", person.id), ("act", "not in", ("page", "seen"))]
        return self.search_count([*own, ("at", ">", since)])

    @api.model
    def _digest(self, *parts):
        """A fingerprint of ``parts``, from which they cannot be told without the secret of the database."""
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        return hmac.new(secret.encode(), repr(parts).encode(), hashlib.sha256).hexdigest()

    @api.autovacuum
    def _gc_visits(self):
        """Forget mere requests after an hour, and shorten addresses."""
        now = fields.Datetime.now()
        old = [("act", "=", "page"), ("at", "<", fields.Datetime.subtract(now, hours=1))]
        self.search(old, limit=10000).unlink()
        since = fields.Datetime.subtract(now, days=ADDRESS_DAYS)
        for visit in self.search([("address", "!=", False), ("at", "<", since), ("address", "not like", "/")]):
            visit.address = shorten(visit.address)


def shorten(address):
    """The network of an address instead of the address: of IPv4 the first three bytes, of IPv6 the first six.

    >>> shorten("192.0.2.17"), shorten("2001:db8:1:2::3"), shorten("?")
    ('192.0.2.0/24', '2001:db8:1::/48', None)
    """
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        return None
    return str(ipaddress.ip_network(f"{address}/{24 if version == 4 else 48}", strict=False))
