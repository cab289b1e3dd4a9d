"""A policy as plain values: what the engine needs to know of dunning types and levels to play their nights."""

from dataclasses import dataclass, field, replace


@dataclass
class Policy:
    """The ``rules`` by type, the ``endings`` (days until unrecovered) by type, and the engine's ``tariff``.

    By level ``documents`` and ``names``. ``reached`` has the days of live levels that are other here: who has reached
    such a level has reached it in this policy, too.
    """

    rules: dict = field(default_factory=dict)
    endings: dict = field(default_factory=dict)
    fees: dict = field(default_factory=dict)
    interest: set = field(default_factory=set)
    interest_rules: dict = field(default_factory=dict)
    documents: dict = field(default_factory=dict)
    names: dict = field(default_factory=dict)
    reached: dict = field(default_factory=dict)

    def take(self, account):
        """The ``account`` as this policy sees it: who has reached a level has reached it wherever it stands now."""
        if not self.reached:
            return account
        items = tuple(
            replace(course, item=replace(course.item, reached=self.reached[course.item.level_id]))
            if course.item.level_id in self.reached
            else course
            for course in account.items
        )
        return replace(account, items=items)
