from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

from .account_collection_plan import OPEN_STATES
from .account_move import COLLECTORS


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    dunning_item_ids = fields.One2many("account.dunning.item", "move_line_id", groups=COLLECTORS)
    dunning_hold_ids = fields.One2many("account.dunning.hold", "move_line_id", groups=COLLECTORS)
    dunning_level_id = fields.Many2one(
        "account.dunning.level",
        compute="_compute_dunning",
        search="_search_dunning_level_id",
        groups=COLLECTORS,
    )
    dunning_last_notice_date = fields.Date(
        string="Last Dunning Notice",
        compute="_compute_dunning",
        search="_search_dunning_last_notice_date",
        groups=COLLECTORS,
    )
    dunning_on_hold = fields.Boolean(
        string="On Hold",
        compute="_compute_dunning_on_hold",
        search="_search_dunning_on_hold",
        groups=COLLECTORS,
    )

    @api.depends("dunning_item_ids.level_id", "dunning_item_ids.last_notice_date")
    def _compute_dunning(self):
        for line in self:
            item = line.dunning_item_ids[:1]
            line.dunning_level_id = item.level_id
            line.dunning_last_notice_date = item.last_notice_date

    def _search_dunning_level_id(self, operator, value):
        return self._search_dunning_item("level_id", operator, value)

    def _search_dunning_last_notice_date(self, operator, value):
        return self._search_dunning_item("last_notice_date", operator, value)

    @api.model
    def _search_dunning_item(self, field_name, operator, value):
        """A line without a dunning state counts as one whose ``field_name`` is empty."""
        if operator == "in" and False in value:
            other = Domain("dunning_item_ids", "any", [(field_name, "!=", False)])
            rest = [element for element in value if element is not False]
            return ~other | Domain("dunning_item_ids", "any", [(field_name, "in", rest)])
        if operator in ("not in", "!="):
            return NotImplemented
        return Domain("dunning_item_ids", "any", [(field_name, operator, value)])

    @api.depends(
        "dunning_hold_ids.active_now", "move_id.dunning_hold_ids.active_now", "partner_id.dunning_hold_ids.active_now"
    )
    def _compute_dunning_on_hold(self):
        held = set(self.search([("id", "in", self.ids), ("dunning_on_hold", "=", True)])._ids)
        for line in self:
            line.dunning_on_hold = line.id in held

    def _search_dunning_on_hold(self, operator, value):
        if operator != "in":
            return NotImplemented
        holds = self.env["account.dunning.hold"]
        active = holds._search(holds._get_active_domain(self.env.company._dunning_today()))
        receivable = Domain("account_type", "=", "asset_receivable")
        return receivable & (
            Domain("id", "in", active.subselect("move_line_id"))
            | Domain("move_id", "in", active.subselect("move_id"))
            | Domain("partner_id", "in", active.subselect("partner_id"))
        )

    @api.model
    def _get_open_item_domain(self):
        """Domain of the open items: posted receivables with a residual (spec §1). Hook."""
        return (
            Domain("account_type", "=", "asset_receivable")
            & Domain("parent_state", "=", "posted")
            & Domain("reconciled", "=", False)
            & Domain("amount_residual", "!=", 0)
        )

    def action_dunning_why(self):
        """Explain what dunning does with the item today, and what comes next."""
        self.ensure_one()
        return self.env["account.dunning.why"]._open(self.company_id.root_id, self.partner_id, self.ids, self)

    def action_dunning_hold(self):
        """Open a new hold for the item."""
        self.ensure_one()
        return self.env["account.dunning.hold"]._open_new({"default_move_line_id": self.id}, self.company_id)

    def action_open_dunning_holds(self):
        """Show what keeps the item out of dunning."""
        self.ensure_one()
        holds = self.dunning_hold_ids + self.move_id.dunning_hold_ids + self.partner_id.dunning_hold_ids
        return holds._open_list()

    def action_dunning_include(self):
        """Dun these items of journal entries, if the settings name their type: clear *No Follow-Up*."""
        self._set_no_followup(False)

    def action_dunning_leave_out(self):
        """Do not dun these items of journal entries: set *No Follow-Up*."""
        self._set_no_followup(True)

    def _set_no_followup(self, value):
        """Set or clear *No Follow-Up* of open items of journal entries, for dunning managers who only read entries."""
        if not self.env.user.has_group("account_dunning.group_dunning_manager"):
            raise AccessError(self.env._("Only dunning managers may choose which journal items are dunned."))
        self.check_access("read")
        entries = self._get_open_item_domain() & Domain("move_id.move_type", "=", "entry")
        if self.search_count(entries & Domain("id", "in", self.ids)) < len(self):
            raise UserError(self.env._("Choose open items of journal entries only."))
        self.sudo().filtered(lambda line: line.no_followup != value).no_followup = value

    def write(self, vals):
        result = super().write(vals)
        if "date_maturity" in vals:
            self.env["account.collection.plan"]._touch(self.ids)
        return result

    # writing off

    def _prepare_write_off_vals(self, terms, tax_lines=(), share=1.0):
        """Values of the entry's lines that take ``share`` of what is open off the item: it, its tax, the loss. Hook.

        :param dict terms: see ``_write_off`` of the collection plan
        :param tax_lines: values of the lines of the tax
        """
        self.ensure_one()
        amounts = {
            "balance": self.company_currency_id.round(self.amount_residual * share),
            "amount_currency": self.currency_id.round(self.amount_residual_currency * share),
        }
        common = {"name": self.dunning_number, "partner_id": self.partner_id.id, "currency_id": self.currency_id.id}
        rest = {name: amount - sum(line[name] for line in tax_lines) for name, amount in amounts.items()}
        lines = [*tax_lines, *({"account_id": terms["account"].id, **part} for part in self._split_rest(rest))]
        lines.append({"account_id": self.account_id.id, **{name: -amount for name, amount in amounts.items()}})
        return [{**common, **line} for line in lines]

    def _split_rest(self, rest):
        """The loss or income ``rest`` as amounts of lines: two where the tax has such a rate that its signs differ."""
        if rest["balance"] * rest["amount_currency"] >= 0:
            return [rest]
        balance = self.company_currency_id.round(
            rest["amount_currency"] * self.amount_residual / self.amount_residual_currency
        )
        exchange = rest["balance"] - balance
        return [
            {**rest, "balance": balance},
            {"currency_id": self.company_currency_id.id, "balance": exchange, "amount_currency": exchange},
        ]

    def _prepare_tax_correction_vals(self, terms):
        """Values of the lines that take back the tax in what is open, and its base, as a credit note would. Hook.

        None unless the ``terms`` ask for it.
        """
        move = self.move_id
        if not terms["tax"] or not move.is_sale_document(include_receipts=True) or not move.amount_total:
            return []
        share = self.amount_residual_currency / move.amount_total
        taxed = move.line_ids.filtered(lambda line: line.display_type == "product" and line.tax_ids)
        lines = [
            {
                "account_id": terms["account"].id,
                "tax_ids": [Command.set(taxes.ids)],
                "tax_tag_ids": [Command.set(self._get_refund_tags(taxes).ids)],
                **self._sum_share(group, share),
            }
            for taxes, group in taxed.grouped("tax_ids").items()
        ]
        for line in move.line_ids.filtered("tax_repartition_line_id"):
            refund = line._get_refund_repartition()
            lines.append(
                {
                    "account_id": (line.tax_line_id.tax_exigibility == "on_payment" and refund.account_id.id)
                    or line.account_id.id,
                    "tax_repartition_line_id": refund.id,
                    "tax_tag_ids": [Command.set(refund.tag_ids.ids)],
                    **self._sum_share(line, share),
                }
            )
        return lines

    def _prepare_tax_recovery_vals(self, corrected, terms, start, end):
        """Values of the lines by which tax that write-offs took back is due again, as this later payment is income.

        Hook. They are in the currency of the payment, and mirror the correction: the same tax grids, at its rate.

        :param corrected: lines of the write-offs, in recordsets of one kind each
        :param start: the share of the debt that was paid before; ``end`` after this payment
        """
        self.ensure_one()
        rate = self.amount_residual_currency / self.amount_residual
        result = []
        for lines in corrected:
            before, after = self._sum_share(lines, start), self._sum_share(lines, end)
            amounts = {name: after[name] - before[name] for name in after}
            if lines.currency_id != self.currency_id:
                amounts["amount_currency"] = self.currency_id.round(amounts["balance"] * rate)
            result.append(
                {
                    "account_id": ((lines.tax_repartition_line_id and lines.account_id) or terms["account"]).id,
                    "tax_ids": [Command.set(lines.tax_ids.ids)],
                    "tax_repartition_line_id": lines.tax_repartition_line_id.id,
                    "tax_tag_ids": [Command.set(lines.tax_tag_ids.ids)],
                    **amounts,
                }
            )
        return result

    @api.model
    def _sum_share(self, lines, share):
        """``share`` of the ``lines`` of an invoice or a write-off, on the other side."""
        return {
            "balance": lines.company_currency_id.round(-sum(lines.mapped("balance")) * share),
            "amount_currency": lines.currency_id.round(-sum(lines.mapped("amount_currency")) * share),
        }

    @api.model
    def _get_refund_tags(self, taxes):
        """The tags that the base of a credit note with ``taxes`` bears."""
        repartition = taxes.flatten_taxes_hierarchy().refund_repartition_line_ids
        return repartition.filtered(lambda line: line.repartition_type == "base").tag_ids

    def _get_refund_repartition(self):
        """How a credit note would repart the tax of this tax line."""
        repartition, tax = self.tax_repartition_line_id, self.tax_line_id
        if repartition in tax.refund_repartition_line_ids:
            return repartition
        index = list(tax.invoice_repartition_line_ids.sorted("sequence")).index(repartition)
        return tax.refund_repartition_line_ids.sorted("sequence")[index]

    # returned payments

    def _reopen_returned(self, day, why):
        """The payment of these items came back on ``day``: reopen their plans, and ask for a call (spec §6).

        The collector calls, also where an agency has the plan, where it is unrecovered, or where only its charges are
        open; without a plan the salesperson.
        """
        plans = self.env["account.collection.plan"]
        plans._evaluate_lines(self.ids)
        self.dunning_item_ids._resume(day)
        plans = plans.search(
            Domain("state", "in", (*OPEN_STATES, "unrecovered"))
            & (Domain("move_id", "in", self.move_id.ids) | Domain("item_ids.move_line_id", "in", self.ids))
            & (Domain("move_line_id", "=", False) | Domain("move_line_id", "in", self.ids))
        )
        open_plans = plans.filtered(lambda plan: plan.state in OPEN_STATES)
        open_plans._plan_next()
        plans = open_plans + (plans - open_plans)._get_reopenable()
        message = self.env._("Call: a payment came back (%(why)s)", why=why)
        for plan in plans:
            plan.activity_schedule(
                "mail.mail_activity_data_call", summary=message, user_id=plan.user_id.id or self.env.uid
            )
        for move in self.move_id - plans.move_id - plans.item_ids.move_id:
            user = move.collection_plan_id.user_id or move.invoice_user_id
            move.activity_schedule("mail.mail_activity_data_call", summary=message, user_id=user.id or self.env.uid)
