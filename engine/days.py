"""Days before and after a date, within what a date can be."""

from datetime import date, timedelta


def shift(day: date, days: int) -> date:
    """The date ``days`` after ``day`` (before it, where negative), or the last or first date that there is.

    >>> shift(date(2026, 1, 1), 31), shift(date(9999, 12, 31), 1)
    (datetime.date(2026, 2, 1), datetime.date(9999, 12, 31))
    """
    try:
        return day + timedelta(days)
    except OverflowError:
        return date.max if days > 0 else date.min
