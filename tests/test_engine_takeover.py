"""Levels and texts of other modules, as values of this one."""

import doctest
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import takeover, takeover_texts
from ..engine.takeover import Place, Step, find_level, find_reached, place
from ..engine.takeover_texts import convert_text, is_blank

DAYS = st.one_of(st.none(), st.integers(-30, 400))
STEPS = st.lists(st.tuples(DAYS, st.booleans(), st.booleans()).map(lambda each: Step(*each)), max_size=8)
LINES = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from(("draft", "ignored", "queued", "to_be_sent", "sent", "error"))),
    max_size=12,
)


class TestPlaces(BaseCase):
    def test_days_as_they_are(self):
        self.assertEqual(
            place([Step(10), Step(14), Step(30)]),
            [Place(10, 0, 3, ()), Place(14, 0, 7, ()), Place(30, 0, 7, ())],
        )

    def test_days_after_the_last_notice(self):
        self.assertEqual(
            place([Step(10), Step(5, after_previous=True)]), [Place(10, 0, 4, ()), Place(15, 5, 7, ("after_previous",))]
        )

    def test_the_end_of_a_month_comes_a_month_later_at_most(self):
        self.assertEqual(place([Step(30, month_end=True)]), [Place(60, 0, 7, ("month_end",))])

    def test_what_cannot_be_is_put_right(self):
        self.assertEqual([each.days for each in place([Step(30), Step(10), Step(None), Step(None)])], [30, 31, 38, 45])
        self.assertEqual(place([Step(30), Step(10)])[1].notes, ("moved",))
        self.assertEqual(place([Step(-3)]), [Place(0, 0, 7, ("before_due",))])
        self.assertEqual(place([Step(-3), Step(0)], reminders=True)[0], Place(-3, 0, 7, ()))
        self.assertEqual(place([Step(4000)])[0].notes, ("too_late",))
        self.assertEqual(place([]), [])

    @given(STEPS, st.booleans())
    def test_days_ascend(self, steps, reminders):
        places = place(steps, reminders)
        self.assertEqual(len(places), len(steps))
        for one, other in pairwise(places):
            self.assertLess(one.days, other.days)
            self.assertTrue(one.days < 0 or one.days + one.deadline_days < other.days, "the next one waits for nothing")
        self.assertTrue(all(each.min_days >= 0 and each.deadline_days >= 0 for each in places))
        if not reminders:
            self.assertTrue(all(each.days >= 0 or each.notes for each in places))


class TestReached(BaseCase):
    def test_the_highest_level_whose_last_line_was_sent(self):
        for lines, reached, waiting in (
            ([(1, 1, "sent"), (2, 2, "sent")], 2, []),
            ([(1, 1, "sent"), (2, 2, "queued")], 1, [2]),
            ([(1, 1, "sent"), (2, 2, "sent"), (2, 3, "email_error")], 1, [3]),
            ([(1, 1, "sent"), (2, 2, "email_error"), (2, 3, "sent")], 3, []),
            ([(1, 1, "sent"), (2, 2, "draft"), (2, 3, "ignored")], 1, []),
            ([(1, 1, "error"), (2, 2, "sent")], 2, []),
            ([(1, 1, "draft")], None, []),
            ([(1, 4, "to_be_sent")], None, [4]),
            ([], None, []),
        ):
            self.assertEqual(find_reached(lines), (reached, waiting), lines)

    @given(LINES)
    def test_nothing_that_was_not_sent_is_reached(self, pairs):
        lines = [(level, number, state) for number, (level, state) in enumerate(pairs, 1)]
        reached, waiting = find_reached(lines)
        states = {number: state for _level, number, state in lines}
        self.assertIn(states.get(reached), (None, "sent"))
        self.assertFalse({states[number] for number in waiting} & {"sent", "draft", "ignored"})
        self.assertEqual(find_reached(reversed(lines)), (reached, waiting), "the order tells nothing")

    def test_the_level_of_so_many_days(self):
        self.assertEqual(find_level(25, (10, 20, 30, -5)), 20)
        self.assertEqual(find_level(10, (10, 20)), 10)
        self.assertIsNone(find_level(9, (10, 20, -5)))


class TestTexts(BaseCase):
    def test_plain_texts_become_paragraphs(self):
        text = (
            "\n Dear %(partner_name)s,\n\npay 5 %% < 6 & so on\nby %(date)s.\n\n%(user_signature)s %(company_name)s\n"
        )
        self.assertEqual(
            convert_text(text),
            (
                "<p>Dear {customer},</p><p>pay 5 % &lt; 6 &amp; so on<br>by {date}.</p><p>{collector} {company}</p>",
                [],
            ),
        )

    def test_what_is_not_known_is_left_out_and_told(self):
        self.assertEqual(
            convert_text("<p>{{ object.name }} {x} ${object.y} %(z)s</p>", markup=True),
            ("<p> (x)  </p>", ["{{ object.name }}", "${object.y}", "%(z)s"]),
        )

    @given(st.text(alphabet="ab {}%()s$<>&\n", max_size=40))
    def test_nothing_but_our_placeholders_is_in_braces(self, text):
        converted, _lost = convert_text(text)
        self.assertNotRegex(converted, r"\{(?!customer|date|collector|company)")

    def test_blank_texts(self):
        for text in (None, "", "<p> </p>", "<p>&nbsp;<br></p>"):
            self.assertTrue(is_blank(text), text)
        self.assertFalse(is_blank("<p>a</p>"))

    def test_documentation(self):
        for module in (takeover, takeover_texts):
            self.assertEqual(doctest.testmod(module).failed, 0)
