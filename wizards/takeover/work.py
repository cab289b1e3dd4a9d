"""Takes over from one module: all in one transaction, so that a preview is the same work, taken back."""

from contextlib import contextmanager

from .rows import Rows
from .taking_facts import AFTER_ITEMS, BEFORE_ITEMS, TakingFacts
from .taking_items import TakingItems
from .taking_types import TakingTypes


class TakeOver(TakingTypes, TakingFacts, TakingItems):
    """The work for a root ``company`` (with all rights: the wizard has checked who asks) and a ``source``.

    ``rows`` tell what became of what.
    """

    def __init__(self, company, source):
        self.env = company.env
        self.company = company
        self.source = source
        self.level_table = source.needed[-1]
        self.found = source.read_all()
        self.rows = Rows(company, source.code)
        self.types, self.levels, self.names, self.refused, self.states = {}, {}, {}, {}, {}

    def run(self):
        """Write all that can be taken over, and note what cannot; nothing is sent, booked or started."""
        self.take_types()
        self.take_facts(BEFORE_ITEMS)
        self.env.flush_all()
        self.take_items()
        self.take_history()
        self.take_facts(AFTER_ITEMS)
        for review in self.found.reviews:
            self.rows.add(
                review.kind,
                review.table,
                review.id,
                review.name,
                review.word,
                partner_id=review.partner_id or False,
                move_line_id=review.move_line_id or False,
            )
        return self.rows


@contextmanager
def taken_back(env):
    """Whatever the block writes is taken back at its end, with what is kept in caches of it."""
    with env.cr.savepoint() as savepoint:
        yield
        env.flush_all()
        savepoint.rollback()
    env.invalidate_all(flush=False)
    # as Odoo's own import does after a test: ids that are gone must be in no cache, and no other process need know
    env.registry.clear_all_caches()
    env.registry.reset_changes()
