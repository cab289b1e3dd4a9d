"""What banks write of payments that came back: camt.053/054, pain.002, text."""

from datetime import date

from odoo.tests import BaseCase

from ..tools.bank_returns import Returned, ReturnsError, find_code, read_returns

KNOWN = {"AM04", "AC04", "DUPL", "R01"}
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>
<GrpHdr><CreDtTm>2026-06-02T08:00:00</CreDtTm></GrpHdr>
<Ntfctn><Ntry><Amt Ccy="EUR">150.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2026-06-01</Dt></BookgDt>
<NtryDtls>
<TxDtls><Refs><EndToEndId>PAY/1</EndToEndId></Refs><Amt Ccy="EUR">100.00</Amt>
<RtrInf><Rsn><Cd>AM04</Cd></Rsn><AddtlInf>no cover</AddtlInf></RtrInf></TxDtls>
<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId><InstrId>PAY/2</InstrId></Refs>
<AmtDtls><TxAmt><Amt Ccy="EUR">50.00</Amt></TxAmt></AmtDtls><RtrInf><Rsn><Cd>ac04</Cd></Rsn></RtrInf></TxDtls>
</NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">7.00</Amt><BookgDt><DtTm>2026-05-31T10:00:00</DtTm></BookgDt><NtryDtls><TxDtls>
<Refs><EndToEndId>PAY/3</EndToEndId></Refs><RtrInf><Rsn><Cd>XX99</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">9.00</Amt><NtryDtls><TxDtls><Refs><EndToEndId>IN/1</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>
</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"""
PAIN = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt>
<GrpHdr><CreDtTm>2026-06-03T08:00:00</CreDtTm></GrpHdr><OrgnlPmtInfAndSts>
<TxInfAndSts><OrgnlEndToEndId>PAY/4</OrgnlEndToEndId><TxSts>RJCT</TxSts>
<StsRsnInf><Rsn><Cd>MD01</Cd></Rsn><AddtlInf>no mandate</AddtlInf></StsRsnInf>
<OrgnlTxRef><Amt><InstdAmt Ccy="CHF">12.50</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>
<TxInfAndSts><OrgnlEndToEndId>PAY/5</OrgnlEndToEndId><TxSts>ACCP</TxSts></TxInfAndSts>
</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"""


class TestBankReturns(BaseCase):
    def test_codes_in_text(self):
        for text, code in (
            ("Rücklastschrift AM04 IBAN DE02", "AM04"),
            ("SVWZ+RETURN/am04/NO FUNDS", "AM04"),
            ("reason: DUPL.", "DUPL"),
            ("Dupl of the other", ""),
            ("DE89AM0412", ""),
            ("MS03 then AC04", "AC04"),
            ("return r01", "R01"),
            (None, ""),
        ):
            self.assertEqual(find_code(text, KNOWN), code, text)

    def test_camt(self):
        self.assertEqual(
            read_returns(CAMT.encode(), KNOWN),
            [
                Returned("AM04", ("PAY/1",), 100.0, "EUR", date(2026, 6, 1), "no cover"),
                Returned("AC04", ("PAY/2",), 50.0, "EUR", date(2026, 6, 1), ""),
                Returned("XX99", ("PAY/3",), 7.0, "EUR", date(2026, 5, 31), ""),
            ],
            "what came in is no return",
        )

    def test_pain(self):
        self.assertEqual(
            read_returns(b"\xef\xbb\xbf" + PAIN.encode(), KNOWN),
            [Returned("MD01", ("PAY/4",), 12.5, "CHF", date(2026, 6, 3), "no mandate")],
        )

    def test_text(self):
        content = "Returned:\nAM04 PBNK1/2026/00012 100.00\nnothing here\nINV/2026/00007; AC04".encode("utf-8-sig")
        returns = read_returns(content, KNOWN)
        self.assertEqual([each.code for each in returns], ["AM04", "AC04"])
        self.assertIn("PBNK1/2026/00012", returns[0].references)
        self.assertIn("INV/2026/00007", returns[1].references)
        self.assertEqual(returns[0].amount, None)
        self.assertEqual(read_returns("Rücklast AM04".encode("latin-1"), KNOWN)[0].code, "AM04")
        self.assertEqual(read_returns(b"", KNOWN), [])

    def test_what_cannot_be_read(self):
        bomb = b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 1000 + b'">]><Document><Ntry>&b;</Ntry></Document>'
        for content, kind in (
            (b"<Document><Ntry>", "damaged"),
            (b"<Invoice/>", "other"),
            (b" " * (21 * 2**20), "large"),
        ):
            with self.assertRaises(ReturnsError) as caught:
                read_returns(content, KNOWN)
            self.assertEqual(caught.exception.args, (kind,))
        self.assertEqual(read_returns(bomb, KNOWN), [], "entities are not resolved")
