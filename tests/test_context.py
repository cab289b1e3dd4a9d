"""What a client sends along decides nothing: keys of the context, and addresses in the texts that are printed."""

import base64
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.account_dunning.tools.pdf.links import keep_inside
from odoo.addons.account_dunning.tools.pdf.printer import is_whole

from .common import DunningCommon, StubLetters

ROOT = Path(__file__).parents[1]
READS = re.compile(r"""context(?:\.get\(|\[)\s*["'](dunning_\w+)""")
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@tagged("post_install", "-at_install")
class TestContext(StubLetters, DunningCommon):
    def test_no_key_of_ours_is_read_bare(self):
        """Our own keys are read by ``tools.given`` alone, which takes nothing that a client could send."""
        for path in ROOT.rglob("*.py"):
            if path.relative_to(ROOT).parts[0] in ("models", "wizards", "reports", "tools", "data"):
                self.assertFalse(READS.findall(path.read_text(encoding="utf-8")), path)

    def test_the_disk_stays_closed(self):
        report = self.env.ref("account_dunning.action_report_dunning_letter")
        report = report.with_context(pdf_folders=["/etc"])
        self.assertNotIn("--allow", report._build_wkhtmltopdf_args(report.get_paperformat(), False))

    def test_no_report_becomes_ours(self):
        reports = self.env["ir.actions.report"].with_context(dunning_dossier=True)
        self.assertFalse(reports._is_quick("account.report_invoice"))

    def test_actions_that_block_are_heeded(self):
        action = self.env["account.dunning.action"].create(
            {"name": "Call", "kind": "activity", "blocking": True, "responsible": "user", "user_id": self.manager.id}
        )
        self.level_1.action_ids = action
        move = self.invoice(self.partner_a, 12)
        self.dun()
        reader = self.env["account.dunning.reader"].with_context(dunning_ignore_actions=True)
        [verdict] = reader._assess(self.company, self.partner_a.ids, self.today)[self.partner_a.id].verdicts
        self.assertTrue(verdict.item.obstacle)
        self.assertEqual(verdict.item.id, self.item(move).id)

    def test_two_levels_on_one_day(self):
        with self.refused(ValidationError, "on the same day"):
            self.level_1.with_context(dunning_saves_type=True).days = self.level_2.days
            self.env.flush_all()

    def test_products_get_their_taxes(self):
        company = self.setup_other_company(name="Other")["company"]
        products = self.env["product.template"].with_context(dunning_without_tax=True)
        product = products.create({"name": "Goods"})
        self.assertTrue(product.sudo().taxes_id.filtered(lambda tax: tax.company_id == company))
        own = self.env.ref("account_dunning.product_fee") + self.env.ref("account_dunning.product_interest")
        self.assertFalse(own.sudo().taxes_id + own.sudo().supplier_taxes_id)


class Listener:
    """A web server on this machine that notes what it is asked for."""

    def __enter__(self):
        asked = self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()


@tagged("post_install", "-at_install")
class TestNetwork(DunningCommon):
    def print_text(self, text):
        """The letter of a notice whose level has the HTML ``text``, whatever way it came into the database."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_dunning_level SET text = jsonb_build_object('en_US', %s::text) WHERE id = %s",
            [text, self.level_1.id],
        )
        self.env.invalidate_all()
        self.invoice(self.partner_a, 12)
        notice = self.run_day().notice_ids
        report = self.env.ref("account_dunning.action_report_dunning_letter")
        return report._render_dunning_letters(notice.sudo())[notice.id]

    def test_letters_fetch_nothing(self):
        with Listener() as listener:
            url = listener.url
            document = self.print_text(
                f"<p>Pay <img src=\"{url}/a.png\"/><img src='{url}/b.png'><img SRC={url}/c.png></p>"
                f'<div style="background: url({url}/d.png)">Now</div><table background="{url}/e.png"></table>'
                f'<iframe src="{url}/f.html"></iframe><object data="{url}/g.svg"></object>'
                f'<svg><image xlink:href="{url}/h.png" href="{url}/i.png"/></svg>'
                f'<link rel="stylesheet" href="{url}/j.css"/><style>@import "{url}/k.css";</style>'
                f'<video poster="{url}/l.png" src="{url}/m.mp4"></video><img srcset="{url}/n.png 1x"/>'
                f'<meta http-equiv="refresh" content="0; url={url}/o.html"/><embed src="{url}/p.swf"/>'
            )
        self.assertTrue(is_whole(document))
        self.assertFalse(listener.asked)

    def test_nothing_is_reached_by_scripts_either(self):
        report = self.env.ref("account_dunning.action_report_dunning_letter").with_context(force_report_rendering=True)
        with Listener() as listener:
            page = f'<html><body><script>new Image().src = "{listener.url}/" + "a.png";</script>Pay</body></html>'
            report._run_wkhtmltopdf([page], report_ref=report)
        self.assertFalse(listener.asked)

    def test_own_pictures_are_shown(self):
        attachments = self.env["ir.attachment"].sudo()
        values = {"name": "stamp.png", "datas": PIXEL, "mimetype": "image/png"}
        level = attachments.create({**values, "res_model": "account.dunning.level", "res_id": self.level_1.id})
        public = attachments.create({**values, "public": True})
        secret = attachments.create({**values, "res_model": "res.partner", "res_id": self.partner_a.id})
        report = self.env["ir.actions.report"]
        for image in (level, public):
            self.assertEqual(report._find_own_image(f"/web/image/{image.id}-abc/stamp.png"), base64.b64decode(PIXEL))
        self.assertIsNone(report._find_own_image(f"/web/image/{secret.id}"))
        public.company_id = self.setup_other_company(name="Other")["company"]
        self.assertIsNone(report._find_own_image(f"/web/image/{public.id}"))
        shown = keep_inside(
            '<a href="https://example.com">x</a><img src="/web/image/1"/><img src="file:///etc/passwd">',
            ("file:///tmp/letters/",),
            {"/web/image/1": "file:///tmp/letters/1"}.get,
        )
        self.assertEqual(
            shown, '<a href="https://example.com">x</a><img src="file:///tmp/letters/1"/><img src="data:,">'
        )

    def test_texts_are_saved_without_foreign_pictures(self):
        own = '<img src="/web/image/7-abc/stamp.png">'
        text = f'<p>Pay {own}<img src="http://127.0.0.1/a.png"><img alt="" src="//example.com/b.png">now</p>'
        level = self.level_1
        level.write({"text": text, "text_below": text})
        for saved in (level.text, level.text_below, level.copy({"days": 99, "text": text}).text):
            self.assertEqual(str(saved).count("<img"), 1)
            self.assertIn("/web/image/7-abc/stamp.png", saved)
        created = self.env["account.dunning.type"].create(
            {
                "name": "New",
                "company_id": self.company.id,
                "level_ids": [Command.create({"name": "One", "days": 5, "document": "letter", "text": text})],
            }
        )
        self.assertEqual(str(created.level_ids.text).count("<img"), 1)
