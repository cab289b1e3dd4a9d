"""Posting and paying change amounts of the ledger dozens of times: hardly anything of the module may hang on them."""

from odoo.tests import TransactionCase, tagged

# What core writes at each of its steps, model by model.
STEPS = {
    "account.move.line": (
        *("balance", "amount_currency", "debit", "credit", "matched_debit_ids", "matched_credit_ids"),
        *("amount_residual", "amount_residual_currency"),
    ),
    "account.move": ("payment_state", "amount_residual", "amount_total", "matched_payment_ids"),
    "account.payment": ("state", "move_id"),
}
# What is open, which lists of ours show straight from the item.
FOLLOWING = {"account.dunning.item.amount_open", "account.dunning.promise.item.amount_open"}


@tagged("post_install", "-at_install")
class TestLedgerSteps(TransactionCase):
    def get_dependents(self, model, name):
        """The module's fields, in the names of their models, that core marks whenever the field changes."""
        found = self.env.registry.get_dependent_fields(self.env[model]._fields[name])
        return {str(field) for field in found if field._modules and field._modules[0] == "account_dunning"}

    def test_hardly_anything_follows_the_steps_of_core(self):
        for model, names in STEPS.items():
            for name in names:
                with self.subTest(model=model, field=name):
                    allowed = FOLLOWING if model == "account.move.line" else set()
                    self.assertLessEqual(self.get_dependents(model, name), allowed)
