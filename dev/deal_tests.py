"""Runs the tests in several processes, each on a database of its own, and sums up what they counted.

    python dev/deal_tests.py DATABASE,DATABASE… MODULE… [-- ARGUMENTS OF PYTEST]

The modules are dealt out by the seconds that they took last (``dev/durations.json``), the longest first, each to the
process that has the least to do. The lines of each process begin with its number; the last line is that of pytest, with
all tests counted. ``DURATIONS=1`` writes the seconds of this run to ``dev/durations.json``.
"""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

DURATIONS = Path(__file__).with_name("durations.json")
UNKNOWN = 20.0  # seconds that a module takes which was never measured
CLOSING = re.compile(r"(?:=+ )?(\d+ [a-z]+\b.*|no tests ran) in [\d.]+s(?: \([\d:]+\))?(?: =+)?$")  # bare with -q
COUNT = re.compile(r"(\d+) ([a-z]+)")
ORDER = ("failed", "error", "passed", "skipped", "deselected", "xfailed", "xpassed", "warning")
NOTHING_RAN = 5  # pytest's exit code where all tests of its modules are deselected


def deal(modules, hands, durations):
    """Deal ``modules`` to ``hands`` processes, so that they end at about the same time.

    :param dict durations: seconds by module; what is missing counts ``UNKNOWN``
    :return: a list of lists of modules, none of them empty
    """
    seconds = {module: durations.get(module, UNKNOWN) for module in modules}
    dealt = [[] for _hand in range(hands)]
    for module in sorted(modules, key=lambda module: (-seconds[module], module)):
        min(dealt, key=lambda hand: sum(map(seconds.get, hand))).append(module)
    return [sorted(hand) for hand in dealt if hand]


def sum_up(closing_lines):
    """The counts of several closing lines of pytest, such as ``3 failed, 40 passed``, as one."""
    total = Counter()
    for line in closing_lines:
        for count, word in COUNT.findall(line):
            total[re.sub("s$", "", word) if word in ("errors", "warnings") else word] += int(count)
    words = {name: f"{name}s" if name in ("error", "warning") and total[name] > 1 else name for name in total}
    return ", ".join(f"{total[name]} {words[name]}" for name in ORDER if total[name])


class Hand(threading.Thread):
    """One process of pytest: ``closing`` is its last line without bars and time, ``code`` its exit code."""

    def __init__(self, number, database, modules, arguments):
        super().__init__()
        self.number, self.closing, self.code = number, "", None
        names = [f"odoo.addons.account_dunning.tests.{module}" for module in modules]
        self.measured = Path(os.environ["BUILD"], f"durations-{number}.json")
        self.measured.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "-p", "fail_on_skip", "-p", "true_clock"]
        command += ["-p", "same_examples", "-p", "quick_triggers", "--color=no"]
        command += [f"--odoo-config={os.environ['ODOO_RC']}", f"--odoo-database={database}", "--odoo-http", *arguments]
        env = {**os.environ, "DUNNING_DURATIONS": str(self.measured), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [*command, "--pyargs", *names], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def run(self):
        for line in self.process.stdout:
            if match := CLOSING.match(line.strip()):
                self.closing = match[1]
            else:
                print(f"[{self.number}] {line}", end="", flush=True)
        self.code = self.process.wait()


def main(databases, modules, arguments):
    began = time.monotonic()
    durations = json.loads(DURATIONS.read_text()) if DURATIONS.exists() else {}
    dealt = deal(modules, len(databases), durations)
    hands = [Hand(number, *what, arguments) for number, what in enumerate(zip(databases, dealt, strict=False), 1)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    measured = {}
    for hand in hands:
        if hand.measured.exists():
            measured |= json.loads(hand.measured.read_text())
    print(
        "slowest:", ", ".join(f"{name} {measured[name]:.0f} s" for name in sorted(measured, key=measured.get)[:-9:-1])
    )
    if os.environ.get("DURATIONS"):
        DURATIONS.write_text(json.dumps(durations | measured, indent=1, sort_keys=True) + "\n")
    broken = [hand for hand in hands if hand.code not in (0, 1, NOTHING_RAN) or not hand.closing]
    for hand in broken:
        print(f"[{hand.number}] pytest ended with {hand.code} and did not count its tests")
    print(f"{'=' * 20} {sum_up(hand.closing for hand in hands)} in {time.monotonic() - began:.2f}s {'=' * 20}")
    return 2 if broken else max(hand.code % NOTHING_RAN for hand in hands)


if __name__ == "__main__":
    what = sys.argv[2:]
    end = what.index("--") if "--" in what else len(what)
    sys.exit(main(sys.argv[1].split(","), what[:end], what[end + 1 :]))
