"""Style sheets with the few rules that a document uses: wkhtmltopdf reads them once for each page's header, too."""

import re

STYLE_LINK = re.compile(r'href="(/web/assets/[^"]+\.css)"')
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
RULE = re.compile(r"([^{};]+)\{[^{}]*\}")
NOT_REQUIRED = re.compile(r":not\([^)]*\)|\[[^\]]*\]")
CLASS = re.compile(r"\.(-?[a-zA-Z_][\w-]*)")
WORD = re.compile(r"[\w-]+")


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
