"""Check that calls go down: no room of ``models/`` uses what only a room above it defines.

What a file uses is told by names: methods that it calls, fields that it reads, models that it names, modules that it
imports. A name belongs to the lowest room that defines it: what lower rooms offer as an empty hook is theirs.

Run as ``python dev/check_rooms.py``; ``--all`` lists what is known, too.
"""

import ast
import sys
from collections import Counter, defaultdict
from pathlib import Path

MODELS = Path(__file__).parents[1] / "models"

# Names of fields and methods that core's models have, too: a use of them tells nothing.
COMMON = {
    "active", "activity_type_id", "amount_residual", "amount_total", "date", "lang", "line_ids", "name", "partner_id",
    "reason", "state",
}  # fmt: skip


def get_rooms():
    """The names of the rooms, lowest first: the order in which ``models/__init__.py`` imports them."""
    tree = ast.parse((MODELS / "__init__.py").read_text())
    return [alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]


def get_string(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def define(tree):
    """What a file defines: methods and fields (``name``), and models of ours (``account.dunning.run``)."""
    for cls in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        assigned = {
            node.targets[0].id: node.value
            for node in cls.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        model = get_string(assigned.get("_name"))
        if model and model not in ast.unparse(assigned.get("_inherit", ast.Constant(""))):
            yield model
        yield from (node.name for node in cls.body if isinstance(node, ast.FunctionDef))
        yield from (name for name, value in assigned.items() if ast.unparse(value).startswith("fields."))


def use(tree):
    """What a file uses, with the line: attributes of objects, and names of models.

    Tables of names at the top of a file call nobody.
    """
    for node in (
        node for top in tree.body if isinstance(top, ast.ClassDef | ast.FunctionDef) for node in ast.walk(top)
    ):
        if isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif "." in (get_string(node) or ""):
            yield node.lineno, node.value


def find_calls_up():
    """Each use of what only a higher room defines: (file, line, name, room of the file, room of the name)."""
    rooms = get_rooms()
    trees = {
        path: (path.parent.name, ast.parse(path.read_text()))
        for room in rooms
        for path in sorted((MODELS / room).glob("*.py"))
    }
    homes = defaultdict(set)
    for room, tree in trees.values():
        for name in define(tree):
            homes[name].add(rooms.index(room))
    for path, (room, tree) in trees.items():
        for line, name in use(tree):
            home = min(homes.get(name, {0}))
            if home > rooms.index(room) and name not in COMMON:
                yield path, line, name, room, rooms[home]


def main():
    found = sorted(set(find_calls_up()))
    for path, line, name, room, home in found:
        print(f"{path.relative_to(MODELS.parent)}:{line}: {name} of the room {home} is above {room}")
    if "--all" in sys.argv:
        print(Counter((room, home) for _path, _line, _name, room, home in found).most_common())
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
