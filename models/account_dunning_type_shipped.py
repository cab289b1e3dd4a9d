"""The dunning type that is shipped, for companies that have none."""

from ast import literal_eval

import polib
from lxml import etree

from odoo import api, models
from odoo.fields import Command
from odoo.tools import file_path
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
    """What the module's own translations make of each text in the language ``lang``."""
    terms = {}
    for path in get_po_paths("account_dunning", lang):
        terms |= {entry.msgid: entry.msgstr for entry in polib.pofile(path).translated_entries()}
    return terms


def translate_field(record, field, lang, terms):
    """Write what ``terms`` make of the English text of a field: as a whole, else of each paragraph."""
    source = record.with_context(lang="en_US")[field.name]
    text = terms.get(source)
    if not text and field.type == "html":
        text = html_translate(terms.get, source)
    if text and text != source:
        record.with_context(lang=lang)[field.name] = text


class AccountDunningType(models.Model):
    _inherit = "account.dunning.type"

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
    def _make_all_shipped(self):
        """At installation: for the companies whose chart was loaded before."""
        self._make_shipped(self.env["res.company"].with_context(active_test=False).search([]))
