from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context, format_date

from ...models.base.names import INVOICING
from ...tools.refusals import lock


class AccountDunningReturn(models.TransientModel):
    """Books that the bank has returned payments: cheques, direct debits, cards."""

    _name = "account.dunning.return"
    _description = "Returned Payment"
    _inherit = ["account.dunning.dialog"]
    _check_company_auto = True

    payment_ids = fields.Many2many("account.payment", string="Payments", readonly=True)
    move_ids = fields.Many2many(
        "account.move", string="Bank Transactions", readonly=True, help="Those that settled invoices without a payment."
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    date = fields.Date(required=True, help="The day on which the bank returned it.")
    code_id = fields.Many2one(
        "account.dunning.return.code",
        string="Return Code",
        compute="_compute_code_id",
        store=True,
        readonly=False,
        check_company=True,
        domain="[('company_id', 'parent_of', company_id)]",
        help="Says whether it is charged again, and what the collector does. Found in the reason, where it is there.",
    )
    code_text = fields.Char(string="What Follows", compute="_compute_code_text")
    reason = fields.Char(required=True, help="As the bank gives it. Stands on the entry and in the chatter.")
    fee = fields.Monetary(
        string="Bank Fee",
        help="What the bank charges for the return, for each payment: in the currency of the bank account, or in that "
        "of the company where they have several.",
    )
    fee_account_id = fields.Many2one(
        "account.account",
        string="Account of the Fee",
        domain="[('account_type', 'in', ('expense', 'expense_direct_cost', 'asset_current'))]",
        check_company=True,
    )

    @api.depends("payment_ids", "move_ids")
    def _compute_company_id(self):
        """The company of what came back, whatever a client says: its default account is written in the end."""
        for dialog in self:
            dialog.company_id = dialog._get_returned().company_id[:1]

    @api.depends("payment_ids", "move_ids", "company_id")
    def _compute_currency_id(self):
        for dialog in self:
            currencies = {
                journal.currency_id or journal.company_id.currency_id for journal in dialog._get_returned().journal_id
            }
            dialog.currency_id = currencies.pop() if len(currencies) == 1 else dialog.company_id.currency_id

    @api.depends("reason", "company_id")
    def _compute_code_id(self):
        """The code that stands in what the bank wrote; one that was chosen stays where none does."""
        for dialog in self:
            codes = self.env["account.dunning.return.code"]
            dialog.code_id = codes._find_in(dialog.reason, dialog.company_id.root_id) or dialog.code_id

    @api.depends("code_id", "payment_ids", "move_ids", "date")
    def _compute_code_text(self):
        for dialog in self:
            dialog.code_text = dialog.code_id._get_summary()

    @api.onchange("code_id")
    def _onchange_code_id(self):
        """The meaning of the code is a reason, where none was given."""
        if self.code_id and not self.reason:
            self.reason = self.code_id.display_name

    def _get_returned(self):
        """What came back: payments, or entries of bank transactions."""
        return self.move_ids or self.payment_ids

    @api.model
    def _open(self, payments):
        """Open the dialog for ``payments`` (or bank transactions) of one company, for who may do invoicing."""
        self._check_rights(payments)
        company = self._get_payments_company(payments)
        for payment in payments:
            payment_refusal = payment._get_return_refusal()
            if payment_refusal:
                raise UserError(self.env._("%(payment)s: %(why)s", payment=payment.display_name, why=payment_refusal))
        values = {
            "move_ids" if payments._name == "account.move" else "payment_ids": payments,
            "date": company.root_id._dunning_today(),
            # closed to people; the account is of their company
            "fee_account_id": company._get_dunning_settings().return_fee_account_id,
        }
        return self._show_new(self.env._("Returned by the Bank"), **values)

    @api.model
    def _check_rights(self, payments):
        self._check_role(INVOICING, self.env._("Only users of invoicing may book a returned payment."))
        payments.check_access("write")

    @api.model
    def _get_payments_company(self, payments):
        return self._get_company_of(payments, self.env._("Select payments of one company."))

    def action_apply(self):
        """Book the returns, reopen the collection plans, and ask their collectors to call."""
        self.ensure_one()
        self = self.with_context(clean_context(self.env.context))  # the defaults of the dialog are not for entries
        payments = self._get_returned()
        self._check_rights(payments)
        lock(payments)
        self._check(payments)
        terms = {
            "date": self.date,
            "fee": self.fee,
            "currency": self.currency_id,
            "fee_account": self.fee_account_id,
            "ref": self.reason,
        }
        lines = self.env["account.move.line"]
        for payment in payments:
            lines |= payment._return(terms)
        settings = self.company_id._get_dunning_settings()
        if self.fee and settings.company_id in self.fee_account_id.company_ids:  # not one that only a branch has
            settings.return_fee_account_id = self.fee_account_id
        if self.code_id.retry == "mandate":
            payments._stop_charging()
        # clerks need not see plans, which follow all the same
        lines.sudo()._reopen_returned(self.date, self.reason, self.code_id.sudo())

    def _check(self, payments):
        """Refuse what cannot be booked, with what to do about it."""
        self._get_payments_company(payments)
        today = self.company_id.root_id._dunning_today()
        if self.date > today:
            raise UserError(
                self.env._(
                    "The bank cannot have returned a payment after today, %(today)s.",
                    today=format_date(self.env, today),
                )
            )
        if self.currency_id.compare_amounts(self.fee, 0) < 0:
            raise UserError(self.env._("The fee of the bank cannot be negative."))
        for payment in payments:
            why = payment._get_return_refusal()
            if not why and self.date < payment.date:
                why = self.env._("It cannot come back before the day on which it was made.")
            if why:
                raise UserError(self.env._("%(payment)s: %(why)s", payment=payment.display_name, why=why))
        if self.fee and not self.fee_account_id:
            raise UserError(self.env._("Please fill in “Account of the Fee”."))
        if self.fee and not self.move_ids and not all(payments.mapped("move_id")):
            raise UserError(
                self.env._(
                    "A payment without entry has no account against which the fee can be booked: leave it empty."
                )
            )
        for journal in payments.journal_id:
            self.company_id._check_books_open(self.date, False, journal)
