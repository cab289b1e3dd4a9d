"""What it takes to print letters quickly, and without a web server that hands out style sheets.

wkhtmltopdf reads the style sheets once for the body and once for the header and footer of every page, and nine
tenths of its time go into that. So it gets files, with the few rules that the letters use.
"""

import base64
import functools
import hashlib
import html
import io
import re
import warnings
from pathlib import Path

from PIL import Image
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

from odoo.tools import file_path
from odoo.tools.pdf import PdfFileReader, PdfFileWriter

# What Pillow raises for what it cannot read, and base64 for what is none.
BAD_IMAGE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning)
STYLE_LINK = re.compile(r'href="(/web/assets/[^"]+\.css)"')
DATA_URL = re.compile(r'src="data:image/([a-z]+)[^,"]*;base64,([^"]+)"')
STATIC_URL = re.compile(r"""((?:url\(|src=)\s*["']?)/(\w+/static/[^"'?#)]+)""")
OWN_IMAGE = re.compile(r"/web/image/(?P<id>\d+)(?:-\w+)?(?:[/?]|$)")
VALUE = r"""("[^"]*"|'[^']*'|[^\s"'>]+)"""
# What a browser fetches by itself; what takes over the page, or shows another one, no letter needs.
FETCHED = re.compile(rf"(\b(?:src|srcset|background|poster|data|dynsrc|lowsrc)\s*=\s*){VALUE}", re.IGNORECASE)
LINK_TAG = re.compile(r"<(?:link|image|use|feimage)\b[^>]*>", re.IGNORECASE)
HREF = re.compile(rf"(\bhref\s*=\s*){VALUE}", re.IGNORECASE)
CSS_URL = re.compile(r"""\burl\(\s*((?:&quot;|["'])?[^)]*?(?:&quot;|["'])?)\s*\)""", re.IGNORECASE)
NOT_IN_CSS = re.compile(r"[\s\"'()]")
FETCHING_TAG = re.compile(
    r"</?(?:iframe|frame|object|embed|applet|base|audio|video|source|track)\b[^>]*>"
    r"|<meta\b[^>]*http-equiv\s*=\s*[\"']?refresh[^>]*>",
    re.IGNORECASE,
)
FOREIGN_IMAGE = re.compile(
    r"""<img\b(?![^>]*\bsrc\s*=\s*["']?(?:data:|/web/image/|/\w+/static/))[^>]*>""", re.IGNORECASE
)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
RULE = re.compile(r"([^{};]+)\{[^{}]*\}")
NOT_REQUIRED = re.compile(r":not\([^)]*\)|\[[^\]]*\]")
CLASS = re.compile(r"\.(-?[a-zA-Z_][\w-]*)")
WORD = re.compile(r"[\w-]+")
PAGES_SCRIPT = "account_dunning/reports/letter_pages.js"
# What a page says when it is as it is to be printed.
READY = "dunning ready"
# How much of a page the text of a letter fills at most: what is measured is a little lower than what is printed.
FILLED = 0.975
STAMP_FONT = "web/static/fonts/google/Roboto/Roboto-Bold.ttf"

# A letterhead higher than the margin would cover the text, so all of them are made smaller. The first one is measured,
# since those of one company are alike. When this runs, before Odoo's `subst` picks the letterhead of the
# letter at hand,
# the page has no width yet, and images may have no size: for the time being they get what they will have on paper.
FIT = """
<script>
    function resize(images) {
        for (var i = 0; i < images.length; ++i) {
            var image = images[i], style = window.getComputedStyle(image);
            var width = image.getAttribute('data-width'), height = image.getAttribute('data-height');
            if (width) {
                var wide = parseFloat(style.maxWidth) / width || 1, high = parseFloat(style.maxHeight) / height || 1;
                var scale = Math.min(wide, high);
                image.style.width = Math.min(scale, 1) * width + 'px';
                image.style.height = Math.min(scale, 1) * height + 'px';
            }
        }
    }
    function fit(id, width, room) {
        var heads = document.getElementById(id).children, zoom = 1, i;
        var images = heads[0].getElementsByTagName('img');
        for (i = 1; i < heads.length; ++i) heads[i].style.display = 'none';
        document.body.style.width = width + 'px';
        resize(images);
        while (zoom > 0.5 && document.body.scrollHeight > room) heads[0].style.zoom = zoom -= 0.05;
        for (i = 0; i < images.length; ++i) images[i].style.width = images[i].style.height = '';
        document.body.style.width = '';
        for (i = 1; i < heads.length; ++i) {
            heads[i].style.zoom = zoom;
            heads[i].style.display = '';
        }
    }
</script>
"""


def is_whole(document):
    """Whether the bytes ``document`` are a PDF from its first line to its last."""
    return document.startswith(b"%PDF-") and document.rstrip().endswith(b"%%EOF")


def words_of(*pages):
    """All words in the HTML ``pages``; the names of the classes in use are among them."""
    return {word for page in pages for word in WORD.findall(page)}


def prune_css(css, words):
    """Drop the rules for classes that are not among ``words``."""

    def is_used(selector):
        return all(name in words for name in CLASS.findall(NOT_REQUIRED.sub("", selector)))

    def keep(match):
        return match[0] if any(map(is_used, match[1].split(","))) else ""

    return RULE.sub(keep, COMMENT.sub("", css))


def link_static_files(text, folders):
    """Let the URLs of modules' static files in HTML or CSS refer to the files themselves.

    The folders of these files are added to the set ``folders``.
    """

    def link(match):
        try:
            path = Path(file_path(match[2])).resolve()
        except FileNotFoundError:
            return match[0]
        folders.add(str(path.parent))
        return match[1] + path.as_uri()

    return STATIC_URL.sub(link, text)


def link_images(page, folder):
    """Write the images that are part of the HTML ``page`` into files in ``folder``: all letters have the same logo.

    What cannot be read as an image is left out.
    """

    def link(match):
        content = _read_image(match)
        if content is None:
            return 'src="data:,"'
        path = Path(folder, f"{hashlib.sha256(content).hexdigest()}.{match[1]}")
        path.write_bytes(content)
        return f'src="{path.as_uri()}"{_get_size(content)}'

    return DATA_URL.sub(link, page)


def has_bad_image(page):
    """Whether an image that is part of the HTML ``page`` cannot be read, so that it is left out of letters."""
    return any(_read_image(match) is None for match in DATA_URL.finditer(str(page or "")))


def _read_image(match):
    """The bytes of the image in a ``match`` of ``DATA_URL``; None where it is broken, no image, or far too large."""
    try:
        content = base64.b64decode(match[2])
        if match[1] != "svg":
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                Image.open(io.BytesIO(content)).verify()
    except BAD_IMAGE:
        return None
    return content


def write_image(content, folder):
    """Write the bytes of an image into a file in ``folder``; give its URL, None where there is no image."""
    if not content:
        return None
    path = Path(folder, hashlib.sha256(content).hexdigest())
    path.write_bytes(content)
    return path.as_uri()


def keep_inside(page, inside, find):
    """Let the HTML ``page`` refer to nothing but data and files: what is elsewhere is left out.

    :param inside: the URLs of the folders whose files may be read
    :param find: gives the URL of a file for that of a picture, None where it may not be shown
    """

    def choose(url):
        url = html.unescape(url.strip().strip("\"'")).strip("\"' ")
        if url.startswith(("data:", *inside)) and ".." not in url:
            return url
        return find(url) or "data:,"

    def keep_attribute(match):
        return f'{match[1]}"{html.escape(choose(match[2]))}"'

    page = FETCHING_TAG.sub("", page)
    page = FETCHED.sub(keep_attribute, page)
    page = LINK_TAG.sub(lambda tag: HREF.sub(keep_attribute, tag[0]), page)
    return CSS_URL.sub(lambda match: f"url({NOT_IN_CSS.sub('', choose(match[1]))})", page)


def drop_foreign_images(text):
    """The HTML ``text`` without the pictures that are none of this server: letters show uploaded ones only."""
    return FOREIGN_IMAGE.sub("", str(text)) if text else text


def _get_size(image):
    try:
        width, height = Image.open(io.BytesIO(image)).size
    except BAD_IMAGE:  # not an image of pixels
        return ""
    return f' data-width="{width}" data-height="{height}"'


def fit_height(page, kind, width, room):
    """Let the letterhead on the HTML ``page`` (``kind``: header or footer) be no higher than ``room``.

    ``width`` (of the paper) and ``room`` are in pixels of wkhtmltopdf, which are as big as its option ``--dpi`` says.
    """
    page = str(page).replace("</head>", f"{FIT}</head>", 1)
    call = f"fit('minimal_layout_report_{kind}s', {width:.0f}, {room:.0f})"
    return page.replace('onload="subst()"', f'onload="{call}; subst()"', 1)


@functools.cache
def _read_script():
    return Path(file_path(PAGES_SCRIPT)).read_text("utf-8")


def divide_pages(page, width, height):
    """Let the letter on the HTML ``page`` carry its sum from page to page, where one does not hold it.

    ``width`` and ``height`` of what is printed on a page are in pixels of wkhtmltopdf, which waits for ``READY``.
    """
    call = f"try {{ dunningPages({width:.0f}, {FILLED * height:.0f}); }} finally {{ window.status = '{READY}'; }}"
    script = f"<script>{_read_script()}window.addEventListener('load', function () {{ {call} }});</script>"
    head, end, body = str(page).partition("</head>")
    return f"{head}{script}{end}{body}" if end else f"{script}{page}"


def stamp(stream, text, fallback):
    """Print ``text`` in large grey letters across each page of the PDF in ``stream``; returns a new stream.

    Where no font at hand has the letters of ``text``, it is ``fallback``, which must be plain English.
    """
    font = _get_font(text)
    reader, writer = PdfFileReader(stream, strict=False), PdfFileWriter()
    for number in range(reader.getNumPages()):
        writer.addPage(reader.getPage(number))
        page = writer.getPage(number)
        size = float(page.mediaBox.getWidth()), float(page.mediaBox.getHeight())
        page.mergePage(_draw_stamp(size, text if font else fallback, font or "Helvetica-Bold"))
    result = io.BytesIO()
    writer.write(result)
    return result


def _get_font(text):
    """The name of a font that has the letters of ``text``, or None."""
    try:
        font = TTFont("DunningStamp", file_path(STAMP_FONT))
    except FileNotFoundError:
        return None
    if any(ord(letter) not in font.face.charToGlyph for letter in text):
        return None
    pdfmetrics.registerFont(font)
    return font.fontName


def _draw_stamp(size, text, font):
    width, height = size
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer, pagesize=size)
    points = 0.9 * width / pdfmetrics.stringWidth(text, font, 1)
    points = min(points, height / 6)
    page.setFont(font, points)
    page.setFillGray(0.5, alpha=0.25)
    page.translate(width / 2, height / 2)
    page.rotate(40)
    page.drawCentredString(0, -points / 3, text)
    page.save()
    return PdfFileReader(buffer).getPage(0)
