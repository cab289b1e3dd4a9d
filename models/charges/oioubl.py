"""UBL 2.1 Reminder in the Danish customization OIOUBL 2.02: values in, XML out. No Odoo here.

Sources: OASIS UBL 2.1 (Reminder), the OIOUBL guideline of the Reminder, and what Business Central exports.
"""

from typing import NamedTuple

from lxml import etree

REMINDER = "urn:oasis:names:specification:ubl:schema:xsd:Reminder-2"
CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
AGENCY = {"schemeAgencyID": "320"}
LIST = {"listAgencyID": "320"}


class Party(NamedTuple):
    """Who claims, or who owes: texts, which may be empty.

    ``scheme`` and ``endpoint``: the electronic address, such as ``GLN`` or ``DK:CVR`` and its number.
    """

    name: str
    endpoint: str = ""
    scheme: str = ""
    street: str = ""
    street2: str = ""
    city: str = ""
    postcode: str = ""
    country: str = ""
    vat: str = ""
    registration: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""


class Line(NamedTuple):
    """What is claimed, or credited (``amount`` below zero), with the invoice that it is about, if any."""

    note: str
    amount: float
    invoice: str = ""
    issued: object = None


class Reminder(NamedTuple):
    """A notice as the document tells it. ``digits``: decimals of the currency."""

    number: str
    day: object
    advis: bool
    sequence: int
    currency: str
    digits: int
    supplier: Party
    customer: Party
    deadline: object
    reference: str
    account: str
    iban: bool
    bic: str
    account_name: str
    lines: tuple
    payable: float


def make_reminder(reminder):
    """The XML of a :class:`Reminder`, as bytes; its lines add up to ``payable``."""
    root = etree.Element(f"{{{REMINDER}}}Reminder", nsmap={None: REMINDER, "cac": CAC, "cbc": CBC})
    _put(root, "UBLVersionID", "2.1")
    _put(root, "CustomizationID", "OIOUBL-2.02")
    profile = {"schemeID": "urn:oioubl:id:profileid-1.2", **AGENCY}
    _put(root, "ProfileID", "Procurement-BilSim-1.0", **profile)
    _put(root, "ID", reminder.number)
    _put(root, "CopyIndicator", "false")
    _put(root, "IssueDate", reminder.day.isoformat())
    code = {"listID": "urn:oioubl.codelist:remindertypecode-1.1", **LIST}
    _put(root, "ReminderTypeCode", "Advis" if reminder.advis else "Reminder", **code)
    _put(root, "ReminderSequenceNumeric", str(reminder.sequence))
    _put(root, "DocumentCurrencyCode", reminder.currency)
    _put_party(_add(root, "AccountingSupplierParty"), reminder.supplier)
    _put_party(_add(root, "AccountingCustomerParty"), reminder.customer)
    if reminder.account:
        _put_means(_add(root, "PaymentMeans"), reminder)
    terms = _add(root, "PaymentTerms")
    _put_amount(terms, "Amount", reminder.payable, reminder)
    tax = _add(root, "TaxTotal")
    _put_amount(tax, "TaxAmount", 0.0, reminder)
    total = _add(root, "LegalMonetaryTotal")
    for name in ("LineExtensionAmount", "TaxInclusiveAmount", "PayableAmount"):
        _put_amount(total, name, reminder.payable, reminder)
    for number, line in enumerate(reminder.lines, 1):
        _put_line(_add(root, "ReminderLine"), number, line, reminder)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add(parent, name):
    return etree.SubElement(parent, f"{{{CAC}}}{name}")


def _put(parent, name, text, **attributes):
    """A simple element, unless ``text`` is empty."""
    if text:
        # what XML cannot hold is left out
        clean = "".join(char for char in str(text) if char in "\t\n\r" or ord(char) >= 32)
        etree.SubElement(parent, f"{{{CBC}}}{name}", attributes).text = clean


def _put_amount(parent, name, amount, reminder):
    _put(parent, name, f"{amount:.{reminder.digits}f}", currencyID=reminder.currency)


def _put_party(parent, party):
    node = _add(parent, "Party")
    _put(node, "EndpointID", party.endpoint, **({"schemeID": party.scheme} if party.scheme else {}))
    if party.endpoint:
        _put(_add(node, "PartyIdentification"), "ID", party.endpoint, schemeID=party.scheme)
    _put(_add(node, "PartyName"), "Name", party.name)
    address = _add(node, "PostalAddress")
    _put(address, "AddressFormatCode", "StructuredLax", listID="urn:oioubl:codelist:addressformatcode-1.1", **LIST)
    _put(address, "StreetName", party.street)
    _put(address, "AdditionalStreetName", party.street2)
    _put(address, "CityName", party.city)
    _put(address, "PostalZone", party.postcode)
    if party.country:
        _put(_add(address, "Country"), "IdentificationCode", party.country)
    if party.vat:
        scheme = _add(node, "PartyTaxScheme")
        _put(scheme, "CompanyID", party.vat, **({"schemeID": "DK:SE"} if party.country == "DK" else {}))
        tax = _add(scheme, "TaxScheme")
        _put(tax, "ID", "63", schemeID="urn:oioubl:id:taxschemeid-1.1", **AGENCY)
        _put(tax, "Name", "Moms")
    legal = _add(node, "PartyLegalEntity")
    _put(legal, "RegistrationName", party.name)
    _put(legal, "CompanyID", party.registration, **({"schemeID": "DK:CVR"} if party.country == "DK" else {}))
    contact = _add(node, "Contact")
    _put(contact, "ID", "1")
    _put(contact, "Name", party.contact)
    _put(contact, "Telephone", party.phone)
    _put(contact, "ElectronicMail", party.email)


def _put_means(node, reminder):
    """How to pay: a transfer to the bank account, with the deadline and the reference of the letter."""
    _put(node, "ID", "1")
    _put(node, "PaymentMeansCode", "31" if reminder.iban else "42")
    _put(node, "PaymentDueDate", reminder.deadline and reminder.deadline.isoformat())
    channel = {"listID": "urn:oioubl:codelist:paymentchannelcode-1.1", **LIST}
    _put(node, "PaymentChannelCode", "IBAN" if reminder.iban else "DK:BANK", **channel)
    account = _add(node, "PayeeFinancialAccount")
    _put(account, "ID", reminder.account)
    _put(account, "Name", reminder.account_name)
    _put(account, "PaymentNote", reminder.reference)
    if reminder.bic:
        branch = _add(account, "FinancialInstitutionBranch")
        _put(_add(branch, "FinancialInstitution"), "ID", reminder.bic, schemeID="BIC")


def _put_line(node, number, line, reminder):
    _put(node, "ID", str(number))
    _put(node, "Note", line.note)
    side = "DebitLineAmount" if line.amount >= 0 else "CreditLineAmount"
    _put_amount(node, side, abs(line.amount), reminder)
    if line.invoice:
        document = _add(_add(node, "BillingReference"), "InvoiceDocumentReference")
        _put(document, "ID", line.invoice)
        _put(document, "IssueDate", line.issued and line.issued.isoformat())
