"""How refusals of the engine are kept on notice lines."""

from datetime import date

from ...engine import Refusal


def write_refusals(refusals):
    """Refusals as they are kept: ``interest:no_rate:2026-07-01 fee:none:``."""
    return " ".join(f"{r.part}:{r.code}:{r.day.isoformat() if r.day else ''}" for r in refusals) or False


def asks_first(refusals):
    """True where a letter has to be received first: it gives the time to pay, or makes the demand."""
    return any(refusal.code in ("no_letter", "no_demand") for refusal in refusals)


def read_refusals(text):
    """The engine's refusals of what :func:`write_refusals` has written."""
    parts = [entry.split(":") for entry in (text or "").split()]
    return [Refusal(part, code, date.fromisoformat(day) if day else None) for part, code, day in parts]
