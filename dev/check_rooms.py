"""Check the rooms of ``models/``: calls go down, a model is opened once in each, and files stay short (views, too).

No room uses what only a room above it defines.

What a file uses is told by names: methods that it calls, fields that it reads, models that it names, modules that it
imports. A name belongs to the lowest room that defines it: what lower rooms offer as an empty hook is theirs.
"""

import ast
import sys
from collections import Counter, defaultdict
from pathlib import Path

MODELS = Path(__file__).parents[1] / "models"

# Names of fields and methods that core's models, or values of the engine, have too: a use of them tells nothing.
COMMON = {
    "_make", "active", "activity_type_id", "amount_residual", "amount_total", "code", "country_id",
    "date", "date_from", "date_to", "difference", "domain", "due", "email",
    "held", "join", "lang", "level", "level_id",
    "line_ids", "message_post", "name", "partner_id", "phone", "promised", "reason", "state", "summary", "text", "year",
}  # fmt: skip
FIELDS = ("fields.", "unsorted.", "whole.")  # the modules whose classes are fields
LONGEST = 400  # lines of a file
# The folders whose files are so short: what the module consists of.
FOLDERS = ("engine", "models", "wizards", "views", "reports", "tools")


def get_rooms():
    """The names of the rooms, lowest first: the order in which ``models/__init__.py`` imports them."""
    tree = ast.parse((MODELS / "__init__.py").read_text())
    return [alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]


def get_string(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def get_assigned(cls):
    """What the body of a class assigns, by name."""
    return {
        node.targets[0].id: node.value
        for node in cls.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def define(tree):
    """What a file defines: methods and fields (``name``), and models of ours (``account.dunning.run``)."""
    for cls in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        assigned = get_assigned(cls)
        model = get_string(assigned.get("_name"))
        if model and model not in ast.unparse(assigned.get("_inherit", ast.Constant(""))):
            yield model
        yield from (node.name for node in cls.body if isinstance(node, ast.FunctionDef))
        yield from (name for name, value in assigned.items() if ast.unparse(value).startswith(FIELDS))


def get_parts(tree):
    """The attributes of the data classes of a file: what is read of their values is no field of a model."""
    for cls in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        yield from (ast.unparse(node.target) for node in cls.body if isinstance(node, ast.AnnAssign))


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


def get_imported(tree):
    """The rooms from which a file imports, with the line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 2:
            yield node.lineno, (node.module or node.names[0].name).split(".")[0]


def read(rooms):
    """The syntax trees of the files of ``rooms``, each with its room, by path."""
    return {
        path: (path.parent.name, ast.parse(path.read_text()))
        for room in rooms
        for path in sorted((MODELS / room).glob("*.py"))
    }


def find_calls_up(rooms, trees):
    """Each use of what only a higher room defines: (file, line, name, room of the file, room of the name).

    :param list rooms: names, lowest first
    :param dict trees: see :func:`read`
    """
    homes = defaultdict(set)
    for room, tree in trees.values():
        for name in define(tree):
            homes[name].add(rooms.index(room))
    for room, tree in trees.values():
        for name in homes.keys() & set(get_parts(tree)):
            homes[name].add(rooms.index(room))
    for path, (room, tree) in trees.items():
        for line, name in use(tree):
            home = min(homes.get(name, {0}))
            if home > rooms.index(room) and name not in COMMON:
                yield path, line, name, room, rooms[home]
        for line, home in get_imported(tree):
            if home in rooms and rooms.index(home) > rooms.index(room):
                yield path, line, "a module", room, home


def find_opened_twice(trees):
    """The models that a room opens twice, with the room: what two files say of one model belongs into one."""
    opened = Counter()
    for room, tree in trees.values():
        for cls in (node for node in tree.body if isinstance(node, ast.ClassDef)):
            names = {get_string(value) for name, value in get_assigned(cls).items() if name in ("_name", "_inherit")}
            opened.update((room, name) for name in names - {None})
    return sorted(key for key, count in opened.items() if count > 1)


def main():
    rooms = get_rooms()
    trees = read(rooms)
    problems = [
        f"{path.relative_to(MODELS.parent)}:{line}: {name} of the room {home} is above {room}"
        for path, line, name, room, home in sorted(set(find_calls_up(rooms, trees)))
    ]
    problems += [f"models/{room}: opens {model} twice" for room, model in find_opened_twice(trees)]
    problems += [
        f"{path.relative_to(MODELS.parent)}: has more than {LONGEST} lines"
        for folder in FOLDERS
        for path in sorted((MODELS.parent / folder).rglob("*.*"))
        if path.suffix in (".py", ".xml", ".js") and len(path.read_text().splitlines()) > LONGEST
    ]
    for problem in problems:
        print(problem)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
