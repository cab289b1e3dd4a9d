"""Build backend of pip (PEP 517): whool's, of what a running Odoo reads, under the module's name.

Whool takes the name of the add-on from its folder, but a checkout may be called anything, and it packs every file that
git knows. So it is given a folder of this name, with less in it. What it finds in an sdist, ``PKG-INFO``, tells it name
and version; the version is that of the manifest, whatever was committed since.
"""

import ast
import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from whool import buildapi

ROOT = Path(__file__).parents[2]
NAME = "account_dunning"
# Tests, too: they need dev/, a PostgreSQL whose databases they may copy, and a browser.
LEFT_OUT = ("bench", "build", "dev", "docs", "static/tests", "tests", "Makefile", "README.md")
PYPROJECT = '[build-system]\nrequires = ["whool"]\nbuild-backend = "whool.buildapi"\n'


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with addon(wheel_directory) as target:
        return buildapi.build_wheel(target, config_settings, metadata_directory)


def build_sdist(sdist_directory, config_settings=None):
    with addon(sdist_directory) as target:
        return buildapi.build_sdist(Path(target), config_settings)


@contextlib.contextmanager
def addon(target):
    """Work in a folder that holds the add-on as an sdist does; give the path of ``target``, seen from anywhere."""
    before, target = Path.cwd(), os.path.abspath(target)
    version = ast.literal_eval((ROOT / "__manifest__.py").read_text())["version"]
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / NAME
        for path in packed():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, folder / path)
        shutil.copy(ROOT / "dev/package/README.md", folder)
        (folder / "pyproject.toml").write_text(PYPROJECT)
        (folder / "PKG-INFO").write_text(f"Metadata-Version: 2.1\nName: odoo-addon-{NAME}\nVersion: {version}\n")
        os.chdir(folder)
        try:
            yield target
        finally:
            os.chdir(before)


def packed():
    """The files that belong to the add-on: those that git knows or, where there is no git, all."""
    if (ROOT / ".git").exists():
        names = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).strip("\0").split("\0")
        files = [Path(name) for name in names if (ROOT / name).is_file()]
    else:
        files = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    outside = [Path(name) for name in LEFT_OUT]
    return [
        path
        for path in files
        if not path.parts[0].startswith(".") and not any(path == each or each in path.parents for each in outside)
    ]
