from markupsafe import Markup

from odoo import fields


class HtmlByLanguage(fields.Html):
    """HTML whose whole value is written for each language by itself.

    Odoo translates sanitized HTML paragraph by paragraph: whoever rewrites it in one language gives all other
    languages the new text as well, wherever the paragraphs no longer match. Here a language keeps what was written in
    it; one in which nothing was written shows the English text.
    """

    def _get_attrs(self, model_class, name):
        attrs = super()._get_attrs(model_class, name)
        if attrs.get("translate"):
            attrs["translate"] = True
        return attrs

    def write(self, records, value):
        """Empty a text in one language only: to store no value at all would empty it in all of them."""
        if not value and self.translate and any(records._ids):
            value = Markup()
        return super().write(records, value)
