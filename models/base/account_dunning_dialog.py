from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command


class AccountDunningDialog(models.AbstractModel):
    """A dialog about records: how it opens, on records of one company, and which of them it can change.

    Who may open and apply it is asked by the guard, of which this is a kind.
    """

    _name = "account.dunning.dialog"
    _description = "Dialog of Dunning"
    _inherit = ["account.dunning.guard"]

    @api.model
    def _show_new(self, name, **values):
        """The action that opens a dialog, called ``name``, with ``values`` of its fields: records, or plain values."""
        self.check_access("create")
        defaults = {f"default_{field}": self._get_default(field, value) for field, value in values.items()}
        return {**self._get_action(name), "context": defaults}

    @api.model
    def _get_default(self, field, value):
        """The ``value`` of a field as the web client takes it."""
        if not isinstance(value, models.BaseModel):
            return value
        return value.id if self._fields[field].type == "many2one" else [Command.set(value.ids)]

    def _show(self, name, **context):
        """The action that opens this dialog, called ``name``."""
        self.ensure_one()
        return {**self._get_action(name), "res_id": self.id, "context": context}

    @api.model
    def _get_action(self, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    @api.model
    def _get_company_of(self, records, refusal):
        """The one company of ``records``. Whoever has selected none, or those of several, is told the ``refusal``."""
        if len(records.company_id) != 1:
            raise UserError(refusal)
        return records.company_id

    @api.model
    def _get_plans_company(self, plans):
        """The one company of the selected collection ``plans``."""
        if not plans:
            raise UserError(self.env._("Select collection plans first."))
        return self._get_company_of(plans, self.env._("Select collection plans of one company."))
