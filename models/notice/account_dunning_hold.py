from odoo import models
from odoo.fields import Domain


class AccountDunningHold(models.Model):
    _inherit = "account.dunning.hold"

    def _after_change(self):
        """Notices that wait to leave read their items again."""
        lines = (
            self.env["account.dunning.notice.line"]
            # notices follow holds, whoever begins or ends them
            .sudo()
            .search(Domain("pending", "=", True) & self._get_item_domain())
        )
        lines.notice_id._requeue()
        super()._after_change()
