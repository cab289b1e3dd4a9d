from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import email_normalize, format_amount, format_date


class AccountDunningNotice(models.Model):
    """Before the first letters of a company, whoever issues them is asked."""

    _inherit = "account.dunning.notice"

    uncounted_money = fields.Char(
        string="Money Not Counted",
        compute="_compute_uncounted_money",
        help="What the customer has paid in another currency, or by a bank transaction that is not matched yet.",
    )

    def _ask_before_first(self):
        """The dialog that says what the letters would lack, or None where they may go on."""
        if self.env.su:
            return None
        companies = self.filtered(lambda notice: notice.document != "none").company_id
        if not any(company._get_dunning_missing() for company in companies):
            return None
        return self.env["account.dunning.first"]._open(self)

    def _name_sender(self, mail):
        """No e-mail comes from OdooBot: where the company has no address, a person stands for it."""
        root = self.env["res.users"].browse(SUPERUSER_ID).partner_id
        if not self.company_id.email and email_normalize(mail.email_from) == email_normalize(root.email):
            person = (self._get_contact() | self.issued_by_id.partner_id).filtered("email")[:1] - root
            mail.email_from = person.email_formatted or mail.email_from

    def _compute_uncounted_money(self):
        assessor = self.env["account.dunning.assessor"]
        self.uncounted_money = False
        # bank transactions are closed to collectors: sums only
        for company, notices in self.sudo().grouped("company_id").items():
            money = assessor._read_uncounted_money(company, notices.partner_id.ids)
            for notice in notices.filtered(lambda notice: notice.partner_id.id in money):  # noqa: B023
                text = assessor._describe_money(money[notice.partner_id.id], notice.currency_id)
                notice.with_env(self.env).uncounted_money = text or False

    @api.depends("uncounted_money")
    def _compute_why(self):  # pylint: disable=missing-return
        super()._compute_why()
        for notice in self.filtered("uncounted_money"):
            notice.why = self.env._("%(why)s; not counted: %(money)s", why=notice.why, money=notice.uncounted_money)

    def _get_report_block(self, lines, states, documents):
        """The notice and its ``lines`` as texts; ``states``, ``documents``: labels of these fields. Hook."""
        self.ensure_one()
        currency = self.currency_id

        def money(amount):
            return format_amount(self.env, amount, currency)

        sums = (
            (self.env._("Credits"), -self.amount_credit),
            (self.env._("Charges"), self.amount_charges),
        )
        return {
            "name": self.name or self.env._("Draft"),
            "level": self.level_id.name,
            "to": f"{documents[self.document]}: {self.recipient_id.complete_name}",
            "state": " ".join(filter(None, (states[self.state], self.sent_on and format_date(self.env, self.sent_on)))),
            "remark": self.failure or self.cancel_reason,
            "lines": [
                {
                    "name": line.name,
                    "due": format_date(self.env, line.due_date),
                    "days": line.days_overdue,
                    "before": line.previous_level_id.name,
                    "level": line.level_id.name,
                    "open": money(line.amount_residual),
                    "contested": "" if currency.is_zero(line.amount_contested) else money(line.amount_contested),
                }
                for line in lines
            ],
            "sums": [(label, money(amount)) for label, amount in sums if not currency.is_zero(amount)],
            "total": money(self.amount_total),
        }
