"""Documents whose table carries its sum from page to page."""

import functools
from pathlib import Path

# What a page says when it is as it is to be printed.
READY = "pages ready"
# How much of a page the text of a document fills at most: what is measured is a little lower than what is printed.
FILLED = 0.975


@functools.cache
def _read_script():
    return Path(__file__).with_name("pages.js").read_text("utf-8")


def divide_pages(page, width, height):
    """Let the document on the HTML ``page`` carry its sum from page to page, where one does not hold it.

    ``width`` and ``height`` of what is printed on a page are in pixels of wkhtmltopdf, which waits for ``READY``.
    """
    call = f"try {{ dividePages({width:.0f}, {FILLED * height:.0f}); }} finally {{ window.status = '{READY}'; }}"
    script = f"<script>{_read_script()}window.addEventListener('load', function () {{ {call} }});</script>"
    head, end, body = str(page).partition("</head>")
    return f"{head}{script}{end}{body}" if end else f"{script}{page}"
