"""Texts by language: what is written in one language changes no other."""

from odoo.tests import tagged

from .common import DunningCommon

ENGLISH = "<p>Dear {customer}, please pay {total} by {deadline}.</p>"
GERMAN = "<p>Guten Tag {customer},</p><p>bitte zahlen Sie {total} bis {deadline}.</p>"
FRENCH = "<p>Madame, Monsieur, {total}.</p>"


@tagged("post_install", "-at_install")
class TestLevelLanguages(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for lang in ("de_DE", "fr_FR"):
            cls.env["res.lang"]._activate_lang(lang)
        cls.level_1.text = ENGLISH

    def texts_of(self, record, name):
        """The texts of the record by language, as the database has them."""
        self.env.flush_all()
        self.env.invalidate_all()
        return {lang: record.with_context(lang=lang)[name] for lang in ("en_US", "de_DE", "fr_FR")}

    def write_texts(self, record, name, **texts):
        for lang, text in texts.items():
            record.with_context(lang=lang)[name] = text
            self.env.flush_all()

    def test_every_translated_text(self):
        action = self.env["account.dunning.action"].create({"name": "Call"})
        translated = [
            (model._name, name)
            for model in self.env.values()
            if model._original_module == "account_dunning" and model._auto
            for name, field in model._fields.items()
            if field.store and field.translate and field.type in ("html", "text")
        ]
        self.assertIn(("account.dunning.level", "text"), translated)
        records = {"account.dunning.level": self.level_1, "account.dunning.action": action}
        for model, name in translated:
            with self.subTest(model=model, field=name):
                record = records[model]
                self.write_texts(record, name, en_US=ENGLISH, fr_FR=FRENCH, de_DE=GERMAN)
                self.assertEqual(self.texts_of(record, name), {"en_US": ENGLISH, "fr_FR": FRENCH, "de_DE": GERMAN})
                self.write_texts(
                    record, name, de_DE="<p>Ganz anders {total}.</p>", en_US="<p>Kindly remit {total}.</p>"
                )
                self.assertEqual(
                    self.texts_of(record, name),
                    {
                        "en_US": "<p>Kindly remit {total}.</p>",
                        "fr_FR": FRENCH,
                        "de_DE": "<p>Ganz anders {total}.</p>",
                    },
                )

    def test_emptying_one_language(self):
        self.write_texts(self.level_1, "text_below", en_US="<p>Regards</p>", de_DE="<p>Mit Gruß</p>")
        self.write_texts(self.level_1, "text_below", de_DE=False)
        texts = self.texts_of(self.level_1, "text_below")
        self.assertFalse(texts["de_DE"])
        self.assertEqual((texts["en_US"], texts["fr_FR"]), ("<p>Regards</p>", "<p>Regards</p>"))

    def test_what_is_written_is_still_sanitized(self):
        self.write_texts(self.level_1, "text", de_DE="<p>Hallo<script>alert(1)</script></p>")
        self.assertEqual(self.texts_of(self.level_1, "text")["de_DE"], "<p>Hallo</p>")

    def test_languages_of_a_level(self):
        self.assertEqual(self.level_1.languages, "English (US)")
        self.assertEqual(self.level_1.missing_languages, "French / Français, German / Deutsch")
        self.write_texts(self.level_1, "text", de_DE=GERMAN)
        self.level_1.invalidate_recordset()
        self.assertEqual(self.level_1.languages, "English (US), German / Deutsch")
        self.assertEqual(self.level_1.missing_languages, "French / Français")

    def test_a_level_written_by_somebody_german(self):
        level = self.level_1.with_context(lang="de_DE").create(
            {"name": "Neu", "type_id": self.dunning_type.id, "days": 70, "text": GERMAN}
        )
        self.assertEqual(level.languages, "German / Deutsch")
        self.write_texts(level, "text", en_US=ENGLISH)
        level.invalidate_recordset()
        self.assertEqual(level.languages, "English (US), German / Deutsch")

    def test_shipped_texts(self):
        """They come with the module in German and French."""
        self.env["ir.module.module"]._load_module_terms(["account_dunning"], ["de_DE", "fr_FR"])
        for number in ("reminder", "second", "final"):
            texts = self.texts_of(self.env.ref(f"account_dunning.level_standard_{number}").sudo(), "text")
            self.assertIn("Dear {customer}", texts["en_US"])
            self.assertIn("Sehr geehrte Damen und Herren", texts["de_DE"])
            self.assertIn("Madame, Monsieur", texts["fr_FR"])
