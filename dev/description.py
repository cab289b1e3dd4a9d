"""The pictures of static/description: those of docs/images, and a banner of the desk: python dev/description.py"""

import shutil
import tempfile
from pathlib import Path

from browser import Browser

ROOT = Path(__file__).parents[1]
IMAGES, DESCRIPTION = ROOT / "docs" / "images", ROOT / "static" / "description"
PICTURES = ("case", "dashboard", "desk", "letter", "page")
BANNER = """
<body style="margin: 0; overflow: hidden; background: #714b67; color: white; font-family: Liberation Sans">
    <div style="position: absolute; left: 48px; top: 120px; width: 340px">
        <img src="{description}/icon.png" style="width: 72px">
        <h1 style="font-size: 52px; margin: 16px 0 8px">Dunning</h1>
        <p style="font-size: 24px; line-height: 1.35; margin: 0">Collect overdue receivables with Odoo 19 Community</p>
    </div>
    <img src="{images}/desk.png" style="position: absolute; left: 420px; top: 60px; width: 880px; border-radius: 8px">
</body>
"""


def main():
    for name in PICTURES:
        shutil.copy(IMAGES / f"{name}.png", DESCRIPTION)
    with tempfile.TemporaryDirectory() as folder, Browser(1120, 560) as browser:
        page = Path(folder) / "banner.html"
        page.write_text(BANNER.format(images=IMAGES.as_uri(), description=DESCRIPTION.as_uri()))
        browser.open(page.as_uri(), "h1")
        browser.picture(DESCRIPTION / "banner.png")


if __name__ == "__main__":
    main()
