"""The law that is shipped, for tests without a database; it is read by what the checkout reads it with."""

import importlib.util
import sys
from pathlib import Path

DEV = Path(__file__).parents[1] / "dev"


def load(name):
    """The module ``name`` of ``dev/``."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, DEV / f"{name}.py")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]
