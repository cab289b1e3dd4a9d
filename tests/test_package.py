"""The wheel: what is in it, and an Odoo into whose environment pip has installed it, and nothing else of the module."""

import email
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
import zipfile
from pathlib import Path

from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from . import database
from .processes import CONTINUE, ISSUE, NIGHT, STUB, ProcessCase, setup

ROOT = Path(__file__).resolve().parents[1]
INSIDE = "odoo/addons/account_dunning/"
PIP = ("-m", "pip", "-q", "--disable-pip-version-check")
# Beside the Python packages: each folder or file of the module that an Odoo loads or shows.
TOP = {
    *("__init__.py", "__manifest__.py", "hooks.py", "CHANGELOG.md", "LICENSE", "README.md"),
    *("controllers", "data", "engine", "i18n", "migrations", "models", "reports", "security", "static", "tools"),
    *("views", "wizards"),
}

# In a folder of any name, without git: the wheel, and the one that whool makes by itself of the sdist.
BUILD = """
import os, sys, tarfile
sys.path.insert(0, "dev/package")
import addon_wheel
from whool import buildapi
target = sys.argv[1]
os.makedirs(target + "/second")
addon_wheel.build_wheel(target)
with tarfile.open(target + "/" + addon_wheel.build_sdist(target)) as sdist:
    sdist.extractall(target)
    os.chdir(target + "/" + sdist.getnames()[0])
buildapi.build_wheel(target + "/second")
"""

# Where the module comes from, and what it has done and shows.
LOOK = """
import json, sys
import odoo.addons.account_dunning as module
letters = env["account.dunning.notice"].search([("document", "=", "letter")])
report = env.ref("account_dunning.action_report_dunning_letter")
fields = env["account.collection.case"].get_views([(False, "form")])["models"]["account.collection.case"]["fields"]
bundle = env["ir.qweb"]._get_asset_bundle("web.assets_backend")
found = {
    "folder": module.__path__[0],
    "files": [str(each.__file__) for each in sys.modules.values() if "account_dunning" in (each.__name__ or "")],
    "states": letters.mapped("state"),
    "letter": report._render_qweb_html(report, letters[:1].ids)[0].decode(),
    "customer": letters[:1].partner_id.name,
    "shown": sorted(fields),
    "scripts": [each.url for each in bundle.javascripts if "/account_dunning/" in each.url],
    "version": env.ref("base.module_account_dunning").latest_version,
}
print("FOUND", json.dumps(found))
"""


@tagged("post_install", "-at_install")
class TestPackage(ProcessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="dunning_package.")))
        options = ("--no-deps", "--no-index", "--no-build-isolation")
        cls.run_python(sys.executable, *PIP, "wheel", *options, "--wheel-dir", cls.folder, ROOT)
        [cls.wheel] = cls.folder.glob("*.whl")
        cls.manifest = safe_eval((ROOT / "__manifest__.py").read_text())

    @classmethod
    def run_python(cls, python, *arguments, **options):
        env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        result = subprocess.run([python, *arguments], capture_output=True, text=True, env=env, check=False, **options)
        if result.returncode:
            raise AssertionError(result.stdout + result.stderr)
        return result.stdout

    def names(self, wheel):
        return set(zipfile.ZipFile(wheel).namelist())

    def test_it_says_what_it_is(self):
        self.assertEqual(self.wheel.name, f"odoo_addon_account_dunning-{self.manifest['version']}-py3-none-any.whl")
        [path] = [name for name in self.names(self.wheel) if name.endswith("/METADATA")]
        metadata = email.message_from_bytes(zipfile.ZipFile(self.wheel).read(path))
        self.assertEqual(metadata["Name"].replace("_", "-"), "odoo-addon-account-dunning")
        self.assertEqual(metadata["Version"], self.manifest["version"])
        self.assertEqual(metadata["License"], "LGPL-3")
        self.assertEqual(metadata["Summary"], self.manifest["summary"])
        self.assertEqual(metadata.get_all("Requires-Dist"), ["odoo==19.0.*"], "needs no more than Odoo")
        self.assertIn("pip install odoo_addon_account_dunning", metadata.get_payload())

    def test_it_holds_what_an_odoo_reads_and_no_more(self):
        names = self.names(self.wheel)
        inside = {name.removeprefix(INSIDE) for name in names if name.startswith(INSIDE)}
        self.assertEqual({name.split("/")[0] for name in inside}, TOP)
        self.assertFalse([name for name in names if not name.startswith(INSIDE) and ".dist-info/" not in name])
        self.assertFalse([name for name in inside if "tests/" in name or name.endswith(".pyc")])
        wanted = {*self.manifest["data"], *self.manifest["demo"], *self.manifest["images"]}
        self.assertLessEqual(wanted, inside)

    def test_the_name_of_the_folder_and_git_do_not_matter(self):
        source, target = self.folder / "any name", self.folder / "made"
        for name in subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).strip("\0").split("\0"):
            if (ROOT / name).is_file():
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, source / name)
        self.run_python(sys.executable, "-c", BUILD, target, cwd=source)
        [first], [second] = target.glob("*.whl"), target.glob("second/*.whl")
        self.assertEqual(first.name, self.wheel.name)
        self.assertEqual(second.name, self.wheel.name)
        self.assertEqual(self.names(first), self.names(self.wheel))
        self.assertEqual(self.names(second), self.names(self.wheel))

    def test_pip_puts_it_into_an_odoo(self):
        home = self.folder / "home"
        venv.create(home, with_pip=False, symlinks=True)
        python = home / "bin" / "python"
        packages = Path(self.run_python(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        beside = (sysconfig.get_path("purelib"), os.environ["ODOO_HOME"])
        (packages / "odoo_of_the_tests.pth").write_text("\n".join(beside))
        install = ("install", "--no-deps", "--no-index", "--no-compile", self.wheel)
        self.run_python(sys.executable, *PIP[:2], "--python", python, *PIP[2:], *install)
        self.check_odoo(python, packages / INSIDE)

    def check_odoo(self, python, folder):
        name = self.enterContext(database.copy_of(database.base(), "package"))
        env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        script = setup(4) + STUB + NIGHT + CONTINUE + ISSUE + CONTINUE + LOOK
        result = database.run_odoo(name, "-i", "account_dunning", then=script, python=python, env=env)
        self.assertEqual(result.returncode, 0, result.stdout[-3000:])
        problems = re.findall(r"^\S+ \S+ \d+ (?:WARNING|ERROR|CRITICAL) .*$", result.stdout, re.MULTILINE)
        self.assertFalse(problems)
        found = json.loads(result.stdout[result.stdout.rindex("FOUND") + 5 :].split("\n")[0])
        self.assertEqual(Path(found["folder"]), folder)
        self.assertFalse([path for path in found["files"] if not Path(path).is_relative_to(folder)])
        self.assertEqual(found["version"], self.manifest["version"])
        self.assertEqual(found["states"], ["sent"] * 2)
        self.assertIn(found["customer"], found["letter"])
        self.assertIn("timeline", found["shown"])
        self.assertIn("/account_dunning/static/src/dunning_dashboard/dunning_dashboard.js", found["scripts"])
