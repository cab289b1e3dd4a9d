"""What is found in another module, in words of this one; nothing of it is written yet."""

from dataclasses import dataclass, field
from typing import NamedTuple

from ...engine.takeover import Step


@dataclass
class LevelThere:
    """A level: its ``texts`` and ``below`` are HTML by language, ``words`` say what is different here.

    ``call`` is the name of an activity that a person gets with it, for ``user_id``.
    """

    id: int
    name: dict
    step: Step
    document: str
    texts: dict = field(default_factory=dict)
    below: dict = field(default_factory=dict)
    call: str | None = None
    user_id: int | None = None
    words: list = field(default_factory=list)


@dataclass
class TypeThere:
    """What a dunning type is made of; ``refusal`` says why none is."""

    id: int
    name: str
    levels: list
    active: bool = True
    by_customer: bool = False
    minimum: float = 0.0
    reminders: bool = False
    words: list = field(default_factory=list)
    refusal: str | None = None


class Fact(NamedTuple):
    """Something about a customer or an invoice: ``kind`` is one of the rows, ``value`` what it takes."""

    kind: str
    table: str
    id: int
    name: str
    value: object = None
    partner_id: int | None = None
    move_id: int | None = None


class ItemThere(NamedTuple):
    """The level that a journal item has reached: the id of the level there, or with ``nth`` its number."""

    table: str
    id: int
    move_line_id: int
    level_id: int | None
    day: object
    nth: int | None = None
    not_before: object = None
    word: str | None = None


class Sent(NamedTuple):
    """One item on a reminder that was sent there; those with the same ``key`` went together."""

    table: str
    id: int
    key: tuple
    level_id: int | None
    nth: int | None
    day: object
    move_line_id: int | None
    move_id: int | None
    partner_id: int | None
    currency_id: int | None
    number: str
    due: object
    amount: float
    open: float


class Review(NamedTuple):
    """What is not taken over, and a person should look at."""

    kind: str
    table: str
    id: int
    name: str
    word: str
    partner_id: int | None = None
    move_line_id: int | None = None


@dataclass
class Inventory:
    """All that was found of one module; ``default_type_id`` is the type there of who has none of his own."""

    types: list = field(default_factory=list)
    default_type_id: int | None = None
    facts: list = field(default_factory=list)
    items: list = field(default_factory=list)
    sent: list = field(default_factory=list)
    reviews: list = field(default_factory=list)
