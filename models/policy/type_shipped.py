"""The dunning type that is shipped, for companies that have none."""

from functools import lru_cache

import polib

from odoo import api
from odoo.fields import Command
from odoo.tools import SQL
from odoo.tools.translate import get_po_paths, html_translate

from .ladders import LADDERS, get_ladder, get_ladders

# What a ladder says only of a type that is made of it.
WHEN_MADE = ("active", "default", "sequence")
QUIET = {"lang": "en_US", "tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}


@lru_cache
def read_terms(lang):
    """The module's own translations into the language ``lang``, by the text."""
    terms = {}
    for path in get_po_paths("account_dunning", lang):
        terms |= {entry.msgid: entry.msgstr for entry in polib.pofile(path).translated_entries()}
    return terms


def translate_text(field, source, terms):
    """The English text of a field, translated by ``terms`` as a whole, else by paragraphs; None if they lack it."""
    text = terms.get(source)
    if not text and field.type == "html":
        text = html_translate(terms.get, source)
    return text if text != source else None


def translate_field(record, field, lang, terms):
    """Write what ``terms`` make of the English text of a field."""
    text = translate_text(field, record.with_context(lang="en_US")[field.name], terms)
    if text:
        record.with_context(lang=lang)[field.name] = text


def add_translations(model, lang, terms, shipped):
    """Add texts in ``lang`` to all records of ``model`` that lack them and are, in English, as ``shipped`` (values)."""
    for name, field in model._fields.items():
        if not field.translate or not field.store:
            continue
        model.flush_model([name])
        for source in {field.convert_to_cache(vals[name], model) for vals in shipped if vals.get(name)}:
            if text := translate_text(field, source, terms):
                model.env.execute_query(
                    SQL(
                        """UPDATE %(table)s SET %(column)s = %(column)s || jsonb_build_object(%(lang)s, %(text)s)
                            WHERE %(column)s->>'en_US' = %(source)s AND NOT %(column)s ? %(lang)s RETURNING id""",
                        table=SQL.identifier(model._table),
                        column=SQL.identifier(name),
                        lang=lang,
                        text=text,
                        source=source,
                    )
                )
        model.invalidate_model([name])


def says(record, vals):
    """True where the record has the values ``vals``, in each installed language as translated, or in English."""
    for lang, _name in record.env["res.lang"].get_installed():
        record, terms = record.with_context(lang=lang), read_terms(lang) if lang != "en_US" else {}
        for name, value in vals.items():
            field, known = record._fields[name], [value]
            if field.translate and (text := translate_text(field, value, terms)):
                known.append(text)
            said = field.convert_to_cache(record[name], record)
            if said not in [field.convert_to_cache(each, record) for each in known]:
                return False
    return True


class ShippedTypes:
    __slots__ = ()

    @api.model
    def _make_shipped(self, companies, active=True):
        """Give each root company with a chart of accounts, but without any dunning type, the shipped one.

        Its texts are in English and in all languages that are installed.
        """
        known = self.with_context(active_test=False).search([("company_id", "in", companies.ids)]).company_id
        companies = companies.filtered(lambda company: company.chart_template and not company.parent_id) - known
        if not companies:
            return self
        return self._make_of_ladder(get_ladder(self.env, "standard"), companies, active=active)

    @api.model
    def _make_of_ladder(self, ladder, companies, **values):
        """A type of the :class:`Ladder` for each of the ``companies``, in all installed languages.

        :param values: of the types, besides those of the ladder or instead of them
        """
        types = self.with_context(**QUIET).create(
            [
                {
                    **ladder.type_vals,
                    **values,
                    "company_id": company.id,
                    "level_ids": [Command.create(level) for level in ladder.level_vals],
                }
                for company in companies
            ]
        )
        types._translate_shipped()
        return types

    def _get_ladder_name(self):
        """The name of the ladder that the type is, word for word in each language; None where somebody changed it."""
        self.ensure_one()
        levels = self.with_context(active_test=False).level_ids
        for name in LADDERS:
            ladder = get_ladder(self.env, name)
            if len(levels) == len(ladder.level_vals) and all(levels.mapped("active")):
                pairs = zip((self, *levels), (self._get_ladder_vals(ladder), *ladder.level_vals), strict=True)
                if all(says(record, vals) for record, vals in pairs):
                    return name
        return None

    @api.model
    def _get_ladder_vals(self, ladder):
        """What the type of a ladder is, whichever type of its company it is."""
        return {name: value for name, value in ladder.type_vals.items() if name not in WHEN_MADE}

    def _set_ladder(self, ladder):
        """Make another :class:`Ladder` of a type that is one: its levels stay, and say something else."""
        self.ensure_one()
        commands = [
            Command.update(level.id, vals) for level, vals in zip(self.level_ids, ladder.level_vals, strict=True)
        ]
        self.with_context(**QUIET).write({**self._get_ladder_vals(ladder), "level_ids": commands})
        others = {lang: False for lang, _name in self.env["res.lang"].get_installed() if lang != "en_US"}
        for record in (self, *self.level_ids) if others else ():
            for name, field in record._fields.items():
                if field.translate and field.store and record[name]:
                    record.update_field_translations(name, others)
        self._translate_shipped()

    def _translate_shipped(self):
        """Translate the texts of the types and their levels, which are in English, as the module's own."""
        for lang, _name in self.env["res.lang"].get_installed():
            terms = read_terms(lang) if lang != "en_US" else {}
            for record in (*self, *self.level_ids) if terms else ():
                for name, field in record._fields.items():
                    if field.translate and field.store and record[name]:
                        translate_field(record, field, lang, terms)

    @api.model
    def _translate_later(self, langs):
        """Give types and levels that nobody has rewritten their texts in ``langs``, which were installed now."""
        ladders = get_ladders(self.env).values()
        types, levels = [ladder.type_vals for ladder in ladders], [vals for each in ladders for vals in each.level_vals]
        for lang in set(langs) - {"en_US"}:
            if terms := read_terms(lang):
                add_translations(self, lang, terms, types)
                add_translations(self.env["account.dunning.level"], lang, terms, levels)

    @api.model
    def _make_all_shipped(self):
        """At installation: for the companies whose chart was loaded before."""
        self._make_shipped(self.env["res.company"].with_context(active_test=False).search([]))
