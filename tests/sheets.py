"""Style sheets that are compiled once for all tests of a process.

What compiles a style sheet is rolled back with each test, and the next one that prints a letter or opens the web client
would spend a second or two on the same source again.
"""

import re

from odoo.addons.base.models.assetsbundle import ScssStylesheetAsset

MARK = re.compile(r"/\*! ([a-f0-9-]{36}) \*/")  # where the part of a file begins: its name is another one each time
_compile = ScssStylesheetAsset.compile
_compiled = {}


def compile_once(asset, source):
    """In the place of ``ScssStylesheetAsset.compile``: the same source gives the same sheet."""
    names = list(dict.fromkeys(MARK.findall(source)))
    numbers = {name: f"{number:036d}" for number, name in enumerate(names)}
    source = MARK.sub(lambda mark: f"/*! {numbers[mark[1]]} */", source)
    if source not in _compiled:
        _compiled[source] = _compile(asset, source)
    return MARK.sub(lambda mark: f"/*! {names[int(mark[1])]} */", _compiled[source])
