import itertools
import re

from lxml import html

BLOCKS = ("p", "div", "h1", "h2", "h3", "h4", "ul", "ol", "blockquote", "table", "td")
HIDDEN = ("style", "script", "head", "title")


def to_plain_text(document):
    """The HTML ``document`` as it is read without HTML.

    A row of a table is one line, its cells apart by bars; where a table is only there for the looks, as its role says,
    its cells are paragraphs. A link is followed by its address, a picture is what its ``alt`` says; paragraphs stand
    apart.
    """
    if not (document or "").strip():
        return ""
    text = "".join(_read(html.fromstring(f"<div>{document}</div>")))
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _read(node):
    """The parts of the text of ``node``; line breaks of the source are spaces."""
    if not isinstance(node.tag, str) or node.tag in HIDDEN:
        return
    if node.tag == "tr" and not _is_for_looks(node):
        cells = (" ".join("".join(_read(cell)).split()) for cell in node)
        yield " | ".join(filter(None, cells)) + "\n"
        return
    edge = "\n\n" if node.tag in BLOCKS else ""
    yield (node.get("alt") or "") if node.tag == "img" else ""
    yield edge + ("- " if node.tag == "li" else "\n" if node.tag == "br" else "") + _spaced(node.text)
    for child in node:
        yield from _read(child)
        yield _spaced(child.tail)
    yield _address(node) + ("\n" if node.tag == "li" else edge)


def _is_for_looks(row):
    """Whether the table of the ``row`` holds no data, only places things."""
    return any(table.get("role") == "presentation" for table in itertools.islice(row.iterancestors("table"), 1))


def _address(node):
    """Where the link ``node`` leads, unless its text says so."""
    url = (node.get("href") or "") if node.tag == "a" else ""
    target = url.partition(":")[2] if url.startswith(("mailto:", "tel:")) else url
    text = node.text_content()
    return f" ({target})" if target and target not in text and target != text.replace(" ", "") else ""


def _spaced(text):
    return " ".join((text or "").replace("\N{NO-BREAK SPACE}", " ").splitlines())
