"""The electronic reminder (OIOUBL): what it says, in the order of UBL 2.1, and that it agrees with the letter."""

from datetime import date

from lxml import etree

from odoo.fields import Command
from odoo.tests import BaseCase, tagged

from ..models.charges.oioubl import CAC, CBC, REMINDER, Line, Party, Reminder, make_reminder
from .common import ChargesCommon

NS = {"r": REMINDER, "cac": CAC, "cbc": CBC}
# The elements of the types in UBL-Reminder-2.1.xsd and UBL-CommonAggregateComponents-2.1.xsd, in their order.
ORDER = {
    "Reminder": (
        "UBLExtensions UBLVersionID CustomizationID ProfileID ProfileExecutionID ID CopyIndicator UUID IssueDate "
        "IssueTime ReminderTypeCode ReminderSequenceNumeric Note TaxPointDate DocumentCurrencyCode TaxCurrencyCode "
        "PricingCurrencyCode PaymentCurrencyCode PaymentAlternativeCurrencyCode AccountingCostCode AccountingCost "
        "LineCountNumeric ReminderPeriod AdditionalDocumentReference Signature AccountingSupplierParty "
        "AccountingCustomerParty PayeeParty TaxRepresentativeParty PaymentMeans PaymentTerms PrepaidPayment "
        "AllowanceCharge TaxExchangeRate PricingExchangeRate PaymentExchangeRate PaymentAlternativeExchangeRate "
        "TaxTotal LegalMonetaryTotal ReminderLine"
    ),
    "Party": (
        "MarkCareIndicator MarkAttentionIndicator WebsiteURI LogoReferenceID EndpointID IndustryClassificationCode "
        "PartyIdentification PartyName Language PostalAddress PhysicalLocation PartyTaxScheme PartyLegalEntity Contact "
        "Person AgentParty ServiceProviderParty PowerOfAttorney FinancialAccount"
    ),
    "PostalAddress": (
        "ID AddressTypeCode AddressFormatCode Postbox Floor Room StreetName AdditionalStreetName BlockName "
        "BuildingName BuildingNumber InhouseMail Department MarkAttention MarkCare PlotIdentification "
        "CitySubdivisionName CityName PostalZone CountrySubentity CountrySubentityCode Region District "
        "TimezoneOffset AddressLine Country "
        "LocationCoordinate"
    ),
    "PartyTaxScheme": "RegistrationName CompanyID TaxLevelCode ExemptionReasonCode ExemptionReason "
    "RegistrationAddress TaxScheme",
    "TaxScheme": "ID Name TaxTypeCode CurrencyCode JurisdictionRegionAddress",
    "PartyLegalEntity": "RegistrationName CompanyID RegistrationDate RegistrationAddress CorporateRegistrationScheme",
    "Contact": "ID Name Telephone Telefax ElectronicMail Note OtherCommunication",
    "PaymentMeans": (
        "ID PaymentMeansCode PaymentDueDate PaymentChannelCode InstructionID InstructionNote PaymentID CardAccount "
        "PayerFinancialAccount PayeeFinancialAccount CreditAccount PaymentMandate TradeFinancing"
    ),
    "PayeeFinancialAccount": "ID Name AliasName AccountTypeCode AccountFormatCode CurrencyCode PaymentNote "
    "FinancialInstitutionBranch Country",
    "PaymentTerms": "ID PaymentMeansID PrepaidPaymentReferenceID Note ReferenceEventCode SettlementDiscountPercent "
    "PenaltySurchargePercent PaymentPercent Amount",
    "LegalMonetaryTotal": "LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount AllowanceTotalAmount "
    "ChargeTotalAmount PrepaidAmount PayableRoundingAmount PayableAmount PayableAlternativeAmount",
    "ReminderLine": (
        "ID Note UUID BalanceBroughtForwardIndicator DebitLineAmount CreditLineAmount AccountingCostCode "
        "AccountingCost PenaltySurchargePercent Amount PaymentPurposeCode ReminderPeriod BillingReference ExchangeRate"
    ),
    "InvoiceDocumentReference": "ID CopyIndicator UUID IssueDate IssueTime DocumentTypeCode",
}
# What UBL asks for at least.
REQUIRED = {
    "Reminder": {"ID", "IssueDate", "AccountingSupplierParty", "AccountingCustomerParty", "LegalMonetaryTotal"},
    "LegalMonetaryTotal": {"PayableAmount"},
    "ReminderLine": {"ID"},
    "PaymentMeans": {"PaymentMeansCode"},
}


def local(node):
    return etree.QName(node).localname


def check_order(case, root):
    """Each element stands among its siblings where the schema has it, and none is missing that it asks for."""
    for node in root.iter():
        order = ORDER.get(local(node))
        names = [local(child) for child in node]
        if order:
            places = [order.split().index(name) for name in names]
            case.assertEqual(places, sorted(places), (local(node), names))
            case.assertLessEqual(REQUIRED.get(local(node), set()), set(names))
        case.assertTrue(names or node.text, f"{local(node)} is empty")


class TestDocument(BaseCase):
    def test_all_there_is(self):
        party = Party(
            "A", "5790000436057", "GLN", "S", "S2", "C", "1", "DK", "DK12345678", "12345678", "P", "1", "a@b.c"
        )
        lines = (Line("one\x00", 100.0, "INV/1", date(2026, 1, 1)), Line("credit", -30.5), Line("fee", 5.0))
        reminder = Reminder(
            *("N/1", date(2026, 6, 1), False, 2, "DKK", 2, party, party, date(2026, 6, 7)),
            *("INV/1", "DK5000400440116243", True, "DABADKKK", "A", lines, 74.5),
        )
        root = etree.fromstring(make_reminder(reminder))
        check_order(self, root)
        self.assertEqual(root.xpath("//cbc:CreditLineAmount/text()", namespaces=NS), ["30.50"])
        self.assertEqual(root.xpath("//cbc:PayableAmount/@currencyID", namespaces=NS), ["DKK"])
        self.assertEqual(root.xpath("//cac:ReminderLine[1]/cbc:Note/text()", namespaces=NS), ["one"])

    def test_as_little_as_there_may_be(self):
        reminder = Reminder(
            *("N/1", date(2026, 6, 1), True, 1, "JPY", 0, Party("A"), Party("B"), None),
            *("", "", False, "", "", (Line("x", 1.0),), 1.0),
        )
        root = etree.fromstring(make_reminder(reminder))
        check_order(self, root)
        self.assertFalse(root.xpath("//cac:PaymentMeans", namespaces=NS))
        self.assertEqual(root.xpath("//cbc:PayableAmount/text()", namespaces=NS), ["1"])


@tagged("post_install", "-at_install")
class TestOioubl(ChargesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dunning_type.level_ids.document = "email_letter"
        denmark = cls.env.ref("base.dk")
        cls.partner_a.write({"dunning_oioubl": True, "country_id": denmark.id, "vat": "DK12345674", "street2": "2. th"})

    def mailed(self):
        """The notices of today, whose e-mails are queued."""
        notices = self.run_day().notice_ids
        self.issue(notices)
        return notices

    def document(self, notice):
        [attachment] = notice.mail_id.attachment_ids.filtered(lambda file: file.mimetype == "application/xml")
        return etree.fromstring(attachment.raw)

    def get(self, root, path):
        return [node.text for node in root.xpath(path, namespaces=NS)]

    def test_it_agrees_with_the_letter(self):
        self.level_1.write({"fee_kind": "fixed", "fee_amount": 12.34, "interest": True})
        for amount in (100.01, 33.33, 7.77):
            self.invoice(self.partner_a, 12, amount)
        self.credit(self.partner_a, 20.02, 3)
        notice = self.mailed()
        root = self.document(notice)
        check_order(self, root)
        self.assertEqual(self.get(root, "/r:Reminder/cbc:ID"), [notice.name])
        self.assertEqual(self.get(root, "/r:Reminder/cbc:IssueDate"), [str(notice.date)])
        debits = sum(map(float, self.get(root, "//cbc:DebitLineAmount")))
        credits = sum(map(float, self.get(root, "//cbc:CreditLineAmount")))
        payable = self.get(root, "//cbc:PayableAmount")
        self.assertEqual(payable, [f"{notice.amount_total:.2f}"])
        self.assertEqual(f"{debits - credits:.2f}", payable[0])
        self.assertEqual(self.get(root, "//cbc:LineExtensionAmount"), payable)
        self.assertEqual(self.get(root, "//cbc:CreditLineAmount"), ["20.02"])
        self.assertIn("12.34", self.get(root, "//cbc:DebitLineAmount"))
        self.assertNotIn("Rounding", self.get(root, "//cbc:Note"))
        self.assertEqual(
            sorted(self.get(root, "//cac:InvoiceDocumentReference/cbc:ID")), sorted(notice.line_ids.mapped("name"))
        )
        self.assertEqual(self.get(root, "//cbc:PaymentDueDate"), [str(notice.deadline_date)])
        self.assertEqual(
            self.get(root, "//cac:PayeeFinancialAccount/cbc:ID"),
            [notice._get_bank_account().acc_number.replace(" ", "")],
        )
        self.assertEqual(self.get(root, "//cac:AccountingCustomerParty//cbc:EndpointID"), ["DK12345674"])

    def test_kind_and_number_in_the_row(self):
        values = {"name": "Early", "days": -3, "reminder": True, "document": "email_letter", "text": "<p>Soon</p>"}
        self.dunning_type.level_ids = [Command.create(values)]
        self.invoice(self.partner_a, -2)
        kinds = []
        for days in (0, 13, 12):
            self.go(days)
            notice = self.mailed()
            root = self.document(notice)
            kinds.append((*self.get(root, "//cbc:ReminderTypeCode"), *self.get(root, "//cbc:ReminderSequenceNumeric")))
            notice.sudo()._set_sent()
        self.assertEqual(kinds, [("Advis", "1"), ("Reminder", "2"), ("Reminder", "3")])

    def test_only_who_wants_it(self):
        self.partner_b.write({"email": "b@example.com"})
        self.invoice(self.partner_b, 12)
        notice = self.mailed()
        self.assertNotIn("application/xml", notice.mail_id.attachment_ids.mapped("mimetype"))
        other = self.setup_other_company(name="Other")["company"]
        self.assertFalse(self.partner_a.with_company(other).dunning_oioubl, "each company for itself")

    def test_as_many_queries_for_many(self):
        counts = []
        for size in (3, 12):
            partners = self.env["res.partner"].create(
                [
                    {"name": f"Customer {size} {n}", "email": f"{n}@example.com", "dunning_oioubl": True}
                    for n in range(size)
                ]
            )
            self.invoice_each(partners, 12)
            notices = self.mailed().filtered(lambda one, partners=partners: one.partner_id in partners)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.assertEqual(len(notices.sudo()._make_electronic()), size)
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLess(counts[1] - counts[0], 18, counts)
