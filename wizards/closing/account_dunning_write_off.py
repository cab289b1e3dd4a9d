from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context, format_amount, format_date

from ...models.base.names import INVOICING, MANAGERS
from ...tools.refusals import lock

# What is owed is no loss, and no income.
NO_RESULT = ("asset_receivable", "liability_payable", "off_balance")


class AccountDunningBooking(models.AbstractModel):
    """What the dialogs that book a write-off, or its end, have in common."""

    _name = "account.dunning.booking"
    _description = "Booking of Dunning"
    _inherit = ["account.dunning.dialog"]
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    date = fields.Date(required=True)
    journal_id = fields.Many2one(
        "account.journal",
        required=True,
        domain="[('company_id', '=', company_id), ('type', '=', 'general')]",
        check_company=True,
    )
    reason = fields.Char(required=True, help="Stands in the chatter of the plan and on the entry.")

    @api.model
    def _show_for(self, plans, name, **values):
        """Open the dialog for ``plans`` of one company, for a dunning manager who may do the books."""
        company = self._get_plans_company(plans)
        self._check_rights(plans)
        terms = {"company_id": company, "date": company._dunning_today(), "journal_id": self._find_journal(company)}
        return self._show_new(name, **terms, **values)

    @api.model
    def _check_rights(self, plans):
        """Refuse who is not both dunning manager and a user of invoicing, or may not see the ``plans``."""
        refusal = self.env._("Only dunning managers with rights for invoicing may write off.")
        self._check_role(MANAGERS, refusal)
        self._check_role(INVOICING, refusal)
        plans.check_access("write")

    def _check_terms(self, account, since, tax):
        """Refuse terms on which nothing can be booked, with what is wrong.

        :param account: of the loss or the income, or none
        :param since: pairs of the day before which nothing can be booked, and the name of what was booked that day
        :param tax: whether taxes are booked
        """
        self.ensure_one()
        today = self.company_id._dunning_today()
        if self.date > today:
            raise UserError(
                self.env._("Choose a date that is not after today, %(today)s.", today=format_date(self.env, today))
            )
        day, name = max(since, default=(self.date, ""))
        if self.date < day:
            raise UserError(
                self.env._(
                    "Choose a date that is not before %(day)s, the date of %(name)s.",
                    day=format_date(self.env, day),
                    name=name,
                )
            )
        if account and account.account_type in NO_RESULT:
            raise UserError(
                self.env._(
                    "The account “%(account)s” is one of receivables, payables or off the balance sheet: what is lost "
                    "or recovered cannot be booked there. Choose another one.",
                    account=account.display_name,
                )
            )
        if self.journal_id.type != "general":
            raise UserError(self.env._("Choose a journal of the type “Miscellaneous”."))
        self.company_id._check_books_open(self.date, tax, self.journal_id)

    @api.model
    def _find_journal(self, company):
        return self.env["account.journal"].search(
            [("company_id", "=", company.id), ("type", "=", "general")], order="sequence, id", limit=1
        )


class AccountDunningWriteOff(models.TransientModel):
    """Writes off what is left of one or many collection plans, and shows before which, how much, and why others not."""

    _name = "account.dunning.write.off"
    _description = "Write Off Collection Plans"
    _inherit = ["account.dunning.booking", "account.dunning.plans.dialog"]

    line_ids = fields.One2many("account.dunning.write.off.line", "write_off_id", compute="_compute_line_ids")
    totals = fields.Char(string="To Be Written Off", compute="_compute_line_ids")
    account_id = fields.Many2one(
        "account.account",
        string="Write-off Account",
        required=True,
        domain="[('account_type', 'not in', ('asset_receivable', 'liability_payable', 'off_balance'))]",
        check_company=True,
    )
    tax = fields.Boolean(
        string="Correct the Tax",
        help="The tax in what is written off is taken back, as by a credit note, where the law allows it for bad "
        "debts. Otherwise the whole amount is a loss.",
    )
    tax_on_payment = fields.Boolean(
        compute="_compute_line_ids",
        help="Some of the invoices bear tax that becomes due when they are paid.",
    )

    @api.model
    def _open(self, plans):
        # the settings, for who may not see them
        settings = self._get_plans_company(plans)._get_dunning_settings()
        return self._show_for(
            plans,
            self.env._("Write Off"),
            plan_ids=plans,
            account_id=settings.write_off_account_id,
            tax=settings.write_off_tax,
        )

    @api.depends("plan_ids")
    def _compute_line_ids(self):
        super()._compute_line_ids()

    def _sum_up_plans(self, plans):
        lines, charges = plans._get_open_lines(), plans._get_charge_lines()
        items = self.env["account.move.line"].union(*lines.values(), *charges.values())
        # taxes of items, for who may write off but read no branch
        self.tax_on_payment = items.sudo().move_id._has_tax_due_on_payment()
        self.totals = self._sum_up(line for plan in plans for line in lines[plan] + charges[plan])

    def _get_charges(self, plans):
        """What is written off with the plans."""
        return {plan: self._sum_up(lines) for plan, lines in plans._get_charge_lines().items()}

    @api.model
    def _sum_up(self, lines):
        """What is open of journal items, in words: an amount for each currency."""
        totals = {}
        for line in lines:
            totals[line.currency_id] = totals.get(line.currency_id, 0.0) + line.amount_residual_currency
        return " + ".join(format_amount(self.env, total, currency) for currency, total in totals.items())

    def _get_refusals(self):
        """Why a plan cannot be written off."""
        self.ensure_one()
        plans = self.plan_ids
        refusals = plans._get_refusals("write_off")
        for plan, lines in plans._get_open_lines().items():
            if plan not in refusals and not lines:
                refusals[plan] = self.env._("Nothing is open.")
        return refusals

    def action_apply(self):
        """Write off the plans on which it is possible."""
        self.ensure_one()
        self = self.with_context(clean_context(self.env.context))  # the defaults of the dialog are not for entries
        self._check_rights(self.plan_ids)
        lock(self.plan_ids)
        plans, why = self._get_possible()
        if not plans:
            raise UserError(self.env._("None of the plans can be written off: %(why)s", why=why))
        open_lines, charges = plans._get_open_lines(), plans._get_charge_lines()
        # dates and numbers to compare, of branches too
        lines = self.env["account.move.line"].union(*open_lines.values(), *charges.values()).sudo()
        since = [(line.date, line.move_id.name) for line in lines]
        self._check_terms(self.account_id, since, self.tax or self.tax_on_payment)
        plans._write_off(
            {
                "date": self.date,
                "journal": self.journal_id,
                "account": self.account_id,
                "tax": self.tax,
                "ref": self.reason,
            }
        )


class AccountDunningWriteOffLine(models.TransientModel):
    _name = "account.dunning.write.off.line"
    _description = "Preview of a Write-off"
    _inherit = ["account.dunning.plan.preview"]

    write_off_id = fields.Many2one("account.dunning.write.off", ondelete="cascade")
    charges = fields.Char(help="Open invoices of the plan's dunning charges, which are written off too.")


class AccountDunningWriteOffEnd(models.TransientModel):
    """Reverses a write-off, or books a later payment as income while the write-off stays."""

    _name = "account.dunning.write.off.end"
    _description = "End a Write-off"
    _inherit = ["account.dunning.booking"]

    plan_id = fields.Many2one("account.collection.plan", required=True, readonly=True, check_company=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    amount_written_off = fields.Monetary(related="plan_id.amount_written_off")
    amount_paid = fields.Monetary(string="Paid Since", compute="_compute_amount_paid")
    kind = fields.Selection(
        [
            ("reverse", "Reverse the write-off: the debt stands again, and later payments settle it"),
            ("income", "Book the later payment as income: the write-off stays"),
        ],
        required=True,
        default="reverse",
    )
    account_id = fields.Many2one(
        "account.account",
        string="Income Account",
        domain="[('account_type', 'not in', ('asset_receivable', 'liability_payable', 'off_balance'))]",
        check_company=True,
    )

    @api.model
    def _open(self, plan):
        return self._show_for(plan, self.env._("End the Write-off"), plan_id=plan)

    @api.depends("plan_id", "date")
    def _compute_amount_paid(self):
        for dialog in self:
            plan = dialog.plan_id
            lines = plan._get_late_credits().get(plan)
            dialog.amount_paid = -plan._sum_in_currency(lines, dialog.date) if lines else 0.0

    def action_apply(self):
        """Do what was chosen."""
        self.ensure_one()
        self = self.with_context(clean_context(self.env.context))
        plan = self.plan_id
        self._check_rights(plan)
        lock(plan)
        if plan.close_reason != "written_off":
            raise UserError(self.env._("The plan is not written off (any more)."))
        since = [(move.date, move.name) for move in plan._get_standing_write_offs()]
        self._check_terms(self.account_id if self.kind == "income" else None, since, True)
        if self.kind == "reverse":
            plan._reverse_write_off(self.date, self.reason)
            return
        if not self.amount_paid:
            raise UserError(self.env._("The customer has no open payment that came after the write-off."))
        if not self.account_id:
            raise UserError(self.env._("Please fill in “Income Account”."))
        plan._book_late_payment(
            {"date": self.date, "journal": self.journal_id, "account": self.account_id, "ref": self.reason}
        )
