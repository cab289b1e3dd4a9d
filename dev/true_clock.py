"""A plugin of pytest: its clock goes on where a test freezes the date, failures are told at once, and it notes how long
each module took."""

import json
import os
import sys
from collections import Counter
from pathlib import Path

import freezegun

freezegun.configure(extend_ignore_list=["_pytest", "pluggy"])
seconds = Counter()


def pytest_runtest_logreport(report):
    if report.failed:
        print(f"\n{report.nodeid} failed:\n{report.longreprtext[-3000:]}", file=sys.__stdout__, flush=True)
    seconds[report.nodeid.partition("::")[0].rpartition("/")[2].removesuffix(".py")] += report.duration


def pytest_sessionfinish():
    """Write the seconds of each module to the file that ``DUNNING_DURATIONS`` names, if any."""
    if path := os.environ.get("DUNNING_DURATIONS"):
        Path(path).write_text(json.dumps({name: round(spent, 1) for name, spent in seconds.items()}))
