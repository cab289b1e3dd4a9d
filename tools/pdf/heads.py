"""The letterheads and footers of documents: an HTML page has those of all, of which Odoo's script shows one."""

import re

BODY_DIRECTION = re.compile(r"(<body\b[^>]*?\bdir=)\"\w+\"")
OWN_DIRECTION = re.compile(r"class=\"o_pdf_(ltr|rtl)\"")
MARK = re.compile(r"<div class=\"o_pdf_mark\".*?</div>", re.DOTALL)
RTL_STYLE = (
    "<style>[dir=rtl] { text-align: right; } [dir=rtl] .text-start { text-align: right !important; }"
    " [dir=rtl] .text-end { text-align: left !important; }</style>"
)

# A letterhead higher than the margin would cover the text, so all of them are made smaller. The first one is measured,
# since those of one company are alike. When this runs, before Odoo's `subst` picks the letterhead of the document at
# hand, the page has no width yet, and images may have no size: for now they get what they will have on paper.
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


def get_direction(env, lang):
    """``ltr`` or ``rtl``: how the language with the code ``lang`` is written."""
    return env["res.lang"]._get_data(code=lang or env.lang or "").direction or "ltr"


def fit_height(page, kind, width, room):
    """Let the letterheads on the HTML ``page`` (``kind``: header or footer) be no higher than ``room``.

    ``width`` (of the paper) and ``room`` are in pixels of wkhtmltopdf, which are as big as its option ``--dpi`` says.
    """
    page = str(page).replace("</head>", f"{FIT}</head>", 1)
    call = f"fit('minimal_layout_report_{kind}s', {width:.0f}, {room:.0f})"
    return page.replace('onload="subst()"', f'onload="{call}; subst()"', 1)


def set_directions(bodies, header, footer):
    """Write each document, with its letterhead, in the direction of its language, which its own body tells.

    It does by an empty element of the class ``o_pdf_ltr`` or ``o_pdf_rtl``.
    """
    own = [OWN_DIRECTION.search(body) for body in bodies]
    directions = [match[1] if match else None for match in own]
    if not any(directions):
        return bodies, header, footer
    bodies = [
        BODY_DIRECTION.sub(rf'\1"{direction}"', str(body), count=1) if direction else body
        for body, direction in zip(bodies, directions, strict=True)
    ]
    return bodies, _direct_heads(header, "header", directions), _direct_heads(footer, "footer", directions)


def _direct_heads(page, kind, directions):
    """Give the heads or feet on the HTML ``page``, one for each document, the ``directions`` of these."""
    if not page:
        return page
    tags = [f'<div dir="{direction}"' if direction else "<div" for direction in directions]
    page = _change_heads(page, kind, tags, [""] * len(tags))
    return page.replace("</head>", f"{RTL_STYLE}</head>", 1) if "rtl" in directions else page


def repeat_marks(bodies, header):
    """Let each page of a document show the mark that its body has once.

    The mark is an element of the class ``o_pdf_mark``, without others in it, whose style places it on the page
    (``position: fixed``). It moves into the letterhead of its document, which is printed on each page.
    """
    marks = [match[0] if match else "" for match in map(MARK.search, bodies)]
    if not header or not any(marks):
        return bodies, header
    header = _change_heads(header, "header", ["<div"] * len(marks), marks)
    return [MARK.sub("", body, count=1) for body in bodies], header


def _change_heads(page, kind, tags, contents):
    """Begin the heads or feet on the HTML ``page``, one for each document, by other ``tags``, and with ``contents``."""
    remaining = iter(zip(tags, contents, strict=True))

    def change(match):
        tag, content = next(remaining, ("<div", ""))
        return f"{tag}{match[1]}{content}"

    return re.sub(rf"<div( class=\"(?:[^\"]* )?{kind}(?: [^\"]*)?\"[^>]*>)", change, str(page))
