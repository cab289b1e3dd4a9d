"""What no linter checks: python dev/check_tree.py, from the root of the repository."""

import ast
import re
import subprocess
import sys
from pathlib import Path

DATA_FOLDERS = ("data", "reports", "security", "views", "wizards")
HOSTS = re.compile(r"[\w.-]*\b(?:debian|ubuntu|npmjs|yarnpkg|pypi|pythonhosted|nodesource)\.(?:com|dev|io|net|org)\b")
ELSEWHERE = re.compile(r"\bspec(?:ification)?,? §|\bspec(?:-\w+)?\.md\b|\bgolden/|\.\./shared/|(?<!\w)shared/\w+\.md")
RULES = Path("docs/rules.md")
PRINTING = Path("tools/pdf")
DUNNING = re.compile(r"dunning|notice\b|collection|\bdebt", re.IGNORECASE)
RULE = re.compile(r"§(\d+)")
MACHINE_PATHS = re.compile(r"(?<![\w.$}/~-])/(?:home|root|work|Users|builds?)/\w[\w./-]*")


def main():
    files = tracked_files()
    problems = [
        *odoo_in_engine(),
        *not_in_manifest(files),
        *tests_not_imported(),
        *found(files, HOSTS, "names a host of packages; the machine's own configuration knows it"),
        *found(files, MACHINE_PATHS, "names a folder of one machine"),
        *found(files, ELSEWHERE, f"is outside of the repository; the rules are in {RULES}"),
        *not_in_rules(files),
        *found([path for path in files if path.is_relative_to(PRINTING)], DUNNING, f"is no business of {PRINTING}/"),
    ]
    for problem in problems:
        print(problem)
    return bool(problems)


def tracked_files():
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()
    return [path for path in map(Path, names) if path.is_file()]


def odoo_in_engine():
    """The engine is plain Python: no Odoo, no database, no clock."""
    for path in sorted(Path("engine").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""] if not node.level else []
                if node.level > 1:
                    names = ["a module outside engine/"]
            else:
                continue
            for name in names:
                if name.split(".")[0] in {"odoo", "psycopg2"} or " " in name:
                    yield f"{path}:{node.lineno}: engine/ imports {name}"


def not_in_manifest(files):
    """Odoo loads only the data files that the manifest names."""
    manifest = ast.literal_eval(Path("__manifest__.py").read_text())
    named = {*manifest.get("data", ()), *manifest.get("demo", ())}
    for path in files:
        if path.parts[0] in DATA_FOLDERS and path.suffix in {".xml", ".csv"} and str(path) not in named:
            yield f"{path}: is not named in __manifest__.py"
    for name in sorted(named):
        if not Path(name).is_file():
            yield f"__manifest__.py: names {name}, which does not exist"


def tests_not_imported():
    """Odoo's own runner finds those tests only that the package imports."""
    imported = Path("tests/__init__.py").read_text()
    for path in sorted(Path("tests").glob("test_*.py")):
        if f"from . import {path.stem}\n" not in imported:
            yield f"tests/__init__.py: does not import {path.stem}"


def found(files, pattern, why):
    for path, number, line in lines_of(files):
        for match in pattern.finditer(line):
            yield f"{path}:{number}: {match.group()} {why}"


def not_in_rules(files):
    """*Rules §4* in a docstring is a chapter of the page of rules: ``## 4. Which type, which level``."""
    chapters = set(re.findall(r"^## (\d+)\. ", RULES.read_text(), re.MULTILINE))
    for path, number, line in lines_of(files):
        for match in RULE.finditer(line):
            if match[1] not in chapters:
                yield f"{path}:{number}: {match.group()} is no chapter of {RULES}"


def lines_of(files):
    """Each line of the text ``files``, with its file and number."""
    for path in files:
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        yield from ((path, number, line) for number, line in enumerate(lines, 1))


if __name__ == "__main__":
    sys.exit(main())
