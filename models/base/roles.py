from odoo import api
from odoo.exceptions import AccessError

from .names import COLLECTORS, MANAGERS


class Roles:
    """Asks once for the role of who presses a button, and hands back the records to work on."""

    __slots__ = ()

    @api.model
    def _check_role(self, group, refusal=None):
        """Refuse who is not in the ``group`` (one of ``names``), with the text ``refusal``."""
        if not (self.env.su or self.env.user.has_group(group)):
            refusals = {
                COLLECTORS: self.env._("Only collectors may do this."),
                MANAGERS: self.env._("Only dunning managers may do this."),
            }
            raise AccessError(refusal or refusals[group])

    def _as_collector(self, refusal=None):
        """The records to work on, with all rights, for a collector who may read them."""
        return self._as(COLLECTORS, refusal)

    def _as_manager(self, refusal=None):
        """The records to work on, with all rights, for a dunning manager who may read them."""
        return self._as(MANAGERS, refusal)

    def _as(self, group, refusal):
        self._check_role(group, refusal)
        self.check_access("read")
        # what follows the work is written by the work only; the rights are checked above
        return self.sudo()
