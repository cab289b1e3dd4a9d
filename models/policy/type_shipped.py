"""The dunning type that is shipped, for companies that have none."""

from ast import literal_eval

import polib
from lxml import etree

from odoo import api
from odoo.fields import Command
from odoo.tools import SQL, file_path
from odoo.tools.translate import get_po_paths, html_translate

SHIPPED = "account_dunning/data/account_dunning_type_data.xml"


def read_field(node):
    """The value of a ``<field>`` of the data file; None where it refers to another record."""
    if node.get("ref"):
        return None
    if node.get("eval"):
        return literal_eval(node.get("eval"))
    if node.get("type") == "html":
        return "".join(etree.tostring(child, method="html", encoding="unicode") for child in node)
    return node.text


def read_shipped():
    """The values of the shipped type, and those of its levels, as the data file has them."""
    dunning_type, levels = {}, []
    for record in etree.parse(file_path(SHIPPED)).iter("record"):
        vals = {node.get("name"): read_field(node) for node in record.iter("field")}
        vals = {name: value for name, value in vals.items() if value is not None}
        if record.get("model") == "account.dunning.type":
            dunning_type |= vals
        else:
            levels.append(vals)
    return dunning_type, levels


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
        vals, levels = read_shipped()
        quiet = {"lang": "en_US", "tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}
        types = self.with_context(**quiet).create(
            [
                {
                    **vals,
                    "active": active,
                    "company_id": company.id,
                    "level_ids": [Command.create(level) for level in levels],
                }
                for company in companies
            ]
        )
        types._translate_shipped()
        return types

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
        dunning_type, levels = read_shipped()
        for lang in set(langs) - {"en_US"}:
            if terms := read_terms(lang):
                add_translations(self, lang, terms, [dunning_type])
                add_translations(self.env["account.dunning.level"], lang, terms, levels)

    @api.model
    def _make_all_shipped(self):
        """At installation: for the companies whose chart was loaded before."""
        self._make_shipped(self.env["res.company"].with_context(active_test=False).search([]))
