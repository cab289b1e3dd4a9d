from odoo import fields, models


class AccountDunningSms(models.Model):
    """A collector sends text messages from the case, too."""

    _inherit = "account.dunning.sms"

    case_id = fields.Many2one(
        "account.collection.case", check_company=True, index="btree_not_null", ondelete="cascade", readonly=True
    )

    def _get_thread(self):
        return super()._get_thread() or self.case_id

    def _get_body(self):
        case = self.case_id
        return case._get_sms_body(self.recipient_id) if case else super()._get_body()
