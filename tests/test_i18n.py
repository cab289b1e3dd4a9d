"""The translation template holds what the sources say. ``make pot`` writes it anew."""

import io
import os
import re
from pathlib import Path
from unittest.mock import patch

import polib

from odoo.fields import NO_ACCESS
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

MODULE = Path(__file__).parent.parent
TEMPLATE = MODULE / "i18n" / "account_dunning.pot"
# No text for users is in these, and build/ holds a link to the module itself, which the export would follow.
NOT_EXPORTED = {"bench", "build", "dev", "docs", "i18n", "tests"}
LANGUAGES = ("de", "es", "fr", "it", "nl")
# What a translation must have as its term has it: placeholders, tags, entities.
MARKS = re.compile(r"%\(\w+\)[a-z]|%%|%[a-z]\b|\{[\w.]*\}|</?[a-zA-Z][\w.-]*|&[a-z]+;")
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
        for language in LANGUAGES:
            self.assertFalse(terms - {entry.msgid for entry in self.translations(language) if entry.msgstr}, language)

    def test_every_term_is_translated(self):
        """Nothing is missing or fuzzy, and what is filled in, or marks up, is in the translation as in the term."""
        terms = {entry.msgid for entry in polib.pofile(self.template())}
        for language in LANGUAGES:
            with self.subTest(language):
                entries = self.translations(language)
                done = {entry.msgid for entry in entries if entry.msgstr.strip() and not entry.fuzzy}
                self.assertFalse(sorted(terms - done), "missing or fuzzy")
                self.assertFalse(sorted(done - terms), "of no term")
                broken = [entry.msgid for entry in entries if not is_whole(entry)]
                self.assertFalse(broken, "placeholders, tags, or spaces at the ends differ")

    def test_what_is_broken_is_found(self):
        for term, good, bad in (
            ("%(count)s of %(all)s", "%(count)s von %(all)s", "%(count)s von %(alle)s"),
            ("<b>Due</b> {day}", "<b>Fällig</b> {day}", "Fällig {day}"),
            ("5 %% of it", "5 %% davon", "5 % davon"),
            ("Pay ", "Zahlen ", "Zahlen"),
            ("Dear {customer}, {total}", "Guten Tag, {total}", "Guten Tag {customer}"),
        ):
            self.assertTrue(is_whole(polib.POEntry(msgid=term, msgstr=good)))
            self.assertFalse(is_whole(polib.POEntry(msgid=term, msgstr=bad)), bad)

    def translations(self, language):
        return polib.pofile(str(TEMPLATE.with_name(f"{language}.po")))

    def export(self):
        """Give what Odoo exports as a template for the module, without the dates."""
        buffer = io.BytesIO()
        with patch("os.walk", walk_sources):
            trans_export(None, ["account_dunning"], buffer, "po", self.env)
        hidden = {
            f"#: model:ir.model.fields,{text}:account_dunning.field_{name.replace('.', '_')}__{field.name}\n"
            for name, model in self.env.items()
            for field in model._fields.values()
            if field.groups == NO_ACCESS
            for text in ("field_description", "help")
        }
        lines = buffer.getvalue().decode().splitlines(keepends=True)
        dated = ('"POT-Creation-', '"PO-Revision-')
        kept = "".join(line for line in lines if line not in hidden and not line.startswith(dated))
        header, *blocks = kept.split("\n\n")
        return "\n\n".join([header, *(block for block in blocks if "#: " in block or not block.strip())])

    def template(self):
        return TEMPLATE.read_text(encoding="utf-8") if TEMPLATE.exists() else ""

    def terms(self, template):
        """Give each term with the places where it occurs, in order."""
        return sorted((entry.msgid, sorted(entry.occurrences)) for entry in polib.pofile(template))


def is_whole(entry):
    """Whether a translation keeps the marks of its term, and the spaces at its ends.

    It may address the customer without his name, and have a space before a colon.
    """
    term, text = entry.msgid, entry.msgstr
    wanted, found = (sorted(mark for mark in MARKS.findall(each) if mark != "{customer}") for each in (term, text))
    spaced = term[:1].isspace() <= text[:1].isspace() and term[-1:].isspace() == text[-1:].isspace()
    return wanted == found and spaced


def walk_sources(top, **kwargs):
    """Walk as ``os.walk`` does, but through the sources of this module only."""
    if Path(top) != MODULE.parent:
        return
    for root, folders, files in _walk(top, **kwargs):
        if Path(root) == MODULE:
            folders[:] = [name for name in folders if name not in NOT_EXPORTED and not name.startswith(".")]
        yield root, folders, files
