"""The translation template holds what the sources say. ``make pot`` writes it anew."""

import io
import os
import re
from pathlib import Path
from unittest.mock import patch

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

MODULE = Path(__file__).parent.parent
TEMPLATE = MODULE / "i18n" / "account_dunning.pot"
# No text for users is in these, and build/ holds a link to the module itself, which the export would follow.
NOT_EXPORTED = {"bench", "build", "dev", "docs", "i18n", "tests"}
_walk = os.walk


@tagged("post_install", "-at_install")
class TestTranslationTemplate(TransactionCase):
    def test_template_is_current(self):
        exported = self.export()
        if os.environ.get("DUNNING_WRITE_POT") and self.terms(exported) != self.terms(self.template()):
            TEMPLATE.write_text(exported, encoding="utf-8")
        expected, found = self.terms(exported), self.terms(self.template())
        missing = [term for term in expected if term not in found]
        superfluous = [term for term in found if term not in expected]
        self.assertEqual((missing, superfluous), ([], []), "the template is out of date: run `make pot`")

    def test_letters_are_translated_whole(self):
        """No letter, e-mail or statement mixes a language that is shipped with English."""
        views = re.compile(
            r"arch_db:account_dunning\.(report_(dunning_(letter|mail)|statement|agreement)"
            r"|promise_mail|instalment_late_mail|collection_case_mail|dunning_mail|resend_mail|mail_frame|mail_items)"
        )
        terms = {
            entry.msgid
            for entry in polib.pofile(self.template())
            if any(views.search(place) for place, _line in entry.occurrences) and entry.msgid != "&amp;nbsp;"
        }
        self.assertGreater(len(terms), 30)
        for language in ("de", "fr"):
            entries = polib.pofile(str(TEMPLATE.with_name(f"{language}.po")))
            self.assertFalse(terms - {entry.msgid for entry in entries if entry.msgstr}, language)

    def export(self):
        """Give what Odoo exports as a template for the module, without the dates."""
        buffer = io.BytesIO()
        with patch("os.walk", walk_sources):
            trans_export(None, ["account_dunning"], buffer, "po", self.env)
        lines = buffer.getvalue().decode().splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith(('"POT-Creation-', '"PO-Revision-')))

    def template(self):
        return TEMPLATE.read_text(encoding="utf-8") if TEMPLATE.exists() else ""

    def terms(self, template):
        """Give each term with the places where it occurs, in order."""
        return sorted((entry.msgid, sorted(entry.occurrences)) for entry in polib.pofile(template))


def walk_sources(top, **kwargs):
    """Walk as ``os.walk`` does, but through the sources of this module only."""
    if Path(top) != MODULE.parent:
        return
    for root, folders, files in _walk(top, **kwargs):
        if Path(root) == MODULE:
            folders[:] = [name for name in folders if name not in NOT_EXPORTED and not name.startswith(".")]
        yield root, folders, files
