from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

CHANNELS = [
    ("call", "Call"),
    ("email", "E-mail"),
    ("visit", "Visit"),
    ("sms", "Text Message"),
    ("other", "Other"),
]
DIRECTIONS = [("out", "We contacted the customer"), ("in", "The customer contacted us")]


class AccountDunningContact(models.Model):
    """One attempt to reach a customer, or of his to reach us: when, who, how, and what came of it.

    The note may be put right on the day on which it was written; the rest stands as it was logged.
    """

    _name = "account.dunning.contact"
    _description = "Contact"
    _inherit = ["account.dunning.guard"]
    _order = "at desc, id desc"
    _rec_name = "outcome_id"
    _check_company_auto = True

    case_id = fields.Many2one("account.collection.case", required=True, index=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="case_id.partner_id", string="Customer", store=True, index=True)
    user_id = fields.Many2one("res.users", string="By", required=True, readonly=True)
    at = fields.Datetime(required=True, readonly=True)
    day = fields.Date(required=True, readonly=True, help="The day in the company's time zone.")
    direction = fields.Selection(DIRECTIONS, required=True, readonly=True, default="out")
    channel = fields.Selection(CHANNELS, required=True, readonly=True, default="call")
    person_id = fields.Many2one("res.partner", readonly=True, help="Whom we spoke with, or wrote to.")
    number = fields.Char(string="Number or Address", readonly=True)
    outcome_id = fields.Many2one(
        "account.dunning.outcome", required=True, readonly=True, check_company=True, ondelete="restrict"
    )
    right_party = fields.Boolean(string="Right Person", readonly=True, help="As the outcome said on that day.")
    note = fields.Text()
    duration = fields.Float(string="Minutes", readonly=True, help="How long it took.")
    call_back_at = fields.Datetime(readonly=True)
    promise_id = fields.Many2one("account.dunning.promise", readonly=True, check_company=True, ondelete="set null")
    hold_ids = fields.One2many("account.dunning.hold", "contact_id", string="Disputes", readonly=True)
    answered = fields.Boolean(readonly=True, help="What the customer asked for was sent.")

    def write(self, vals):
        """An entry stands as it was written, from the next day on."""
        if not self.env.su:
            for contact in self:
                if contact.day != contact.company_id._dunning_today():
                    raise UserError(
                        self.env._(
                            "This contact of %(date)s is a record of what was said, and can no longer be changed. "
                            "Log a new one instead.",
                            date=format_datetime(self.env, contact.at),
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Contacts are a record of what was said: none can be deleted."))
