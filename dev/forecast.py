"""Measures the forecast of payments on a file of invoices: python dev/forecast.py FILE

Walk-forward: each invoice is predicted on its own day, from what was settled before that day. The first half of the
time is only learned from. docs/figures.md says what is measured, docs/replay.md what the file looks like.
"""

import json
import sys
from bisect import insort
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from replay_check import read

from engine.payment_forecast import Delays, History

NEAR = 7  # days


def main(path):
    invoices = read(path)
    if not invoices:
        sys.exit(f"{path} holds no invoices.")
    result = measure(invoices)
    print(f"{'':12}{'mean error':>12}{'within 7 d':>12}{'Brier':>8}{'cash of a month':>17}")
    for name, row in (("forecast", result), ("due date", result["due_date"])):
        print(
            f"{name:12}{row['mae_days']:9.2f} d {row['within_7_days']:11.1%}{row['brier']:8.3f}{row['cash_wape']:17.1%}"
        )
    print(json.dumps(result))


def measure(invoices):
    """The errors of the forecast, and of the due date alone: dicts of plain values."""
    start = find_start(invoices)
    result = judge_days(invoices, start)
    for row, error in zip((result, result["due_date"]), judge_cash(invoices, start), strict=True):
        row["cash_wape"] = error
    return {**{name: value for name, value in result.items() if name != "due_date"}, "due_date": result["due_date"]}


def find_start(invoices):
    """The first day of the month after the middle of the time in which the invoices were made."""
    first, last = invoices[0].date, invoices[-1].date
    return next_month(first + (last - first) / 2)


def next_month(day):
    return (day.replace(day=1) + timedelta(32)).replace(day=1)


class Learner:
    """The history of what was settled before a day, which only goes forward."""

    def __init__(self, invoices):
        self.left = sorted(invoices, key=lambda invoice: invoice.settled, reverse=True)
        self.history = History(Delays(), defaultdict(Delays))

    def learn(self, day):
        while self.left and self.left[-1].settled < day:
            invoice = self.left.pop()
            delay = (invoice.settled - invoice.due).days
            insort(self.history.everybody.days, delay)
            insort(self.history.customers[invoice.customer].days, delay)
        return self.history


def judge_days(invoices, start):
    """How far off each prediction was: of the forecast, and of the due date."""
    learner, rows = Learner(invoices), []
    for invoice in (invoice for invoice in invoices if invoice.date >= start):
        history = learner.learn(invoice.date)
        habit, late = history.get_habit(invoice.customer), invoice.settled > invoice.due
        expected = max(invoice.due + timedelta(round(habit.delay)), invoice.date)
        rows.append(
            (
                abs((invoice.settled - expected).days),
                (habit.late - late) ** 2,
                abs((invoice.settled - max(invoice.due, invoice.date)).days),
                int(late),
            )
        )
    errors, squares, plain, lates = zip(*rows, strict=True)
    return {**describe(errors, squares), "due_date": describe(plain, lates)}


def describe(errors, squares):
    count = len(errors)
    return {
        "mae_days": round(sum(errors) / count, 2),
        "within_7_days": round(sum(error <= NEAR for error in errors) / count, 4),
        "brier": round(sum(squares) / count, 4),
    }


def judge_cash(invoices, start):
    """The error of next month's cash from open invoices, as a share of it: of the forecast, and of the due date."""
    learner, last = Learner(invoices), max(invoice.settled for invoice in invoices)
    off, off_plain, came = 0.0, 0.0, 0.0
    while start <= last:
        today, until = start - timedelta(1), next_month(start) - timedelta(1)
        history = learner.learn(start)
        owed = [invoice for invoice in invoices if invoice.date <= today < invoice.settled]
        actual = sum(invoice.amount for invoice in owed if invoice.settled <= until)
        expected = sum(
            invoice.amount * history.find_paid_share(invoice.customer, invoice.due, today, until) for invoice in owed
        )
        off += abs(actual - expected)
        off_plain += abs(actual - sum(invoice.amount for invoice in owed if invoice.due <= until))
        came += actual
        start = next_month(start)
    return round(off / came, 4), round(off_plain / came, 4)


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) == 2 else sys.exit("Which file? make forecast DATA=receivables.csv")
