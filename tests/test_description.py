"""The page that Odoo's Apps show of the module, as Odoo makes it of static/description/index.html."""

import re
from pathlib import Path

from lxml import html
from PIL import Image

from odoo.modules import Manifest
from odoo.tests import TransactionCase, tagged

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "static" / "description"
SERVED = "/account_dunning/static/description/"


@tagged("post_install", "-at_install")
class TestDescription(TransactionCase):
    def setUp(self):
        super().setUp()
        self.page = html.fromstring(self.env.ref("base.module_account_dunning").description_html)

    def test_pictures_are_there_small_and_those_of_the_documentation(self):
        shown = self.page.xpath("//img/@src")
        self.assertTrue(all(path.startswith(SERVED) for path in shown), shown)
        names = {path.removeprefix(SERVED) for path in shown}
        self.assertLessEqual({"desk.png", "case.png", "letter.png", "page.png", "dashboard.png"}, names)
        for name in names:
            with self.subTest(name):
                self.assertLess((FOLDER / name).stat().st_size, 150_000)
                self.assertEqual((FOLDER / name).read_bytes(), (ROOT / "docs/images" / name).read_bytes())
        self.assertTrue(all(self.page.xpath("//img/@alt")))
        self.assertEqual({path.name for path in FOLDER.iterdir()}, names | {"index.html", "icon.png", "banner.png"})

    def test_nothing_comes_from_elsewhere_or_is_taken_out_by_odoo(self):
        source = (FOLDER / "index.html").read_text()
        self.assertNotRegex(source, r"https?:|//|<(script|style|link|meta|iframe)")
        self.assertEqual(self.page.text_content().split(), html.fromstring(source).text_content().split())

    def test_figures_are_those_of_the_documentation(self):
        measured = (ROOT / "docs/performance.md").read_text()
        figures = [each.text_content().strip() for each in self.page.xpath("//*[@id='measured']//td")]
        self.assertGreater(len(figures), 5)
        for figure in figures:
            with self.subTest(figure):
                self.assertIn(re.sub(r" a second$", "", figure), measured)

    def test_languages_are_those_that_are_translated(self):
        names = {"de": "German", "fr": "French", "es": "Spanish", "nl": "Dutch", "it": "Italian"}
        spoken = {names[path.stem] for path in (ROOT / "i18n").glob("*.po")}
        [sentence] = re.findall(r"speak (.*?)\.", self.page.text_content())
        self.assertEqual(set(re.split(r", | and ", sentence)), spoken | {"English"})

    def test_manifest_names_what_is_there(self):
        manifest = Manifest.for_addon("account_dunning")
        self.assertEqual(manifest["images"], ["static/description/banner.png"])
        with Image.open(ROOT / manifest["images"][0]) as banner:
            self.assertEqual(banner.size, (1120, 560))
        self.assertEqual(manifest["website"], f"{SERVED}index.html")
        self.assertTrue(manifest["application"], "Apps show only applications unless asked for more")
