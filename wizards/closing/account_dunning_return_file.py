import base64
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ...models.base.names import INVOICING
from ...tools.bank_returns import ReturnsError, read_returns
from .return_matching import ReturnMatching


class AccountDunningReturnFile(ReturnMatching, models.TransientModel):
    """Books the returns that a file of the bank tells of: camt.053, camt.054 or pain.002, or text pasted from it."""

    _name = "account.dunning.return.file"
    _description = "Returned Payments of a File"
    _inherit = ["account.dunning.dialog"]
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company.root_id
    )
    file = fields.Binary(attachment=False, help="What the bank sends: camt.053, camt.054 or pain.002, as XML.")
    filename = fields.Char()
    text = fields.Text(help="Pasted text with a payment in each line: its return code, and its reference.")
    line_ids = fields.One2many("account.dunning.return.file.line", "file_id", readonly=True)
    matched_count = fields.Integer(compute="_compute_counts")
    left_count = fields.Integer(compute="_compute_counts")

    @api.depends("line_ids.why")
    def _compute_counts(self):
        for dialog in self:
            dialog.left_count = len(dialog.line_ids.filtered("why"))
            dialog.matched_count = len(dialog.line_ids) - dialog.left_count

    @api.model
    def _check_rights(self):
        self._check_role(INVOICING, self.env._("Only users of invoicing may book a returned payment."))

    def action_read(self):
        """Read what was handed in, and list each payment with what was found for it, or why nothing was."""
        self.ensure_one()
        self._check_rights()
        codes = self.env["account.dunning.return.code"]._get_all_of(self.company_id)
        content = base64.b64decode(self.file) if self.file else (self.text or "").encode()
        if not content.strip():
            raise UserError(self.env._("Choose a file of the bank, or paste what it wrote."))
        try:
            returns = read_returns(content, codes)
        except ReturnsError as error:
            raise UserError(self._get_error_text(error.args[0])) from error
        if not returns:
            raise UserError(
                self.env._("No return code was found. Known codes are under Configuration ▸ Dunning ▸ Return Codes.")
            )
        named = self.env["res.currency"].search([("name", "in", [returned.currency for returned in returns])])
        currencies = {currency.name: currency for currency in named}
        lines = [
            Command.create(
                {
                    "number": number,
                    "currency_id": currencies.get(returned.currency, self.company_id.currency_id).id,
                    **self._prepare_line_vals(returned, record, why, codes),
                }
            )
            for number, (returned, record, why) in enumerate(self._match(returns), 1)
        ]
        self.sudo().line_ids = [Command.clear(), *lines]  # nobody else makes them
        return self._show(self.env._("Returned Payments"))

    @api.model
    def _get_error_text(self, kind):
        return {
            "large": self.env._("The file is larger than 20 MB. Split it."),
            "damaged": self.env._("The file is damaged: it cannot be read as XML. Download it from the bank again."),
            "other": self.env._(
                "The file tells of no payments: it is none of camt.053, camt.054 and pain.002. Ask the bank for one of "
                "these, or paste the text."
            ),
        }[kind]

    def _prepare_line_vals(self, returned, record, why, codes):
        """Values of the line of a payment: with the ``record`` that was found, or why it cannot be booked."""
        code = codes.get(returned.code, self.env["account.dunning.return.code"])
        texts = (returned.code if not code else code.display_name, returned.text)
        return {
            "reference": ", ".join(returned.references[:3]),
            "amount": returned.amount or 0.0,
            "date": returned.day,
            "code_id": code.id,
            "reason": ", ".join(dict.fromkeys(filter(None, texts)))[:200],
            "payment_id": record.id if record and record._name == "account.payment" else False,
            "move_id": record.id if record and record._name == "account.move" else False,
            "why": why,
        }

    def action_apply(self):
        """Book the returns that were matched; the others stay listed until the dialog is closed."""
        self.ensure_one()
        self._check_rights()
        groups = defaultdict(lambda: self.env["account.dunning.return.file.line"])
        for line in self.line_ids.filtered(lambda line: not line.why):
            record = line.payment_id or line.move_id
            day = line.date or self.company_id._dunning_today()
            groups[record._name, record.company_id, day, line.code_id, line.reason] += line
        if not groups:
            raise UserError(
                self.env._("No payment of the file was found: book the returns on the payments themselves.")
            )
        returns = self.env["account.dunning.return"]
        for (model, company, day, code, reason), lines in groups.items():
            field = "payment_ids" if model == "account.payment" else "move_ids"
            records = lines.payment_id if model == "account.payment" else lines.move_id
            values = {"date": day, "reason": reason, "code_id": code.id, field: [Command.set(records.ids)]}
            returns.with_company(company).create(values).action_apply()
        booked = self.line_ids.filtered(lambda line: not line.why)
        booked.sudo().unlink()  # as they were made
        return self._show(self.env._("Not Found")) if self.line_ids else {"type": "ir.actions.act_window_close"}

    @api.model
    def _get_payment_domain(self, company):
        """Domain of what can have come back: payments of customers of ``company`` and its branches."""
        return (
            Domain("payment_type", "=", "inbound")
            & Domain("partner_type", "=", "customer")
            & Domain("company_id", "child_of", company.ids)
            & Domain("state", "in", ("in_process", "paid"))
        )


class AccountDunningReturnFileLine(models.TransientModel):
    """A payment of the file, with what was found for it."""

    _name = "account.dunning.return.file.line"
    _description = "Returned Payment of a File"
    _inherit = ["account.dunning.guard"]
    _order = "number"

    file_id = fields.Many2one("account.dunning.return.file", required=True, readonly=True, ondelete="cascade")
    number = fields.Integer(readonly=True)
    reference = fields.Char(readonly=True)
    amount = fields.Monetary(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Date(readonly=True)
    code_id = fields.Many2one("account.dunning.return.code", string="Return Code", readonly=True)
    reason = fields.Char(readonly=True)
    payment_id = fields.Many2one("account.payment", readonly=True)
    move_id = fields.Many2one("account.move", string="Bank Transaction", readonly=True)
    why = fields.Char(string="Why Not", readonly=True, help="Why the return cannot be booked. Empty: it can.")
