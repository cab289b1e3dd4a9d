"""Texts of other dunning modules: as HTML, with the placeholders of this one."""

import html
import re

# What texts of `om_account_followup` name, as it is called here.
PLACEHOLDERS = {
    "partner_name": "customer",
    "date": "date",
    "user_signature": "collector",
    "company_name": "company",
}
_PERCENT = re.compile(r"%\((\w+)\)[sdf]")
_EXPRESSION = re.compile(r"\$?\{\{.*?\}\}|\$\{.*?\}", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def convert_text(text: str, markup: bool = False) -> tuple[str, list[str]]:
    """A text as HTML with placeholders of this module, and what of it has no counterpart here.

    :param markup: the text is HTML already
    """
    lost = [match.strip() for match in _EXPRESSION.findall(text)]
    text = _EXPRESSION.sub("", text).replace("{", "(").replace("}", ")")
    text = text.strip() if markup else _to_paragraphs(text)

    def fill(match):
        if match[1] in PLACEHOLDERS:
            return f"{{{PLACEHOLDERS[match[1]]}}}"
        lost.append(match[0])
        return ""

    return _PERCENT.sub(fill, text).replace("%%", "%"), lost


def is_blank(text: str | None) -> bool:
    """True where nothing is left of the HTML ``text`` without its tags."""
    return not html.unescape(_TAG.sub("", text or "")).strip()


def _to_paragraphs(text):
    """A plain text as HTML: an empty line begins a paragraph, another one a line."""
    parts = re.split(r"\n[ \t]*\n", html.escape(text.strip(), quote=False))
    lines = ("<br>".join(line.strip() for line in part.strip().splitlines()) for part in parts)
    return "".join(f"<p>{line}</p>" for line in lines if line)
