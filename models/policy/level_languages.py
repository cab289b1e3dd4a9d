from odoo import api


class LevelLanguages:
    """In which languages the texts of a level are written."""

    __slots__ = ()

    @api.depends("text")
    @api.depends_context("lang")
    def _compute_languages(self):
        names = dict(self.env["res.lang"].get_installed())
        for level in self:
            written = level._get_written_languages()
            missing = [name for code, name in names.items() if code not in written]
            level.languages = ", ".join(names[code] for code in names if code in written)
            level.missing_languages = ", ".join(missing) if level._origin else False

    def _get_written_languages(self):
        """The codes of the languages in which somebody wrote the letter, or the module did.

        Odoo stores a first text as the English one too, whatever language its author has: where others have the very
        same text, English counts as missing, unless it is the only one.
        """
        stored = (self._origin and self._fields["text"]._get_stored_translations(self._origin)) or {}
        others = {code: text for code, text in stored.items() if code != "en_US"}
        written = {code for code, text in others.items() if text}
        if stored.get("en_US") and stored["en_US"] not in others.values():
            written.add("en_US")
        return written
