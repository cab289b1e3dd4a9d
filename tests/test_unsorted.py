from odoo.fields import Field
from odoo.tests import TransactionCase, tagged

from ..models.receivables.document import DueDate
from ..tools.unsorted import Unsorted


@tagged("post_install", "-at_install")
class TestUnsorted(TransactionCase):
    def test_fields_say_what_core_would_find_out(self):
        checked = set()
        for model in self.registry.values():
            for field in model._fields.values():
                if not isinstance(field, Unsorted | DueDate):
                    continue
                checked.add(type(field))
                said = field.get_description(self.env)
                with self.subTest(field=str(field)):
                    self.assertEqual(said.get("sortable"), Field._description_sortable(field, self.env))
                    self.assertEqual(said.get("groupable"), Field._description_groupable(field, self.env))
                    self.assertEqual(said.get("aggregator"), Field._description_aggregator(field, self.env))
        self.assertEqual(checked, {*Unsorted.__subclasses__(), DueDate})
