"""Read what banks say of payments that came back: camt.053/054, pain.002, or plain text. No Odoo here."""

import re
from datetime import date
from typing import NamedTuple

from lxml import etree

MAX_BYTES = 20 * 2**20
# Codes of ISO 20022 (AM04, DUPL) and of US ACH (R01).
CODE = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2}\d{2}|[Rr]\d{2}|[A-Z]{4})(?![A-Za-z0-9])")
BREAKS = re.compile(r"[\s;,|\"]+")


class ReturnsError(Exception):
    """The file cannot be read; the argument is ``large``, ``damaged`` or ``other`` (XML that tells of no payments)."""


class Returned(NamedTuple):
    """A payment that came back, as the bank tells it; what it leaves out is empty."""

    code: str
    references: tuple = ()
    amount: float | None = None
    currency: str = ""
    day: date | None = None
    text: str = ""


def find_code(text, known):
    """The first of the ``known`` codes that stands in ``text`` as a word of its own, or an empty string."""
    found = (match[1].upper() for match in CODE.finditer(text or ""))
    return next((code for code in found if code in known), "")


def read_returns(content, known):
    """The payments of which a file, or text, says that they came back.

    :param bytes content: XML of the bank, or plain text with a payment in each line
    :param known: the codes that stand for a return; in XML a transaction with another code is given, too
    :return: a list of :class:`Returned`
    """
    if len(content) > MAX_BYTES:
        raise ReturnsError("large")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _read_xml(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    lines = ((line.strip(), find_code(line, known)) for line in text.splitlines())
    return [Returned(code, _get_words(line), text=line) for line, code in lines if code]


def _get_words(line):
    return tuple(dict.fromkeys(word.strip(".:()") for word in BREAKS.split(line) if len(word) > 3))


def _read_xml(content):
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ReturnsError("damaged") from error
    if not _find(root, "TxDtls", "TxInfAndSts", "Ntry", "OrgnlPmtInfAndSts", "OrgnlGrpInfAndSts"):
        raise ReturnsError("other")
    day = _get_day(root, "GrpHdr/CreDtTm")
    result = []
    for entry in _find(root, "Ntry"):
        booked = _get_day(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt") or day
        details = _find(entry, "TxDtls") or [entry]
        # an entry of one transaction may give the amount for both
        result += [_read_transaction(one, booked, entry if len(details) == 1 else one) for one in details]
    result += [_read_transaction(one, day, one) for one in _find(root, "TxInfAndSts")]
    return [returned for returned in result if returned]


def _read_transaction(node, day, outer):
    """What an element says of one payment, or None where it gives no reason for a return."""
    code = _get_text(node, "RtrInf//Rsn/Cd", "StsRsnInf//Rsn/Cd", "RtrInf//Rsn/Prtry", "StsRsnInf//Rsn/Prtry").upper()
    if not code:
        return None
    amounts = _get_all(node, "TxAmt/Amt", "InstdAmt", "Amt") or _get_all(outer, "Amt")
    references = ("EndToEndId", "OrgnlEndToEndId", "InstrId", "OrgnlInstrId", "TxId", "OrgnlTxId", "Ustrd", "Ref")
    texts = [text for name in references for text in map(_read, _get_all(node, name)) if text != "NOTPROVIDED"]
    return Returned(
        code,
        tuple(dict.fromkeys(texts)),
        _to_amount(amounts[0]) if amounts else None,
        amounts[0].get("Ccy", "") if amounts else "",
        day,
        _get_text(node, "RtrInf//AddtlInf", "StsRsnInf//AddtlInf", "Ustrd"),
    )


def _find(node, *names):
    return [each for each in node.iter() if isinstance(each.tag, str) and etree.QName(each).localname in names]


def _get_all(node, *paths):
    """The elements of the first of the ``paths`` that leads to some, below any depth of ``node``."""
    for path in paths:
        steps = "/".join(f"*[local-name()='{step}']" if step else "" for step in path.split("/"))
        if found := node.xpath(f".//{steps}"):
            return found
    return []


def _get_text(node, *paths):
    return next((text for path in paths for text in map(_read, _get_all(node, path)) if text), "")


def _read(node):
    return (node.text or "").strip()


def _get_day(node, *paths):
    try:
        return date.fromisoformat(_get_text(node, *paths)[:10])
    except ValueError:
        return None


def _to_amount(node):
    try:
        return float(_read(node))
    except ValueError:
        return None
