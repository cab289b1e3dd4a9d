from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.phones import to_international

STATES = {
    "ready": "queued",
    "process": "queued",
    "pending": "sent",
    "sent": "delivered",
    "bounce": "failed",
    "exception": "failed",
    "canceled": "cancelled",
}


class AccountDunningSms(models.Model):
    """A text message to a customer, with the link to his page and nothing of what he owes.

    It waits here until the customer may be reached, then goes through Odoo's own queue; what becomes of it comes back.
    The words with the link are made when it leaves, and are kept nowhere else.
    """

    _name = "account.dunning.sms"
    _description = "Text Message"
    _inherit = ["account.dunning.guard"]
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    notice_id = fields.Many2one(
        "account.dunning.notice", check_company=True, index="btree_not_null", ondelete="cascade", readonly=True
    )
    recipient_id = fields.Many2one("res.partner", required=True, ondelete="cascade", index=True, readonly=True)
    number = fields.Char(readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("queued", "Queued"),
            ("sent", "Sent"),
            ("delivered", "Delivered"),
            ("failed", "Not Sent"),
            ("cancelled", "Cancelled"),
        ],
        string="Status",
        required=True,
        default="waiting",
        compute="_compute_state",
        store=True,
        readonly=True,
    )
    why = fields.Char(
        string="Why Not Sent", compute="_compute_state", store=True, readonly=True, help="Or why it waits."
    )
    wait_until = fields.Datetime(string="Leaves On", readonly=True)
    notification_id = fields.Many2one("mail.notification", index="btree_not_null", ondelete="set null", readonly=True)

    _waiting_idx = models.Index("(wait_until) WHERE state = 'waiting'")

    @api.depends("notification_id.notification_status", "notification_id.failure_type")
    def _compute_state(self):
        """What the provider says, once it has got the message; the last word stays where Odoo forgets it."""
        for message in self:
            notification = message.notification_id.sudo()  # closed to collectors
            message.state = STATES.get(notification.notification_status) or message.state or "waiting"
            if notification:
                types = dict(notification._fields["failure_type"]._description_selection(self.env))
                failed = message.state == "failed"
                message.why = failed and (notification.failure_reason or types.get(notification.failure_type))
            else:
                message.why = message.why

    @api.depends("number", "state", "why", "wait_until")
    def _compute_display_name(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        for message in self:
            parts = (message.number, states.get(message.state), message.why)
            message.display_name = " · ".join(part for part in parts if part)

    @api.model
    def _make(self, vals_list):
        """Make messages, and send those that may leave now; what stands in the way of the others is said on them.

        :param vals_list: values with ``company_id``, ``recipient_id`` and what the message belongs to
        """
        messages = self.sudo().create(vals_list)
        for company, group in messages.grouped("company_id").items():
            group._address(company)
        messages.filtered(lambda message: message.state == "waiting")._send()
        return messages

    def _address(self, company):
        """Find the numbers of messages of one ``company``; who has none, or wants no messages, gets none."""
        for message in self:
            recipient = message.recipient_id.with_company(company)
            code = (recipient.country_id or company.country_id).phone_code
            message.number = to_international(recipient._phone_format(fname="phone"), code)
        phones = [*self.mapped("number"), *self.recipient_id.mapped("phone")]  # some are listed as they were typed
        refused = set(self.env["phone.blacklist"].search([("number", "in", phones)]).mapped("number"))
        for message in self:
            if not message.recipient_id.phone:
                message._fail(self.env._("There is no phone number."))
            elif not message.number:
                message._fail(self.env._("The phone number is not complete: %s", message.recipient_id.phone))
            elif refused & {message.number, message.recipient_id.phone}:
                message._fail(self.env._("The customer wants no text messages."))

    def _fail(self, why):
        self.write({"state": "failed", "why": why})

    def _cancel(self, why):
        """Messages that wait are not sent any more."""
        self.filtered(lambda message: message.state == "waiting").write({"state": "cancelled", "why": why})

    def _send(self):
        """Send the waiting messages; where the customer may not be reached now, they wait on."""
        due = self.browse()
        for company, group in self.grouped("company_id").items():
            customers = group.recipient_id.commercial_partner_id
            later = self.env["account.dunning.contact.days"]._get_next_contacts(company, customers)
            for message in group:
                found = later.get(message.recipient_id.commercial_partner_id.id)
                if found:
                    message.write({"wait_until": found.moment, "why": found.why})
                    self.env["ir.cron"]._trigger_dunning(found.moment)
                else:
                    due += message
        due._leave()

    def _leave(self):
        """Hand the messages over to Odoo's queue, in sets, with a word where what they belong to is told."""
        bodies = {message: message._get_body() for message in self}
        for message, body in bodies.items():
            if not body:
                message._fail(self.env._("The customer has no page: see “Customer's Page” in the dunning settings."))
        ready = self.filtered(lambda message: bodies[message])
        told = ready._tell()
        outgoing = (
            self.env["sms.sms"]
            .sudo()
            .create(
                [
                    {
                        "body": bodies[message],
                        "number": message.number,
                        "partner_id": message.recipient_id.id,
                        "mail_message_id": told[message].id,
                    }
                    for message in ready
                ]
            )
        )
        vals_list = [ready._prepare_notification_vals(told[own], sms) for own, sms in zip(ready, outgoing, strict=True)]
        notifications = self.env["mail.notification"].sudo().create(vals_list)
        for message, notification in zip(ready, notifications, strict=True):
            message.write({"notification_id": notification.id, "wait_until": False})

    @api.model
    def _prepare_notification_vals(self, told, sms):
        return {
            "author_id": told.author_id.id,
            "mail_message_id": told.id,
            "res_partner_id": sms.partner_id.id,
            "sms_number": sms.number,
            "notification_type": "sms",
            "sms_id_int": sms.id,
            "sms_tracker_ids": [fields.Command.create({"sms_uuid": sms.uuid})],
            "is_read": True,
            "notification_status": "ready",
        }

    def _tell(self):
        """Log each message where it belongs, without its link; dict of the ``mail.message`` by message."""
        told = {}
        for model, group in self.grouped(lambda message: message._get_thread()._name).items():
            threads = {message: message._get_thread() for message in group}
            texts = {
                thread.id: self.env._("Text message to %(number)s, with the link to the page", number=message.number)
                for message, thread in threads.items()
            }
            records = self.env[model].sudo().browse(texts)
            logged = records._message_log_batch(bodies=texts, message_type="sms")
            by_thread = {each.res_id: each for each in logged}
            told.update({message: by_thread[thread.id] for message, thread in threads.items()})
        return told

    def _get_thread(self):
        """The record on which the message is told. Hook."""
        return self.notice_id

    def _get_body(self):
        """The words with the link, in the recipient's language; an empty string where there is no page. Hook."""
        self.ensure_one()
        notice = self.notice_id
        return notice._get_sms_body() if notice else ""

    @api.model
    def _send_waiting(self):
        """Send the messages whose time has come; those about notices that were paid meanwhile are cancelled."""
        due = self.sudo().search(
            Domain("state", "=", "waiting")
            & (Domain("wait_until", "=", False) | Domain("wait_until", "<=", fields.Datetime.now()))
        )
        paid = due.filtered(
            lambda message: message.notice_id and all(message.notice_id.line_ids.move_line_id.mapped("reconciled"))
        )
        paid._cancel(self.env._("Paid before it left."))
        (due - paid)._send()
