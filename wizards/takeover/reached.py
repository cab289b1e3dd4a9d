"""Which level here an item gets, of the one that it has reached there."""

from ...engine.takeover import find_level
from ..plan.account_dunning_import_check import ReachedCheck, WrongLine


class Reached(ReachedCheck):
    """Judges items of another module, together. One that was taken over before may rise with a later notice there."""

    def __init__(self, work, found):
        self.work = work
        env = work.env
        lines = env["account.move.line"].browse([item.move_line_id for item in found])
        super().__init__(work.company, lines)
        self.lines = {line.id: line for line in lines}
        self.entered = self._find_entered(lines)
        self.types = {}
        self.results = {item.move_line_id: self._judge(item) for item in found}

    def _find_entered(self, lines):
        """The ids of items whose level was taken over before, and of which nothing was sent here since."""
        rows = self.work.rows.known.values()
        taken = {row.move_line_id.id for row in rows if row.kind == "item" and row.outcome != "left"}
        states = self.env["account.dunning.item"].search([("move_line_id", "in", list(taken.intersection(lines.ids)))])
        own = states.filtered(lambda state: not state.last_notice_id or state.last_notice_id.imported)
        return set(own.move_line_id.ids)

    def _is_entered(self, item):
        return item.id in self.entered

    def _judge(self, found):
        """The result for one item: what it gets, and the first thing that is wrong."""
        result = {"move_line_id": found.move_line_id, "deadline_days": 0}
        result |= dict.fromkeys(("type_id", "level_id", "date", "error", "differs"), False)
        try:
            line = self.lines[found.move_line_id]
            if not line.partner_id:
                raise WrongLine(self.env._("It has no customer."))
            rule = self._check_item(line)
            result["type_id"] = rule.id
            level, words = self._find_level(found, rule)
            result["level_id"] = level.id
            result["date"] = self._find_day(found, line, words)
            result["differs"] = " ".join([*words, *([found.word] if found.word else [])])
        except WrongLine as wrong:
            result["error"] = wrong.args[0]
        return {**result, "wrong": bool(result["error"])}

    def _find_level(self, found, rule):
        """The level of the item's type here, and words on how it differs."""
        steps = self._get_steps(rule)
        if found.nth is not None:
            return self._find_nth(found.nth, steps)
        there = self.work.levels.get(found.level_id)
        if not there:
            raise WrongLine(self.env._("Its level was not taken over."))
        if there.reminder:
            raise WrongLine(self.env._("A reminder before the due date is no level to be reached."))
        if there.type_id.id == rule.id:
            return there, []
        days = find_level(there.days, steps)
        own = self.env["account.dunning.type"].browse(rule.id)
        if days is None:
            raise WrongLine(
                self.env._("It is dunned by “%(type)s” here, which has no level as early as that.", type=own.name)
            )
        word = self.env._(
            "There it was dunned by “%(there)s”, here it is by “%(here)s”: it gets the level of so many days.",
            there=there.type_id.name,
            here=own.name,
        )
        return steps[days], [word]

    def _find_nth(self, nth, steps):
        """The ``nth`` of the levels here, by days; the last one where there are not so many."""
        if not steps:
            raise WrongLine(self.env._("Its dunning type has no level."))
        days = sorted(steps)
        words = []
        if nth > len(days):
            word = self.env._(
                "It got %(count)s reminders there; its type here has %(most)s levels.", count=nth, most=len(days)
            )
            words.append(word)
        return steps[days[min(max(nth, 1), len(days)) - 1]], words

    def _get_steps(self, rule):
        """The levels of a type here by their days; asked once for each type."""
        if rule.id not in self.types:
            levels = self.env["account.dunning.type"].browse(rule.id).level_ids
            levels = levels.filtered(lambda level: level.active and not level.reminder)
            self.types[rule.id] = {level.days: level for level in levels}
        return self.types[rule.id]

    def _find_day(self, found, line, words):
        """The day of the last notice; today where none is known."""
        if found.day:
            return self._check_day(found.day, line)
        words.append(self.env._("The day of the last reminder is not known there: it counts as today."))
        return self.today
