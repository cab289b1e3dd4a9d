"""What customers object to on their page (rules §13): disputes with files, *I have paid*, copies; what they type."""

from odoo.fields import Date
from odoo.tests import tagged

from .common import TODAY
from .portal_common import PDF, THINKS
from .test_portal_acts import EVIL, ActsCommon

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
SIZE = 5 * 1024 * 1024  # bytes that a file may have
BAD_FILES = {
    "page.html": b"<html><body><script>alert(1)</script></body></html>",
    "image.svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "program.exe": b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00",
    "disguised.pdf": b"<html><body>no PDF</body></html>",
    "archive.zip": b"PK\x03\x04\x14\x00\x00\x00\x08\x00",
    "empty.pdf": b"",
    "text.txt": b"words",
}


def upload(**files):
    return [("files", (name.replace("_", "."), content)) for name, content in files.items()]


class DisputeCommon(ActsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.shipped("reason_price")

    def dispute(self, files=None, **values):
        data = {
            "item_id": self.item(self.small).id,
            "reason_id": self.reason.id,
            "amount": "20",
            "text": "Too dear",
            **values,
        }
        return self.act("dispute", files=files, **data)

    def files(self):
        """What was kept of what customers sent."""
        models = ("account.collection.case", "account.dunning.request", "account.dunning.hold", "mail.message")
        return self.env["ir.attachment"].sudo().search([("res_model", "in", models), ("res_id", "!=", 0)])


@tagged("post_install", "-at_install")
class TestDisputes(DisputeCommon):
    def test_a_part_is_contested(self):
        self.reason.user_id = self.manager
        self.assertDone(self.dispute(), "dispute")
        hold = self.holds()
        self.assertRecordValues(
            hold,
            [
                {
                    "move_line_id": self.item(self.small).id,
                    "amount": 20.0,
                    "reason_id": self.reason.id,
                    "user_id": self.manager.id,
                    "review_date": Date.add(TODAY, days=self.reason.review_days),
                    "ended_on": False,
                }
            ],
        )
        self.assertIn("Too dear", hold.note)
        self.assertFalse(self.requests())
        self.assertEqual(self.acts(), ["dispute"])
        self.assertIn("260.00", self.get().text, "the contested part is not asked for")

    def test_it_holds_for_its_review_days_only(self):
        """A customer cannot stop his own collection for longer."""
        self.assertDone(self.dispute(amount=""), "dispute")
        item = self.item(self.small)
        days = self.reason.review_days
        self.go(days)
        self.assertNotIn(item, self.run_day().notice_ids.line_ids.move_line_id)
        self.go(10)
        self.assertIn(item, self.run_day().notice_ids.line_ids.move_line_id)

    def test_all_of_it(self):
        for amount in ("", "0", "50"):
            with self.subTest(amount), self.env.cr.savepoint() as savepoint:
                self.assertDone(self.dispute(amount=amount), "dispute")
                self.assertEqual(self.holds().amount_held, 50.0)
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_with_files(self):
        before = self.files()
        self.assertDone(self.dispute(upload(a_pdf=PDF, b_png=PNG, c_jpg=JPEG)), "dispute")
        kept = self.files() - before
        self.assertEqual(sorted(kept.mapped("name")), ["a.pdf", "b.png", "c.jpg"])
        self.assertFalse(any(kept.mapped("public")))
        self.assertFalse(any(kept.mapped("access_token")))
        self.assertEqual(kept.filtered(lambda file: file.name == "a.pdf").raw, PDF)

    def test_files_that_are_refused(self):
        before = self.files()
        cases = {name: [("files", (name, content))] for name, content in BAD_FILES.items()}
        cases["large.pdf"] = [("files", ("large.pdf", PDF + b"x" * SIZE))]
        cases["good and bad"] = [("files", ("a.pdf", PDF)), ("files", ("b.html", BAD_FILES["page.html"]))]
        cases["too many"] = [("files", (f"{number}.pdf", PDF)) for number in range(6)]
        for name, files in cases.items():
            with self.subTest(name):
                answer = self.dispute(files)
                self.assertRefused(answer)
                self.assertIn("Too dear", answer.filled("dispute")["text"], "what was typed is kept")
        self.assertNothingDone()
        self.assertEqual(self.files(), before, "nothing is kept of what was refused")

    def test_file_names_are_names(self):
        names = ("../../etc/passwd", "a" * 500 + ".pdf", '<b>x</b>".pdf', "a\r\nSet-Cookie: x=1.pdf", "\u202etxt.pdf")
        for number, name in enumerate(names):
            answer = self.dispute([("files", (name, PDF))], text=f"Number {number}")
            self.assertIn(answer.status, (303, 422))
        for file in self.files():
            self.assertNotIn("..", file.store_fname or "")
            self.assertLessEqual(len(file.name), 255)
        for body in self.case.message_ids.mapped("body"):
            self.assertNotIn("<b>", body)

    def test_a_second_one_is_a_request(self):
        self.dispute()
        self.assertDone(self.dispute(text="And again", files=upload(a_pdf=PDF)), "dispute")
        self.assertEqual(len(self.holds()), 1)
        request = self.requests()
        self.assertRecordValues(request, [{"kind": "dispute", "state": "open", "amount": 20.0}])
        self.assertEqual(request.item_ids, self.item(self.small))
        self.assertEqual(request.reason_id, self.reason)
        self.assertTrue(self.tasks())

    def test_after_a_rejection_it_is_a_request(self):
        self.dispute()
        self.holds().sudo()._end(self.today, "rejected")
        self.assertDone(self.dispute(text="But still"), "dispute")
        self.assertFalse(self.holds().filtered(lambda hold: not hold.ended_on))
        request = self.as_collector(self.requests())
        request.action_accept()
        self.assertEqual(self.holds().filtered(lambda hold: not hold.ended_on).move_line_id, self.item(self.small))

    def test_another_item_is_another_dispute(self):
        self.dispute()
        self.assertDone(self.dispute(item_id=self.item(self.contacts).id), "dispute")
        self.assertEqual(len(self.holds()), 2)
        self.assertFalse(self.requests())

    def test_figures_still_tell_of_it(self):
        """What is disputed is owed all the same."""
        before = self.case.amount_overdue
        self.dispute(amount="")
        self.env.cr.precommit.run()
        self.case.invalidate_recordset()
        self.assertEqual((self.case.amount_overdue, self.case.amount_disputed), (before, 50.0))

    def test_bad_input(self):
        hold = self.shipped("reason_excluded")
        foreign = self.setup_other_company(name="Elsewhere")["company"]
        reasons = self.env["account.dunning.reason"].sudo()
        theirs = reasons.search([("company_id", "=", foreign.id), ("dispute", "=", True)], limit=1)
        self.assertTrue(theirs)
        for values in (
            {"item_id": ""},
            {"item_id": "x"},
            {"item_id": "9" * 40},
            {"item_id": 10**8},
            {"reason_id": ""},
            {"reason_id": "x"},
            {"reason_id": hold.id},
            {"reason_id": theirs.id},
            *({"amount": amount} for amount in ("-1", "50.01", "x", "nan", "1e400")),
            {"text": ""},
            {"text": " \n "},
            {"text": "x" * 100_000},
        ):
            with self.subTest(str(values)[:60]):
                answer = self.dispute(**values)
                self.assertRefused(answer)
                kept = {"amount": "20", "text": "Too dear"} | values
                self.assertIn(str(kept["amount"]), answer.filled("dispute")["amount"])
        self.assertFalse(self.holds())
        self.assertFalse(self.requests())


@tagged("post_install", "-at_install")
class TestPaidAndCopies(DisputeCommon):
    def paid(self, files=None, **values):
        data = {"date": self.day(-3), "reference": "TRX 42", "text": "From my other bank", **values}
        return self.act("paid", files=files, **data)

    def test_paid_is_a_task(self):
        self.case.user_id = self.collector
        self.assertDone(self.paid(upload(proof_pdf=PDF)), "paid")
        task = self.tasks()
        self.assertEqual(task.user_id, self.collector)
        self.assertIn("TRX 42", task.note)
        self.assertIn("From my other bank", task.note)
        self.assertFalse(self.holds(), "it holds nothing")
        self.assertFalse(self.requests())
        self.assertIn("proof.pdf", self.files().mapped("name"))

    def test_paid_is_refused(self):
        for values in (
            *({"date": wrong} for wrong in ("", "x", "2026-02-30", self.day(1), "0000-00-00")),
            {"reference": "x" * 100_000},
            {"text": "x" * 100_000},
        ):
            with self.subTest(str(values)[:60]):
                answer = self.paid(**values)
                self.assertRefused(answer)
                if "reference" not in values:
                    self.assertIn("TRX 42", answer.filled("paid")["reference"])
        self.assertRefused(self.paid([("files", ("page.html", BAD_FILES["page.html"]))]))
        self.assertFalse(self.tasks())

    def test_copies_are_a_task(self):
        self.assertDone(self.act("copy", item_ids=[self.item(self.small).id, self.item(self.halves).id]), "copy")
        task = self.tasks()
        self.assertIn(self.small.name, task.summary)
        self.assertIn(self.halves.name, task.summary)
        self.assertNotIn(self.partly.name, task.summary)

    def test_copies_of_nothing(self):
        for ids in ([], ["x"], ["-1"], [10**8]):
            self.assertRefused(self.act("copy", item_ids=ids))
        self.assertFalse(self.tasks())

    def test_a_double_click(self):
        page = self.get()
        values = {
            "copy": {"item_ids": self.overdue.ids},
            "paid": {"date": self.day(-3), "reference": "TRX 42"},
            "contact": {"contact_phone": "+1 555 0199"},
            "dispute": {"item_id": self.item(self.small).id, "reason_id": self.reason.id, "text": "No"},
        }
        for act, data in values.items():
            answers = [self.act(act, page=page, wait=THINKS, **data).status for _click in range(2)]
            self.assertEqual(answers, [303, 303], act)
        self.assertEqual(self.acts(), list(values))
        self.assertEqual(len(self.holds()), 1)
        self.assertEqual(self.requests().mapped("kind"), ["contact"])
        self.assertEqual(len(self.tasks()), 3, "a copy, a payment, contact data")

    def test_another_file_is_no_double_click(self):
        """Who sends a proof again because the first was the wrong one loses nothing."""
        page, values = self.get(), {"date": self.day(-3), "reference": "TRX 42"}
        for content in (PDF, PDF, PDF + b"%another one"):
            files = [("files", ("proof.pdf", content, "application/pdf"))]
            self.assertEqual(self.act("paid", page=page, wait=THINKS, files=files, **values).status, 303)
        self.assertEqual(self.acts(), ["paid", "paid"])
        self.assertEqual(len(self.tasks()), 2)

    def test_changed_back_and_forth(self):
        """The same again after something else is no double click."""
        for phone in ("+1 555 0101", "+1 555 0102", "+1 555 0101"):
            self.assertDone(self.act("contact", contact_phone=phone), "contact")
        self.assertEqual(self.requests().mapped("contact_phone")[-1], "+1 555 0101")


@tagged("post_install", "-at_install")
class TestTyped(DisputeCommon):
    """Whatever is typed stays text, for the customer and for whoever works on the case."""

    def test_texts_are_escaped(self):
        self.case.user_id = self.collector
        self.dispute(text=EVIL)
        self.dispute(text=EVIL + " again")
        self.act("paid", date=self.day(-3), reference=EVIL, text=EVIL)
        self.act("contact", contact_name=EVIL, text=EVIL)
        self.act(
            "instalments",
            item_ids=self.overdue.ids,
            currency_id=self.company.currency_id.id,
            count="4",
            date=self.day(9),
            text=EVIL,
        )
        self.assertEqual(len(self.acts()), 5)
        shown = [
            *self.case.message_ids.mapped("body"),
            *self.requests().message_ids.mapped("body"),
            *self.holds().message_ids.mapped("body"),
            *self.tasks().mapped("note"),
            self.case.timeline or "",
        ]
        for text in map(str, shown):
            self.assertNotRegex(text, r"<script|<b>")
        self.assertTrue([text for text in shown if "&lt;b&gt;bold" in str(text)], "it is told as it was typed")
        self.assertNotRegex(self.get().response.text, r"<script>alert|<b>bold")

    def test_what_is_refused_is_escaped_too(self):
        evil = '"><script>alert(1)</script>'
        for act, values in {
            "pay": {"item_ids": evil, "currency_id": evil, "amount": evil},
            "promise": {"item_ids": self.overdue.ids, "date": evil, "amount": evil},
            "instalments": {"item_ids": self.overdue.ids, "count": evil, "date": evil, "text": evil},
            "dispute": {"item_id": evil, "reason_id": evil, "amount": evil, "text": evil},
            "paid": {"date": evil, "reference": evil, "text": evil},
            "contact": {"contact_email": evil, "contact_name": evil, "contact_phone": evil, "text": evil},
        }.items():
            answer = self.act(act, **values)
            self.assertRefused(answer)
            self.assertNotIn("<script>alert(1)", answer.response.text, act)
        self.assertNotIn("<script>alert(1)", self.get(done=evil).response.text)

    def test_characters_that_no_keyboard_has(self):
        """A zero byte cannot be stored; half a character is none."""
        for wrong in ("a\x00b", "\ud800".encode("utf-16", "surrogatepass").decode("latin1"), "\u202e", "😀" * 100):
            with self.subTest(repr(wrong)):
                for act, values in {
                    "paid": {"date": self.day(-3), "reference": wrong, "text": wrong},
                    "contact": {"contact_name": wrong, "text": wrong},
                    "dispute": {"item_id": self.item(self.small).id, "reason_id": self.reason.id, "text": wrong},
                }.items():
                    self.assertIn(self.act(act, **values).status, (303, 422), act)

    def test_bytes_that_are_no_text(self):
        data = b"csrf_token=%s&date=%s&reference=\xff\xfe" % (self.get().csrf.encode(), self.day(-3).encode())
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._open(f"{self.base}/paid", THINKS, data=data, headers=headers, method="POST")
        self.assertIn(answer.status, (303, 400, 422))

    def test_an_act_that_there_is_not(self):
        for act in ("delete", "request", "__init__", "_do_pay", "x" * 300, "agree/x", "agree"):
            self.assertIn(self.act(act).status, (404, 422, 400), act)
        self.assertFalse(self.acts())
