"""The registry of obstacles: what keeps open items out of dunning. Every room and other modules add theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from odoo.tools import SQL


@dataclass(frozen=True)
class Question:
    """What the reader is asked: which customers of a company, on which day, and what does not count.

    ``company`` is a root company, ``partner_ids`` the ids of commercial partners. ``own_notice_ids`` are notices not
    yet sent that are no obstacle for their items. ``include_disputed`` overlooks holds whose reason is a dispute;
    ``heed_actions`` says whether actions that must be done before the next level keep items out. ``moves`` is the
    query of the documents that are dunned (:meth:`account.dunning.invoice.type._get_move_query`). ``since`` asks for
    all items that were open on any day from then to ``today``, settled meanwhile or not; all else is as it is now.
    """

    company: Any
    partner_ids: tuple[int, ...]
    today: date
    own_notice_ids: tuple[int, ...] = ()
    include_disputed: bool = False
    heed_actions: bool = True
    moves: Any = None
    since: date | None = None


@dataclass(frozen=True)
class Obstacle:
    """What keeps open items out of dunning.

    ``where`` gives the SQL condition that is true for the items that are kept out. It may use the aliases ``line``
    (the journal item), ``move`` (its entry), ``item`` (its state, or NULLs), ``plan`` (its open plan, or NULLs), and
    what the obstacle brings along: ``tables`` are named subqueries (CTE), ``joins`` are LEFT JOINs that find one row at
    most. All are asked once for all customers of a chunk, and so is a subquery as in ``line.id IN (SELECT …)``.

    Of several obstacles of an item the one with the greatest ``weight`` is told to people, by its ``label``.
    ``passes`` says that it keeps the item out for a while only: the item still counts as debt (rules §5). ``watched``
    names the tables whose changes alone can change the answer, which are watched or whose customers the module marks
    (:class:`AccountDunningChange`); None where that cannot be told: then each night reads all customers.
    """

    code: str
    label: str
    weight: int
    where: Callable[[Question], SQL]
    passes: bool = True
    tables: Callable[[Question], dict[str, SQL]] = lambda question: {}
    joins: Callable[[Question], SQL] = lambda question: SQL()
    watched: tuple[str, ...] | None = None
