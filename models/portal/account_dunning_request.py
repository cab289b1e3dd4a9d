from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_amount, format_date

KINDS = [
    ("promise", "Promise to pay"),
    ("instalments", "Instalments"),
    ("dispute", "Dispute"),
    ("contact", "Contact data"),
]
STATES = [("open", "Open"), ("accepted", "Accepted"), ("declined", "Declined")]


class AccountDunningRequest(models.Model):
    """What a customer asks for on his page, and a collector decides."""

    _name = "account.dunning.request"
    _description = "Request of a Customer"
    _inherit = ["mail.thread", "account.dunning.guard"]
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    case_id = fields.Many2one("account.collection.case", required=True, index=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="case_id.partner_id", string="Customer", store=True, index=True)
    person_id = fields.Many2one("res.partner", string="Asked By", readonly=True, ondelete="set null")
    user_id = fields.Many2one(related="case_id.user_id", string="Collector")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    state = fields.Selection(STATES, required=True, default="open", readonly=True, index=True, tracking=True)
    item_ids = fields.Many2many("account.move.line", string="About", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    part_ids = fields.One2many("account.dunning.request.part", "request_id", string="Payments", readonly=True)
    amount = fields.Monetary(readonly=True, help="What is promised, or the disputed part; 0: all of it.")
    reason_id = fields.Many2one("account.dunning.reason", readonly=True, ondelete="set null")
    text = fields.Text(string="Message", readonly=True)
    contact_name = fields.Char(string="New Contact", readonly=True)
    contact_phone = fields.Char(string="Phone", readonly=True)
    contact_email = fields.Char(string="E-mail", readonly=True)
    summary = fields.Char(compute="_compute_summary")
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_on = fields.Date(readonly=True)

    @api.depends("kind", "partner_id")
    def _compute_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for request in self:
            request.name = f"{kinds.get(request.kind, '')}: {request.partner_id.display_name}"

    @api.depends("part_ids.amount", "contact_name", "contact_phone", "contact_email", "amount", "item_ids")
    def _compute_summary(self):
        for request in self:
            request.summary = request._get_summary()

    def _get_summary(self):
        """What is asked for, in a line."""
        self.ensure_one()
        if self.kind == "contact":
            return " · ".join(filter(None, (self.contact_name, self.contact_phone, self.contact_email)))
        if self.part_ids:
            parts = (
                self.env._(
                    "%(amount)s by %(date)s",
                    amount=format_amount(self.env, part.amount, self.currency_id),
                    date=format_date(self.env, part.date),
                )
                for part in self.part_ids
            )
            return " · ".join(parts)
        numbers = ", ".join(self.sudo().item_ids.mapped("dunning_number"))  # of the request's own items
        amount = format_amount(self.env, self.amount, self.currency_id) if self.amount else self.env._("all of it")
        return f"{numbers}: {amount}"

    @api.model
    def _make(self, case, kind, person, items, parts, attachments, **values):
        """Make a request about ``case``, as the system, and tell the collector."""
        request = self.create(
            {
                "case_id": case.id,
                "kind": kind,
                "person_id": person.id,
                "item_ids": [Command.set(items.ids)],
                "currency_id": (items.currency_id[:1] or case.currency_id).id,
                "part_ids": [Command.create({"date": day, "amount": amount}) for day, amount in parts],
                "amount": sum(amount for _day, amount in parts),
                **values,
            }
        )
        if attachments:
            attachments.write({"res_model": self._name, "res_id": request.id})
        case._note_act(person, f"{request.name}: {request.summary}", request.text, attachments)
        case._ask_collector(case.env._("Decide on a request: %(what)s", what=request.summary), request.text)
        return request

    def action_accept(self):
        """Do what the customer has asked for."""
        request = self._take()
        getattr(request, f"_accept_{request.kind}")()
        return request._decide("accepted")

    def action_decline(self):
        """Leave all as it is. Nobody is written to: the collector says so in his own words."""
        return self._take()._decide("declined")

    def _take(self):
        """The request, to be decided by a collector, once."""
        request = self._as_collector()
        request.ensure_one()
        if request.state != "open":
            raise UserError(self.env._("This request was decided already."))
        return request

    def _decide(self, state):
        self.write({"state": state, "decided_by_id": self.env.uid, "decided_on": fields.Date.context_today(self)})
        self.case_id._message_log(
            body=self.env._(
                "%(request)s – %(state)s",
                request=self.name,
                state=dict(self._fields["state"]._description_selection(self.env))[state],
            )
        )
        self.case_id._touch()
        return True

    def _get_open_items(self):
        """Those of its items that are still open; it is refused where none is."""
        items = self.item_ids.filtered_domain(self.item_ids._get_open_item_domain())
        if not items:
            raise UserError(self.env._("Nothing of this is open any more: decline the request."))
        return items

    def _accept_promise(self):
        self._promise()

    def _accept_instalments(self):
        days = self.company_id._get_dunning_settings().agreement_days
        self._promise(agreement=True, default_days=days)

    def _promise(self, **values):
        """Make the promise that was asked for, as of today."""
        items, parts = self._get_open_items(), [(part.date, part.amount) for part in self.part_ids]
        promises = self.env["account.dunning.promise"]
        promises._check_parts(self.company_id, items, parts)
        promises._make(self.case_id, items, parts, source="portal", user_id=self.env.uid, **values)

    def _accept_dispute(self):
        self.case_id._hold_disputed(self._get_open_items()[:1], self.reason_id, self.amount, self.text)

    def _accept_contact(self):
        """Write what was given to whoever is called; a name is that of a new contact, who is called from now on."""
        case = self.case_id.with_user(self.env.user)
        if self.contact_name:
            contact = self.env["res.partner"].create(
                {"name": self.contact_name, "parent_id": self.partner_id.id, "type": "contact"}
            )
            case.dunning_contact_id = contact.with_env(case.env)
        if self.contact_phone:
            case.phone = self.contact_phone
        if self.contact_email:
            case.email = self.contact_email
