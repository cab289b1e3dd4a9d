from odoo import api
from odoo.fields import Command, Domain

from ..base.names import OPEN_STATES


class PlanWriteOff:
    """Writing off what a plan is about, and what happens when it is paid after all (rules §6)."""

    __slots__ = ()

    @api.depends_context("uid")
    @api.depends("state", "close_reason", "below_minimum", "next_level_id")
    def _compute_can_write_off(self):
        """Offer a write-off where no level is left, or too little is owed, to those who may write off."""
        groups = ("account_dunning.group_dunning_manager", "account.group_account_invoice")
        may = all(self.env.user.has_group(group) for group in groups)
        for plan in self:
            at_end = plan.state in OPEN_STATES and (plan.below_minimum or not plan.next_level_id)
            plan.can_write_off = may and plan.close_reason != "written_off" and (at_end or plan.state == "unrecovered")

    @api.depends("close_reason", "closed_on", "partner_id", "amount_written_off", "amount_paid_late")
    def _compute_paid_late(self):
        credits_by_plan = self._get_late_credits()
        for plan in self:
            plan.paid_late = bool(credits_by_plan.get(plan))

    @api.model
    def _search_paid_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        plans = self.search(Domain("close_reason", "=", "written_off"))
        return Domain("id", "in" if True in value else "not in", [plan.id for plan in plans._get_late_credits()])

    # buttons

    def action_write_off(self):
        """Open the dialog that writes off what is left of the plans."""
        return self.env["account.dunning.write.off"]._open(self)

    def action_end_write_off(self):
        """Open the dialog that reverses the write-off, or books a later payment as income."""
        self.ensure_one()
        return self.env["account.dunning.write.off.end"]._open(self)

    def action_open_write_off(self):
        """Show the entries of the write-off."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write-off"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("dunning_write_off_plan_id", "=", self.id)],
        }

    # writing off

    def _prepare_debt_vals(self, debt):
        written_off = {
            "amount_written_off": debt.written_off,
            "amount_paid_late": self.amount_paid_late if debt.written_off else 0.0,
        }
        return {**super()._prepare_debt_vals(debt), **written_off}

    def _get_charge_lines(self):
        """The open items of the invoices of the plans' charges, by plan.

        The invoice of a notice about several plans goes with the last of them that is open.
        """
        own = self._origin  # in a dialog that is not saved, the plans are new records
        # sums for who may read the plan
        result = dict.fromkeys(own, self.env["account.move.line"].sudo())
        # sums for who may read the plan
        notices = own.sudo().notice_line_ids.notice_id
        lines = notices.charge_move_ids.line_ids.filtered(
            lambda line: (
                line.account_type == "asset_receivable" and line.parent_state == "posted" and line.amount_residual > 0
            )
        )
        for notice, charges in lines.grouped(lambda line: line.move_id.dunning_notice_id).items():
            plans = notice.line_ids.plan_id.sorted("id")
            if not plans.filtered(lambda plan: plan.state in OPEN_STATES) - own:
                result[(plans & own)[-1].with_env(self.env)] += charges
        return {plan: result[plan._origin] for plan in self}

    def _write_off(self, terms):
        """Book what is left of the plans, and of their charges, as lost, and close them as unrecovered.

        :param dict terms: ``date``, ``journal``, ``account`` (of the loss), ``tax`` (whether the tax is
            corrected), ``ref`` (text of the entries)
        :return: the entries: one a plan, and one a currency where tax is taken back, as a credit note has one
        """
        lines, charges = self._get_open_lines(), self._get_charge_lines()
        plans = self.filtered(lambda plan: lines[plan])
        parts = [part for plan in plans for part in plan._split_write_off(lines[plan] + charges[plan], terms)]
        moves = (
            self.env["account.move"]
            .with_context(skip_invoice_sync=True)
            ._create_write_offs(
                [
                    plan._prepare_write_off_entry_vals(group._prepare_write_off_lines(terms), terms)
                    for plan, group in parts
                ]
            )
        )
        moves._post(soft=False)
        for (plan, _group), move in zip(parts, moves, strict=True):
            # plans follow their work only; the dialog has checked the rights
            plan.sudo()._note(self.env._("Written off by %(entry)s: %(ref)s", entry=move.name, ref=terms["ref"]))
        plans.sudo()._close("unrecovered", "written_off")
        plans.sudo()._settle(withdraw=True)
        moves.line_ids._reconcile_plan(
            [
                line + counterpart
                for (_plan, group), move in zip(parts, moves, strict=True)
                for line, counterpart in zip(group, move._get_write_off_counterparts(), strict=True)
            ]
        )
        return moves

    def _split_write_off(self, lines, terms):
        """What of the open ``lines`` of the plan goes into an entry of its own: pairs of plan and lines.

        Odoo's cash-basis entries need a single currency.
        """
        self.ensure_one()
        if terms["tax"] or lines.move_id._has_tax_due_on_payment():
            return [(self, group) for group in lines.grouped("currency_id").values()]
        return [(self, lines)]

    def _sum_in_currency(self, lines, date):
        """What is open of ``lines``, in the plan's currency."""
        self.ensure_one()
        if lines.currency_id == self.currency_id:
            return sum(lines.mapped("amount_residual_currency"))
        return self.company_id.currency_id._convert(
            sum(lines.mapped("amount_residual")), self.currency_id, self.company_id, date
        )

    def _prepare_write_off_entry_vals(self, vals_list, terms):
        """Values of an entry of the plan's write-off, with lines of ``vals_list``. Hook."""
        self.ensure_one()
        return {
            "move_type": "entry",
            "date": terms["date"],
            "journal_id": terms["journal"].id,
            "company_id": terms["journal"].company_id.id,
            "partner_id": self.partner_id.id,
            "ref": terms["ref"],
            "dunning_write_off_plan_id": self.id,
            "line_ids": [Command.create(vals) for vals in vals_list],
        }

    # after the write-off

    def _get_late_credits(self):
        """Open credit items of the customers of written-off plans that came later, by plan; only plans with some."""
        # whoever books the payment
        plans = self.sudo().filtered(
            lambda plan: (
                plan.close_reason == "written_off"
                and plan.currency_id.compare_amounts(plan.amount_written_off, plan.amount_paid_late) > 0
            )
        )
        return plans._find_late_credits()

    def _find_late_credits(self):
        """Open credit items of the plans' customers that came since they were closed, by plan; only plans with some."""
        if not self:
            return {}
        found = (
            self.env["account.move.line"]
            # payments of all branches of the plan's company
            .sudo()
            .search(
                Domain("partner_id", "in", self.partner_id.ids)
                & Domain("company_id", "child_of", self.company_id.ids)
                & Domain("account_type", "=", "asset_receivable")
                & Domain("parent_state", "=", "posted")
                & Domain("reconciled", "=", False)
                & Domain("amount_residual", "<", 0),
                order="date, id",
            )
        )
        by_customer = found.grouped(lambda line: (line.company_id.root_id, line.partner_id))
        result = {
            plan: plan._filter_late(by_customer.get((plan.company_id, plan.partner_id), found.browse()))
            for plan in self
        }
        return {plan: lines for plan, lines in result.items() if lines}

    def _filter_late(self, lines):
        """Those of journal items that came since the plan was closed.

        Either their date says so, or they were booked after the write-off, as when a bank statement is imported late.
        """
        self.ensure_one()
        entries = self.write_off_move_ids.filtered(
            lambda move: sum(move._get_write_off_counterparts().mapped("balance")) < 0
        )
        since = max(entries.mapped("create_date"), default=None)
        return lines.filtered(lambda line: line.date >= self.closed_on or (since and line.create_date > since))

    def _get_standing_write_offs(self):
        """The entries of the plan that were not reversed: of the write-off, and of late payments booked as income."""
        return self.write_off_move_ids.filtered(
            lambda move: move.state == "posted" and not move.reversal_move_ids and not move.reversed_entry_id
        )

    def _reverse_write_off(self, date, why):
        """Reverse the write-off on ``date``, and let later payments settle the debt; the plan goes on."""
        self.ensure_one()
        moves = self._get_standing_write_offs()
        items = moves._get_write_off_counterparts().matched_debit_ids.debit_move_id
        ref = self.env._("Write-off reversed: %(why)s", why=why)
        moves._reverse_moves(
            [{"date": date, "ref": ref, "journal_id": move.journal_id.id} for move in moves], cancel=True
        )
        # plans follow the entries that the user was allowed to post
        plan = self.sudo()
        late = plan._find_late_credits().get(plan, items.browse()).with_env(self.env)
        for lines in (items + late).grouped("account_id").values():
            if lines & items and lines & late:
                lines.reconcile()
        plan._note(ref)
        plan._go_on_after_write_off()

    def _go_on_after_write_off(self):
        """The plan is open again at its level; where the debt has another open plan, that one goes on."""
        self.ensure_one()
        if self._find_open(self.company_id, self.partner_id.ids).get(self._get_own_key()):
            self._close("stopped", "merged")
            return
        self.write({"state": "ongoing", "close_reason": False, "closed_on": False, "keeps_out": False})
        self._reset_collection_status()
        self.item_state_ids._resume(self.company_id._dunning_today())
        self._settle()

    def _get_corrected_tax(self):
        """The lines that took back tax, with its base, as far as it is not due again: a recordset for each kind."""
        lines = self._get_standing_write_offs().line_ids
        groups = lines.filtered(lambda line: line.tax_ids or line.tax_repartition_line_id).grouped(
            lambda line: (
                line.tax_ids,
                line.tax_repartition_line_id,
                line.tax_repartition_line_id and line.account_id,
                line.tax_tag_ids,
                line.currency_id,
            )
        )
        return [
            group for group in groups.values() if not self.company_id.currency_id.is_zero(sum(group.mapped("balance")))
        ]

    def _book_late_payment(self, terms):
        """Book later payments as income, up to what was written off; the write-off stays.

        Where it took back tax, as much of that is due again as of the debt was paid.

        :param dict terms: ``date``, ``journal``, ``account`` (of the income), ``ref``
        """
        self.ensure_one()
        late = self._get_late_credits().get(self, self.env["account.move.line"]).with_env(self.env)
        left = self.amount_written_off - self.amount_paid_late
        corrected = self._get_corrected_tax()
        vals_list, used, booked = [], late.browse(), 0.0
        for line in late:
            open_amount = -self._sum_in_currency(line, terms["date"])
            amount = min(left - booked, open_amount)
            if amount > 0:
                tax = line._prepare_tax_recovery_vals(corrected, terms, booked / left, (booked + amount) / left)
                vals_list += line._prepare_write_off_vals(terms, tax, amount / open_amount)
                used += line
                booked += amount
        move = (
            self.env["account.move"]
            .with_context(skip_invoice_sync=True)
            ._create_write_offs([self._prepare_write_off_entry_vals(vals_list, terms)])
        )
        move._post(soft=False)
        counterparts = move._get_write_off_counterparts()
        used._reconcile_plan([line + other for line, other in zip(used, counterparts, strict=True)])
        # plans follow the entries that the user was allowed to post
        plan = self.sudo()
        plan.amount_paid_late += self.currency_id.round(booked)
        if plan.currency_id.compare_amounts(plan.amount_paid_late, plan.amount_written_off) >= 0:
            plan.collection_status = False
            self.env["account.dunning.consequence"]._follow(plan)
        plan._note(
            self.env._("Paid after the write-off, booked by %(entry)s: %(ref)s", entry=move.name, ref=terms["ref"])
        )
        return move
