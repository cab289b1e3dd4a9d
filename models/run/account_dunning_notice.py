from odoo import api, fields, models
from odoo.tools import format_amount, format_date


class AccountDunningNotice(models.Model):
    """The notices of runs: what they tell them, and what reviewers see of them."""

    _inherit = "account.dunning.notice"

    run_id = fields.Many2one("account.dunning.run", required=True, index=True, ondelete="cascade", readonly=True)

    uncounted_money = fields.Char(
        string="Money Not Counted",
        compute="_compute_uncounted_money",
        help="What the customer has paid in another currency, or by a bank transaction that is not matched yet.",
    )

    def _ask_before_first(self):
        """The first letters of a company may lack something."""
        if self.env.su:
            return super()._ask_before_first()
        companies = self.filtered(lambda notice: notice.document != "none").company_id
        if not any(company._get_dunning_missing() for company in companies):
            return super()._ask_before_first()
        return self.env["account.dunning.first"]._open(self)

    def _compute_uncounted_money(self):
        reader = self.env["account.dunning.reader"]
        self.uncounted_money = False
        # bank transactions are closed to collectors: sums only
        for company, notices in self.sudo().grouped("company_id").items():
            money = reader._read_uncounted_money(company, notices.partner_id.ids)
            for notice in notices.filtered(lambda notice: notice.partner_id.id in money):  # noqa: B023
                text = reader._describe_money(money[notice.partner_id.id], notice.currency_id)
                notice.with_env(self.env).uncounted_money = text or False

    @api.depends("uncounted_money")
    def _compute_why(self):
        super()._compute_why()
        for notice in self.filtered("uncounted_money"):
            notice.why = self.env._("%(why)s; not counted: %(money)s", why=notice.why, money=notice.uncounted_money)

    def _get_report_sums(self):
        """What the report lists below the items: pairs of label and amount. Hook."""
        return [(self.env._("Credits"), -self.amount_credit)]

    def _get_report_block(self, lines, states, documents):
        """The notice and its ``lines`` as texts; ``states``, ``documents``: labels of these fields. Hook."""
        self.ensure_one()
        currency = self.currency_id

        sums = self._get_report_sums()

        def money(amount):
            return format_amount(self.env, amount, currency)

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
                    "open": money(line.claim),
                    "contested": "" if currency.is_zero(line.amount_contested) else money(line.amount_contested),
                }
                for line in lines
            ],
            "sums": [(label, money(amount)) for label, amount in sums if not currency.is_zero(amount)],
            "total": money(self.amount_total),
        }

    def _after_state(self):
        super()._after_state()
        self.run_id._update_state()

    def _set_sent(self, day=None, facts=None):
        """What a night of today proposed has left: it says when it looks at the customers again."""
        # nights belong to nobody
        nights = self.sudo().run_id.filtered(lambda run: run.nightly and run.date == run.company_id._dunning_today())
        notices = self.filtered(lambda notice: notice.run_id.id in nights._ids)
        calm = {
            night: night._find_calm(group.partner_id.ids) for night, group in notices.sudo().grouped("run_id").items()
        }
        super()._set_sent(day, facts)
        for night, partner_ids in calm.items():
            night._look_again(partner_ids)

    def _get_reviewers(self):
        return self.run_id._get_reviewers()

    def _ask_reviewers(self, summary):
        super()._ask_reviewers(summary)
        for user in self._get_reviewers():
            self.run_id.activity_schedule("mail.mail_activity_data_todo", summary=summary, user_id=user.id)

    def _after_refusal(self):
        super()._after_refusal()
        self.run_id._tell_refused()

    def _note_work(self, get_text):
        super()._note_work(get_text)
        groups = self.sudo().grouped("run_id")  # collectors print
        if groups:
            runs = self.env["account.dunning.run"].sudo().concat(*groups)
            runs._message_log_batch(bodies={run.id: get_text(len(notices)) for run, notices in groups.items()})

    def _includes_disputed(self):
        return self.run_id.include_disputed
