"""Open items as the reader gives them to the engine."""

from dataclasses import dataclass
from datetime import date

from ...engine import Item


@dataclass(slots=True)
class OpenItem(Item):
    """An open item, with what a line of a notice keeps of it besides; the engine looks at none of that.

    ``number`` and ``invoice_date`` are those of the document (rules §3), ``original`` its amount in the currency of the
    item; ``level_id`` and ``reminder_level_id`` are the ids of the level reached and of the last reminder.
    """

    move_id: int | None = None
    number: str = ""
    invoice_date: date | None = None
    original: float = 0.0
    level_id: int | None = None
    reminder_level_id: int | None = None
