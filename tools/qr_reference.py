"""QR references: what a payment to a Swiss QR-IBAN must state, 27 digits with a check digit."""

import re

from odoo.tools.misc import mod10r

LENGTH = 26  # without the check digit
NOTICE = "99"
STATEMENT = "98"


def make_qr_reference(prefix, number):
    """The QR reference for a ``number`` (text; its last 24 digits count), or an empty string where it has no digit.

    References of invoices are filled up with zeros from the left, so that no ``prefix`` of two digits meets them.
    """
    digits = re.sub(r"[^0-9]", "", number or "")
    room = LENGTH - len(prefix)
    return mod10r(prefix + digits[-room:].rjust(room, "0")) if digits else ""


def format_qr_reference(reference):
    """The QR reference as it is printed: two digits, then groups of five."""
    rest = reference[2:]
    return " ".join([reference[:2], *(rest[i : i + 5] for i in range(0, len(rest), 5))])
