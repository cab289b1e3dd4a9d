"""A plugin of pytest: Odoo merges what depends on changed fields once for each set of fields, not at each change.

A tenth of the time of the tests went there. What comes out is the same: ``TriggerTree.merge`` keeps the fields of each
node that ``select`` takes, and the branches in which any are left, whether it asks while it merges or afterwards.
"""

from odoo.orm.registry import Registry, TriggerTree


def prune(tree, select):
    kept = TriggerTree([field for field in tree.root if select(field)])
    for label, branch in tree.items():
        if below := prune(branch, select):
            kept[label] = below
    return kept


def get_trigger_tree(self, fields, select=bool):
    triggers = self._field_triggers
    made_of, merged = self.__dict__.get("_merged_triggers", (None, None))
    if made_of is not triggers:  # the models were set up anew
        merged = {}
        self.__dict__["_merged_triggers"] = triggers, merged
    key = tuple(field for field in fields if field in triggers)
    if key not in merged:
        merged[key] = TriggerTree.merge([self.get_field_trigger_tree(field) for field in key])
    return prune(merged[key], select)


def pytest_configure():
    Registry.get_trigger_tree = get_trigger_tree
