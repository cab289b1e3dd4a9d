import ast
import importlib.util
from pathlib import Path

from odoo.tests import BaseCase

ROOT = Path(__file__).parents[1]

LOW = """
class Plan(models.Model):
    _name = "low.plan"

    day = fields.Date()

    def _settle(self):
        self._after_settled()

    def _after_settled(self):
        pass
"""
HIGH = """
class Charge(models.Model):
    _name = "high.charge"

    fee = fields.Monetary()

    def _book(self):
        self.plan._settle()


class Plan(models.Model):
    _inherit = "low.plan"

    def _after_settled(self):
        self._book()
"""


class TestRooms(BaseCase):
    """The check of the rooms finds what runs up (dev/check_rooms.py)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        spec = importlib.util.spec_from_file_location("check_rooms", ROOT / "dev/check_rooms.py")
        cls.check = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(cls.check)

    def find(self, low="", high=""):
        """The names that are used from above, where ``low`` and ``high`` are added to the files of two rooms."""
        trees = {
            Path(f"{room}.py"): (room, ast.parse(text)) for room, text in (("low", LOW + low), ("high", HIGH + high))
        }
        return [name for _path, _line, name, _room, _home in self.check.find_calls_up(["low", "high"], trees)]

    def test_calls_down_and_hooks(self):
        self.assertEqual(self.find(), [])

    def test_a_method_of_a_room_above(self):
        self.assertEqual(self.find(low="\ndef work(charge):\n    charge._book()\n"), ["_book"])

    def test_a_field_of_a_room_above(self):
        self.assertEqual(self.find(low="\ndef work(charge):\n    return charge.fee\n"), ["fee"])

    def test_a_model_of_a_room_above(self):
        self.assertEqual(self.find(low='\ndef work(env):\n    return env["high.charge"]\n'), ["high.charge"])

    def test_an_import_from_a_room_above(self):
        self.assertEqual(self.find(low="\nfrom ..high.charge import BLANK\n"), ["a module"])
        self.assertEqual(self.find(high="\nfrom ..low.plan import DAY\n"), [])

    def test_a_name_that_both_define_is_of_the_lower_room(self):
        self.assertEqual(self.find(low="\nclass Item:\n    def _book(self):\n        self._book()\n"), [])

    def test_a_model_that_is_opened_twice(self):
        trees = {Path(name): ("low", ast.parse(LOW)) for name in ("first.py", "second.py")}
        self.assertEqual(self.check.find_opened_twice(trees), [("low", "low.plan")])

    def test_the_house(self):
        rooms = self.check.get_rooms()
        self.assertEqual(rooms[:6], ["base", "policy", "receivables", "plan", "notice", "run"])
        trees = self.check.read(rooms)
        self.assertGreater(len(trees), 100)
        self.assertEqual(list(self.check.find_calls_up(rooms, trees)), [])
        self.assertEqual(self.check.find_opened_twice(trees), [])
