"""The pictures of HTML that is printed: read once, written into files, left out where they cannot be read."""

import base64
import hashlib
import io
import re
import warnings
from pathlib import Path

from PIL import Image

# What Pillow raises for what it cannot read, and base64 for what is none.
BAD_IMAGE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning)
DATA_URL = re.compile(r'src="data:image/([a-z]+)[^,"]*;base64,([^"]+)"')
OWN_IMAGE = re.compile(r"/web/image/(?P<id>\d+)(?:-\w+)?(?:[/?]|$)")
FOREIGN_IMAGE = re.compile(
    r"""<img\b(?![^>]*\bsrc\s*=\s*["']?(?:data:|/web/image/|/\w+/static/))[^>]*>""", re.IGNORECASE
)


def link_images(page, folder):
    """Write the images that are part of the HTML ``page`` into files in ``folder``: all documents have the same logo.

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
    """Whether an image that is part of the HTML ``page`` cannot be read, so that it is not printed."""
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


def drop_foreign_images(text):
    """The HTML ``text`` without the pictures that are none of this server: uploaded ones only."""
    return FOREIGN_IMAGE.sub("", str(text)) if text else text


def _get_size(image):
    try:
        width, height = Image.open(io.BytesIO(image)).size
    except BAD_IMAGE:  # not an image of pixels
        return ""
    return f' data-width="{width}" data-height="{height}"'
