from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_amount, format_date


class AccountDunningWhy(models.TransientModel):
    """The engine's answer for a customer, a plan or an invoice: what is due today, what comes next."""

    _name = "account.dunning.why"
    _description = "Why?"
    _inherit = ["account.dunning.dialog"]

    company_id = fields.Many2one("res.company", required=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, readonly=True)
    date = fields.Date(required=True, help="The day to ask for: try another one to see what would be due then.")
    line_ids = fields.One2many("account.dunning.why.line", "why_id", compute="_compute_line_ids", store=True)
    item_ids = fields.Many2many("account.move.line")
    summary = fields.Char(compute="_compute_line_ids", store=True)

    @api.model
    def _open(self, company, partner, line_ids, source):
        """Open the answer for ``partner`` of ``company``; ``line_ids`` restricts it to journal items."""
        self.check_access("write")
        wizard = self.sudo().create(  # nobody makes one but this method
            {
                "company_id": company.id,
                "partner_id": partner.id,
                "date": company._dunning_today(),
                "item_ids": [fields.Command.set(line_ids or [])],
            }
        )
        name = self.env._("Why? %(record)s", record=source.display_name)
        return wizard._show(name, dialog_size="extra-large")

    @api.depends("date", "partner_id", "item_ids")
    def _compute_line_ids(self):
        for wizard in self:
            verdicts = wizard._get_verdicts() if wizard.date else []
            wizard.line_ids = [
                fields.Command.clear(),
                *(fields.Command.create(vals) for vals in wizard._prepare_lines(verdicts)),
            ]
            due = [verdict for verdict in verdicts if verdict.level]
            if not verdicts:
                wizard.summary = self.env._("Nothing is open: there is nothing to dun.")
            elif due:
                wizard.summary = self.env._(
                    "Due for a notice on this day: %(count)s of %(total)s open items.",
                    count=len(due),
                    total=len(verdicts),
                )
            else:
                wizard.summary = self.env._("On this day no notice is due.")
            if due and (wait := wizard._get_wait()):
                wizard.summary = f"{wizard.summary} {wait}"
            money = wizard._get_uncounted_money(verdicts)
            if money:
                wizard.summary = self.env._("%(summary)s Not counted: %(money)s.", summary=wizard.summary, money=money)

    def _get_verdicts(self):
        if self.company_id not in self.env.user.company_ids.root_id:
            raise AccessError(self.env._("You may not work in the company %(company)s.", company=self.company_id.name))
        notices = (
            self.env["account.dunning.notice"]
            # own notices of the customer, by id only
            .sudo()
            .search([("partner_id", "=", self.partner_id.id), ("state", "=", "proposed")])
        )
        assessments = self.env["account.dunning.reader"]._assess(
            self.company_id, self.partner_id.ids, self.date, own_notice_ids=notices.ids
        )
        only = set(self.item_ids.ids)
        return [v for v in assessments[self.partner_id.id].verdicts if not only or v.item.id in only]

    def _get_wait(self):
        """When a notice of this day would leave, in words, where the customer may not be reached before."""
        company, days = self.company_id, self.env["account.dunning.contact.days"]
        moment = company._get_dunning_noon(self.date) if self.date != company._dunning_today() else None
        day, why = days._next_contact_day(company, self.partner_id, moment)
        if not why:
            return None
        if day == self.date:
            return self.env._("Its e-mail leaves at a later hour (%(why)s).", why=why)
        return self.env._("It leaves on %(date)s (%(why)s).", date=format_date(self.env, day), why=why)

    def _get_uncounted_money(self, verdicts):
        """What the customer has paid and nobody has allocated, in words: nothing here is lowered by it."""
        reader = self.env["account.dunning.reader"]
        money = reader._read_uncounted_money(self.company_id, self.partner_id.ids).get(self.partner_id.id, [])
        currencies = self.env["res.currency"].browse({verdict.item.currency for verdict in verdicts})
        return reader._describe_money(money, currencies)

    def _prepare_lines(self, verdicts):
        # what the engine decided on, in words
        lines = self.env["account.move.line"].sudo().browse(verdict.item.id for verdict in verdicts)
        # names only
        levels = self.env["account.dunning.level"].sudo()
        # names only
        types = self.env["account.dunning.type"].sudo()
        return [
            {
                "name": line.dunning_number,
                "due_date": verdict.item.due,
                "days_overdue": verdict.item.days_overdue(self.date),
                "amount": format_amount(self.env, verdict.item.residual, line.currency_id),
                "type_name": types.browse(verdict.rule.id).name if verdict.rule else False,
                "reached": line.dunning_item_state_ids.level_id.name,
                "answer": self._get_answer(verdict, levels),
            }
            for verdict, line in zip(verdicts, lines, strict=True)
        ]

    def _get_answer(self, verdict, levels):
        """The verdict in words."""
        labels = self.env["account.dunning.reader"]._get_reason_labels()
        if verdict.level:
            answer = self.env._("Due now: %(level)s", level=levels.browse(verdict.level.id).name)
            return f"{answer} ({self._get_refusal(verdict, levels)})" if verdict.refused else answer
        if verdict.reason == "level_minimum":
            return self.env._("Waits: %(why)s", why=self._get_refusal(verdict, levels))
        if verdict.reason in labels:
            return labels[verdict.reason]
        if verdict.decision.next_level is None:
            return self.env._("The last level was sent: nothing comes after it")
        waits = {
            "days": self.env._("its delay reaches the level then"),
            "posted": self.env._("it was posted a short time ago"),
            "interval": self.env._("the last notice is too recent"),
            "customer": self.env._("the customer's last notice is too recent"),
            "resumed": self.env._("a hold or pause has just ended"),
            "postponed": self.env._("postponed by a person"),
            "reminder": self.env._("the customer is being dunned"),
        }
        return self.env._(
            "Next: %(level)s on %(date)s (%(why)s)",
            level=levels.browse(verdict.decision.next_level.id).name,
            date=format_date(self.env, verdict.decision.next_date),
            why=waits.get(verdict.reason, verdict.reason),
        )

    def _get_refusal(self, verdict, levels):
        """Why an item does not get the level that its delay and history give it, in words."""
        level = levels.browse(verdict.refused.id)
        wanted = []
        if verdict.refused.min_balance:
            amount = format_amount(self.env, verdict.refused.min_balance, level.currency_id)
            wanted.append(self.env._("%(amount)s overdue", amount=amount))
        if verdict.refused.min_amount:
            amount = format_amount(self.env, verdict.refused.min_amount, level.currency_id)
            wanted.append(self.env._("%(amount)s at that level or above", amount=amount))
        if verdict.refused.min_share:
            percent = f"{verdict.refused.min_share:g}\N{NO-BREAK SPACE}%"
            wanted.append(self.env._("%(percent)s of all that is open at that level or above", percent=percent))
        return self.env._(
            "too little is owed for “%(level)s”: it takes %(wanted)s", level=level.name, wanted=", ".join(wanted)
        )


class AccountDunningWhyLine(models.TransientModel):
    _name = "account.dunning.why.line"
    _description = "Why? Answer for an Item"
    _inherit = ["account.dunning.guard"]

    why_id = fields.Many2one("account.dunning.why", ondelete="cascade")
    name = fields.Char(string="Number")
    due_date = fields.Date()
    days_overdue = fields.Integer()
    amount = fields.Char(string="Open")
    type_name = fields.Char(string="Dunning Type")
    reached = fields.Char(string="Level Reached")
    answer = fields.Text()
