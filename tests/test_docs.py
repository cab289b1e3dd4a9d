"""The documentation tells of all that users meet, and shows its pictures; it is no part of the installed module."""

import re
import unittest
from pathlib import Path

from odoo.tests import TransactionCase, tagged

ROOT = Path(__file__).parents[1]


@tagged("post_install", "-at_install")
@unittest.skipUnless((ROOT / "docs").is_dir(), "needs the checkout")
class TestDocs(TransactionCase):
    def pages(self):
        return {path.name: path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]}

    def test_every_reason_of_what_was_skipped_is_explained(self):
        usage = self.pages()["usage.md"]
        for label in dict(self.env["account.dunning.skipped"]._get_reasons()).values():
            with self.subTest(label):
                self.assertIn(f"\n| {label} | ", usage)

    def test_every_picture_is_shown_and_there(self):
        shown = set(re.findall(r"images/(\w+\.png)", " ".join(self.pages().values())))
        self.assertEqual(shown, {path.name for path in (ROOT / "docs/images").glob("*.png")})

    def test_links_between_pages_lead_somewhere(self):
        """A heading's anchor: its words in lower case, joined by hyphens."""
        pages = self.pages()
        anchors = {
            name: {
                re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-")
                for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
            }
            for name, text in pages.items()
        }
        for name, text in pages.items():
            for page, anchor in re.findall(r"\]\((?:docs/)?([a-z]*\.md)?#([^)]+)\)", text):
                with self.subTest(page=name, anchor=anchor):
                    self.assertIn(anchor, anchors[page or name])
