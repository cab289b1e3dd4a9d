from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_split, format_amount, format_date, format_datetime, is_html_empty

from ...engine.money import total
from ...models.notice.mail_frame import Sum
from ...tools.pdf.heads import get_direction
from ...tools.shipped import get_record

KINDS = [
    ("reminder", "Friendly reminder"),
    ("statement", "Statement of account"),
    ("copies", "Copies of invoices"),
    ("free", "Free text"),
]


class AccountDunningSend(models.TransientModel):
    """Writes to a customer from his case: in his language, with the documents that are ticked. No level is reached."""

    _name = "account.dunning.send"
    _description = "Write to a Customer"
    _inherit = ["account.dunning.dialog"]

    case_id = fields.Many2one("account.collection.case", required=True, readonly=True)
    partner_id = fields.Many2one(related="case_id.partner_id")
    item_ids = fields.Many2many("account.move.line", string="About")
    way = fields.Selection(
        [("email", "E-mail"), ("sms", "Text message")],
        string="By",
        required=True,
        default="email",
        help="A text message brings the link to the customer's page, and says nothing of what he owes.",
    )
    sms_body = fields.Text(string="Words", compute="_compute_sms")
    sms_number = fields.Char(string="Numbers", compute="_compute_sms")
    kind = fields.Selection(KINDS, string="Template", required=True, default="reminder")
    recipient_ids = fields.Many2many(
        "res.partner",
        string="To",
        compute="_compute_recipient_ids",
        store=True,
        readonly=False,
        domain="[('commercial_partner_id', '=', partner_id)]",
    )
    cc = fields.Char(help="Further e-mail addresses, with commas between them.")
    subject = fields.Char(compute="_compute_text", store=True, readonly=False)
    body = fields.Html(compute="_compute_text", store=True, readonly=False, sanitize_style=True)
    with_statement = fields.Boolean(
        string="Statement of Account", compute="_compute_documents", store=True, readonly=False
    )
    with_copies = fields.Boolean(
        string="Copies of the Invoices", compute="_compute_documents", store=True, readonly=False
    )

    @api.depends("case_id")
    def _compute_recipient_ids(self):
        for send in self:
            send.recipient_ids = send.case_id.dunning_contact_id or send.partner_id

    @api.depends("kind")
    def _compute_documents(self):
        for send in self:
            send.with_statement = send.kind == "statement"
            send.with_copies = send.kind == "copies"

    @api.depends("kind")
    def _compute_text(self):
        """Subject and text of the template, in the language of the first recipient; what was typed since stays."""
        for send in self:
            own = send.with_context(lang=send._get_mail_lang())
            send.subject = own._get_subject()
            send.body = own._render_body()

    @api.depends("way", "recipient_ids")
    def _compute_sms(self):
        """What a text message would say, without the link, and to which numbers it would go."""
        levels = self.env["account.dunning.level"]
        for send in self:
            values = {
                "company": send.case_id.company_id.name,
                "customer": send.recipient_ids[:1].name or send.partner_id.name,
                "link": "…",
            }
            send.sms_body = levels.with_context(lang=send._get_mail_lang())._get_sms_text(None, values)
            send.sms_number = ", ".join(filter(None, send.recipient_ids.mapped("phone")))

    def _get_subject(self):
        company = self.case_id.company_id.name
        return {
            "reminder": self.env._("%(company)s: open invoices", company=company),
            "statement": self.env._("%(company)s: statement of account", company=company),
            "copies": self.env._("%(company)s: copies of invoices", company=company),
            "free": f"{company}: ",
        }[self.kind]

    def _get_salutation(self):
        return self.env._("Dear %(name)s,", name=self.recipient_ids[:1].name or self.partner_id.name)

    def _get_items(self):
        return self.item_ids.sorted(lambda line: (line.dunning_due_date, line._origin.id))

    def _get_mail_rows(self):
        """The items as ``mail_items`` shows them: texts."""
        return [
            (
                item.dunning_number,
                format_date(self.env, item.dunning_due_date),
                format_amount(self.env, item.amount_residual_currency, item.currency_id),
            )
            for item in self._get_items()
        ]

    def _get_sums(self):
        """What the e-mail shows in large letters: a ``Sum`` for each currency of the items."""
        items = self._get_items().filtered(lambda line: line.amount_residual_currency > 0 and self.kind != "free")
        return [self._get_sum(currency, group) for currency, group in items.grouped("currency_id").items()]

    def _get_sum(self, currency, items):
        amount, due = total(items.mapped("amount_residual_currency")), items[0].dunning_due_date
        late = due < self.case_id.company_id._dunning_today()
        date = format_date(self.env, due)
        return Sum(
            self.case_id.with_env(self.env)._describe_count(len(items)),
            format_amount(self.env, amount, currency),
            self.env._("Due since %(date)s", date=date) if late else self.env._("Due on %(date)s", date=date),
        )

    def _get_mail_lang(self):
        """The language in which the template is written: that of the first recipient."""
        statements = self.env["account.dunning.statement"]
        # two languages are read
        return statements._get_lang(self.recipient_ids[:1].sudo(), self.case_id.company_id.sudo())

    def _render_body(self):
        return self.env["ir.qweb"]._render(
            "account_dunning.collection_case_mail",
            {
                "send": self,
                "kind": self.kind,
                "rows": self._get_mail_rows(),
                "direction": get_direction(self.env, self.env.lang),
                "company": self.case_id.company_id,
                "user": self.env.user,
            },
        )

    def action_send(self):
        """Queue the e-mail with its documents."""
        self.ensure_one()
        case = self.case_id._as_collector()
        self._check()
        if self.way == "sms":
            return self._send_sms(case)
        lang = self._get_mail_lang()
        case.with_user(self.env.user).sudo()._send(  # what may be sent, and to whom, is checked above
            self.subject,
            self.body,
            self.recipient_ids,
            lang,
            self.with_context(lang=lang)._get_sums(),
            self.cc,
            self._make_attachments(case),
        )
        return None

    def _send_sms(self, case):
        """Text the recipients; what cannot be sent is said at once, what waits by a notification."""
        messages = self.env["account.dunning.sms"].union(*(case._send_sms(each) for each in self.recipient_ids))
        if failed := messages.filtered(lambda message: message.state == "failed"):
            name = failed[:1].recipient_id.display_name
            raise UserError(self.env._("%(name)s: %(why)s", name=name, why=failed[:1].why))
        waiting = messages.filtered(lambda message: message.state == "waiting")[:1]
        if not waiting:
            return None
        when = format_datetime(self.env, waiting.wait_until)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._("It leaves on %(when)s: %(why)s.", when=when, why=waiting.why),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _check(self):
        if not self.recipient_ids and (not self.cc or self.way == "sms"):
            raise UserError(self.env._("Say to whom it goes."))
        if self.recipient_ids.commercial_partner_id - self.partner_id:
            raise UserError(self.env._("Choose contacts of %(customer)s.", customer=self.partner_id.display_name))
        self.case_id._check_items(self.item_ids)
        if self.way == "email":
            self._check_mail()

    def _check_mail(self):
        without = self.recipient_ids.filtered(lambda partner: not partner.email)
        if without:
            raise UserError(
                self.env._(
                    "%(names)s: there is no e-mail address. Enter it in the case, or choose another contact.",
                    names=", ".join(without.mapped("display_name")),
                )
            )
        if self.cc and not email_split(self.cc):
            raise UserError(self.env._("“%(cc)s” is no e-mail address.", cc=self.cc))
        if is_html_empty(self.body) or not self.subject:
            raise UserError(self.env._("Write a subject and a text."))

    def _make_attachments(self, case):
        """The documents that are ticked, as attachments of the case."""
        documents = []
        if self.with_statement:
            report = get_record(self.env, "account_dunning.action_report_statement")
            pdf, _type = report.with_company(case.company_id)._render_qweb_pdf(report.report_name, self.partner_id.ids)
            documents.append((f"{self.partner_id._get_dunning_statement_name()}.pdf", pdf))
        if self.with_copies:
            documents += self._get_copies()
        return (
            self.env["ir.attachment"]
            .sudo()
            .create(  # the case's own, which the collector may write
                [
                    {
                        "name": name,
                        "raw": content,
                        "res_model": case._name,
                        "res_id": case.id,
                        "mimetype": "application/pdf",
                    }
                    for name, content in documents
                ]
            )
        )

    def _get_copies(self):
        """Name and PDF of each invoice that the items belong to: as it was sent, else printed now."""
        moves = self.item_ids.move_id.filtered(lambda move: move.is_sale_document())
        if not moves:
            raise UserError(self.env._("None of the chosen items is an invoice."))
        copies = []
        for move in moves.sudo():  # whoever may read the case may send its invoices; checked in _check
            documents = move._get_invoice_legal_documents("pdf", allow_fallback=True)
            documents = documents if isinstance(documents, list) else [documents]
            copies += [(document["filename"], document["content"]) for document in documents if document]
        return copies
