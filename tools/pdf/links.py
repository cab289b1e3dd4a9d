"""HTML that refers to files instead of URLs: what it shows is read from there, and nothing from the network."""

import html
import re
from pathlib import Path

from odoo.tools import file_path

STATIC_URL = re.compile(r"""((?:url\(|src=)\s*["']?)/(\w+/static/[^"'?#)]+)""")
VALUE = r"""("[^"]*"|'[^']*'|[^\s"'>]+)"""
# What a browser fetches by itself; what takes over the page, or shows another one, no document needs.
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
