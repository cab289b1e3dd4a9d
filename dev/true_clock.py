"""A plugin of pytest: its clock goes on where a test freezes the date, and it notes how long each module took."""

import json
import os
from collections import Counter
from pathlib import Path

import freezegun

freezegun.configure(extend_ignore_list=["_pytest", "pluggy"])
seconds = Counter()


def pytest_runtest_logreport(report):
    seconds[report.nodeid.partition("::")[0].rpartition("/")[2].removesuffix(".py")] += report.duration


def pytest_sessionfinish():
    """Write the seconds of each module to the file that ``DUNNING_DURATIONS`` names, if any."""
    if path := os.environ.get("DUNNING_DURATIONS"):
        Path(path).write_text(json.dumps({name: round(spent, 1) for name, spent in seconds.items()}))
