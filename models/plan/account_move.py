from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...tools.prefetch import PREFETCH
from ..base.names import ACCOUNTANTS, COLLECTORS, OPEN_STATES


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "account.dunning.status.mixin", "account.dunning.guard"]

    dunning_type_id = fields.Many2one(
        "account.dunning.type",
        groups=COLLECTORS,
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        domain="[('company_id', 'parent_of', company_id)]",
        help="Empty: the customer's dunning type. It counts as long as the invoice has no collection plan.",
        prefetch=PREFETCH,
    )
    dunning_notice_id = fields.Many2one(
        "account.dunning.notice",
        groups=COLLECTORS,
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        help="The notice whose charges this invoice books; it is never dunned itself, but listed as charges.",
        prefetch=PREFETCH,
    )
    collection_plan_ids = fields.One2many(
        "account.collection.plan", "move_id", string="Collection Plans", groups=COLLECTORS
    )
    dunning_hold_ids = fields.One2many("account.dunning.hold", "move_id", groups=COLLECTORS)
    collection_plan_id = fields.Many2one(
        "account.collection.plan", compute="_compute_collection_plan_id", groups=COLLECTORS
    )
    dunning_level_id = fields.Many2one(
        "account.dunning.level",
        compute="_compute_collection_plan_id",
        groups=COLLECTORS,
    )
    dunning_on_hold = fields.Boolean(
        string="On Hold",
        compute="_compute_dunning_on_hold",
        search="_search_dunning_on_hold",
        groups=COLLECTORS,
    )
    dunning_write_off_plan_id = fields.Many2one(
        "account.collection.plan",
        string="Write-off of",
        groups=COLLECTORS,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        readonly=True,
        help="The collection plan whose debt this entry writes off.",
        prefetch=PREFETCH,
    )
    dunning_posted_on = fields.Date(
        string="First Posted On",
        readonly=True,
        copy=False,
        help="The day on which the invoice was confirmed for the first time.",
        prefetch=PREFETCH,
    )
    dunning_mode = fields.Char(compute="_compute_dunning_mode", groups=COLLECTORS)
    dunning_banner = fields.Char(compute="_compute_dunning_banner", groups=COLLECTORS)
    dunning_hold_banner = fields.Char(compute="_compute_dunning_banner", groups=COLLECTORS)
    dunning_credit_released = fields.Boolean(
        copy=False,
        groups=fields.NO_ACCESS,
        help="A dunning manager has allowed to confirm the invoice despite the credit stop.",
        prefetch=PREFETCH,
    )
    dunning_credit_stop = fields.Boolean(
        string="Credit Stop",
        compute="_compute_dunning_credit_stop",
        compute_sudo=True,
        groups=ACCOUNTANTS,
        help="The draft cannot be confirmed, because its customer is on credit stop.",
    )
    dunning_credit_banner = fields.Char(compute="_compute_dunning_credit_stop", compute_sudo=True, groups=ACCOUNTANTS)

    @api.depends("company_id")
    def _compute_dunning_mode(self):
        for move in self:
            move.dunning_mode = move.company_id.root_id.dunning_mode

    @api.depends(
        "collection_plan_ids.state",
        "collection_plan_ids.level_id",
        "line_ids.dunning_item_ids.plan_id",
        "dunning_notice_id.line_ids.plan_id",
    )
    def _compute_collection_plan_id(self):
        for move in self:
            plans = move.collection_plan_ids + move.line_ids.dunning_item_ids.plan_id
            plans = (plans | move.dunning_notice_id.line_ids.plan_id).sorted("id")
            plan = plans.filtered(lambda plan: plan.state in OPEN_STATES) or plans
            move.collection_plan_id = plan[-1:]
            move.dunning_level_id = plan[-1:].level_id

    @api.depends("collection_plan_id", "dunning_level_id", "dunning_on_hold")
    def _compute_dunning_banner(self):
        for move in self:
            plan = move.collection_plan_id.filtered(lambda plan: plan.state in OPEN_STATES)
            move.dunning_banner = move._get_dunning_banner(plan) if plan else False
            move.dunning_hold_banner = move.dunning_on_hold and move._get_dunning_hold_banner()

    def _get_dunning_banner(self, plan):
        """What the invoice form says about an open collection ``plan``."""
        if self.dunning_notice_id:
            return self.env._("Charges of the dunning notice %(notice)s.", notice=self.dunning_notice_id.name)
        text = self.env._(
            "In dunning: “%(level)s” since %(date)s.",
            level=plan.level_id.name or self.env._("no level"),
            date=format_date(self.env, plan.last_notice_date or plan.opened_on),
        )
        if plan.state == "paused":
            paused = self.env._("Paused until %(date)s.", date=format_date(self.env, plan.paused_until))
            return f"{text} {paused}"
        if not plan.next_date or self.dunning_on_hold:
            return text
        later = self.env._(
            "Next: “%(level)s” on %(date)s.",
            level=plan.next_level_id.name or "",
            date=format_date(self.env, plan.next_date),
        )
        return f"{text} {later}"

    def _get_dunning_hold_banner(self):
        """What the invoice form says about the hold that keeps it out of dunning."""
        return self._get_dunning_holds().filtered("active_now")[:1]._get_banner()

    def _get_dunning_holds(self):
        """The holds of its company on the invoice, on its items, and on its customer."""
        holds = self.dunning_hold_ids + self.line_ids.dunning_hold_ids + self.commercial_partner_id.dunning_hold_ids
        return holds.filtered(lambda hold: hold.company_id == self.company_id.root_id)

    @api.depends("collection_plan_ids.collection_status", "line_ids.dunning_item_ids.plan_id.collection_status")
    def _compute_collection_status(self):
        return super()._compute_collection_status()

    def _get_status_plans_query(self, alias):
        """The plans of the invoice, and the customer-based ones that hold an item of it that is still open."""
        return SQL(
            """SELECT own.id FROM account_collection_plan own WHERE own.move_id = %(move)s
                UNION ALL
               SELECT item.plan_id FROM account_dunning_item item
                 JOIN account_collection_plan joined ON joined.id = item.plan_id AND joined.mode = 'customer'
                 JOIN account_move_line line ON line.id = item.move_line_id
                WHERE item.move_id = %(move)s AND (joined.state = 'unrecovered' OR NOT line.reconciled)""",
            move=SQL.identifier(alias, "id"),
            to_flush=(self.env["account.dunning.item"]._fields["plan_id"], self.line_ids._fields["reconciled"]),
        )

    def _get_in_collection_condition(self, alias):
        return SQL(
            """%s IN (SELECT COALESCE(plan.move_id, item.move_id) FROM account_collection_plan plan
                        LEFT JOIN account_dunning_item item ON item.plan_id = plan.id
                       WHERE plan.collection_status IS NOT NULL)""",
            SQL.identifier(alias, "id"),
        )

    @api.depends("state", "move_type", "partner_id", "company_id", "dunning_credit_released")
    def _compute_dunning_credit_stop(self):
        stops = self._get_credit_stops()
        for move in self:
            stop = stops.get(move)
            move.dunning_credit_stop = stop and not move.dunning_credit_released
            move.dunning_credit_banner = stop and stop._get_banner(move.dunning_credit_released)

    @api.depends("dunning_hold_ids", "line_ids.dunning_on_hold")
    def _compute_dunning_on_hold(self):
        for move in self:
            move.dunning_on_hold = any(move.line_ids.mapped("dunning_on_hold"))

    def _search_dunning_on_hold(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("line_ids", "any", [("dunning_on_hold", "=", True)])

    def _post_dunning_charges(self):
        """Post invoices of charges, but those that OCA's ``account_move_tier_validation`` wants validated: drafts."""
        waiting = self.filtered("need_validation") if "need_validation" in self._fields else self.browse()
        (self - waiting)._post(soft=False)

    @api.model
    def _open_dunning_charges(self, notices):
        """Show the invoices that book the charges of ``notices``, and the credit notes about them."""
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        domain = [("dunning_notice_id", "in", notices.ids)]
        return {**action, "name": self.env._("Invoices of Charges"), "domain": domain, "context": {"create": False}}

    def action_open_collection_plan(self):
        self.ensure_one()
        return self.collection_plan_id._get_records_action()

    def action_dunning_why(self):
        """Explain what dunning does with the invoice today, and what comes next."""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        return self.env["account.dunning.why"]._open(
            self.company_id.root_id, self.commercial_partner_id, lines.ids, self
        )

    def action_dunning_hold(self):
        """Open a new hold for the invoice; of a journal entry for its item, or show its items where it has several."""
        self.ensure_one()
        items = self.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        if self.move_type == "entry" and len(items) != 1:
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "account_dunning.account_move_line_open_items_action"
            )
            return {**action, "domain": [("id", "in", items.ids)], "context": {}}
        if self.move_type == "entry":
            return items.action_dunning_hold()
        return self.env["account.dunning.hold"]._open_new({"default_move_id": self.id}, self.company_id)

    def _get_dunning_item(self):
        """The one receivable item of a journal entry.

        :raises ValidationError: where it has several, each of which is a document of its own
        """
        self.ensure_one()
        items = self.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        if len(items) != 1:
            raise ValidationError(
                self.env._(
                    "Each item of the journal entry %(entry)s is a document of its own: choose the item.",
                    entry=self.name,
                )
            )
        return items

    def action_open_dunning_holds(self):
        """Show what keeps the invoice out of dunning."""
        self.ensure_one()
        return self._get_dunning_holds()._open_list()

    def action_open_dunning_plan(self):
        """Open a collection plan for the invoice, or for its customer, by hand, at no level."""
        self.ensure_one()
        plans = self.env["account.collection.plan"]
        plans.check_access("write")
        items = self.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        # plans are opened by their work only; the rights are checked above
        return plans.sudo()._open_by_hand(self.company_id.root_id, items.sudo())._get_records_action()

    # the credit stop

    def action_dunning_release_credit(self):
        """Allow that invoices are confirmed despite the credit stop of their customers."""
        if not self.env.user.has_group("account_dunning.group_dunning_manager"):
            raise AccessError(self.env._("Only dunning managers may allow invoices despite a credit stop."))
        self.check_access("read")
        # a manager need not be an accountant; one flag is set
        stops = self.sudo()._get_credit_stops()  # plans and settings are closed to who posts
        # a manager need not be an accountant; one flag is set
        moves = self.sudo().filtered(lambda move: move in stops and not move.dunning_credit_released)
        moves.dunning_credit_released = True
        bodies = {
            move.id: self.env._("May be confirmed despite the credit stop: %(why)s.", why=stops[move]._get_reason())
            for move in moves
        }
        moves._message_log_batch(bodies=bodies)

    def _get_credit_stops(self, states=("draft",)):
        """The credit stops (``account.dunning.consequence``) that concern those in ``states`` of these, by invoice.

        Whether a dunning manager has allowed one does not matter here. One query, whatever their number.
        """
        drafts = self.filtered(lambda move: move.state in states and move.move_type in ("out_invoice", "out_receipt"))
        if not drafts.commercial_partner_id:
            return {}
        # accountants of a branch are stopped by its head office, too
        companies = drafts.company_id.sudo().root_id
        stops = self.env["account.dunning.consequence"]._find_stops(companies, drafts.commercial_partner_id)
        result = {}
        for move in drafts:
            # an id only
            key = (move.company_id.sudo().root_id.id, move.commercial_partner_id._origin.id)
            if key in stops and not move._passes_credit_stop():
                result[move] = stops[key]
        return result

    def _passes_credit_stop(self):
        """True where the credit stop does not concern the invoice: it books charges, or gives no credit. Hook."""
        self.ensure_one()
        move = self.sudo()  # who posts need not read payments or orders
        return bool(move.dunning_notice_id) or move._is_paid_online() or move._is_paid_at_the_counter()

    def _is_paid_online(self):
        """Whether confirmed online payments of the customer cover the invoice, less what else they have paid."""
        transactions = self.transaction_ids.filtered(
            lambda transaction: (
                transaction.state == "done"
                and transaction.operation != "refund"
                and transaction.partner_id.commercial_partner_id == self.commercial_partner_id
            )
        )
        today = self.company_id.root_id._dunning_today()
        paid = sum(
            part.currency_id._convert(part.amount, self.currency_id, self.company_id, today) for part in transactions
        )
        others = (transactions.invoice_ids - self).filtered(lambda move: move.state == "posted")
        used = sum(
            other.currency_id._convert(other.amount_total, self.currency_id, self.company_id, today) for other in others
        )
        return bool(transactions) and self.currency_id.compare_amounts(paid - used, self.amount_total) >= 0

    def _is_paid_at_the_counter(self):
        """Whether the invoice is that of orders of a point of sale that were paid there, nothing on account."""
        orders = self._get_counter_orders()
        return bool(orders) and all(
            order._is_pos_order_paid() and "pay_later" not in order.payment_ids.payment_method_id.mapped("type")
            for order in orders
        )

    def _get_counter_orders(self):
        """The orders of the point of sale that the invoice is about, where that module is installed."""
        return self.pos_order_ids if "pos_order_ids" in self._fields else ()

    def _check_credit_stop(self):
        """At every posting, refuse invoices of customers on credit stop, unless a dunning manager has allowed it."""
        stops = self.sudo()._get_credit_stops(("draft", "cancel"))  # plans and settings are closed to who posts
        blocked = {stop.id: stop for move, stop in stops.items() if not move.dunning_credit_released}
        if blocked:
            reasons = "\n".join(f"• {stop.partner_id.display_name}: {stop._get_reason()}" for stop in blocked.values())
            raise UserError(
                self.env._(
                    "Invoices cannot be confirmed, because of a credit stop:\n%(reasons)s\n\n"
                    "A dunning manager can allow the invoice (“Allow despite Credit Stop” on the invoice) or lift the "
                    "credit stop (on the customer). It ends by itself when the collection plan is closed.",
                    reasons=reasons,
                )
            )

    def _post(self, soft=True):
        """Items of an invoice posted again take the level that it had (rules §2, §6)."""
        again = self.filtered("posted_before")
        posted = super()._post(soft)
        # accountants need not see plans, which follow all the same
        self.env["account.dunning.item"].sudo()._adopt(posted & again)
        # accountants need not see plans, which follow all the same
        self.env["account.collection.plan"].sudo()._watch_late_payments(posted)
        return posted

    def write(self, vals):
        if "partner_id" in vals or vals.get("state") == "draft":
            # a field that managers set and everybody's change takes back
            self.sudo().filtered("dunning_credit_released").dunning_credit_released = False
        if vals.get("state") == "posted":
            self._check_credit_stop()  # here, since a client may write the state without posting
            self._note_first_posting()
        result = super().write(vals)
        if vals.get("state") in ("draft", "cancel"):
            self.env["account.collection.plan"]._touch(self.line_ids.ids)
        return result

    @api.model
    def _create_write_offs(self, vals_list):
        """Create entries of write-offs; which plan they are of, nobody else can say of an entry."""
        plan_ids = [vals["dunning_write_off_plan_id"] for vals in vals_list]
        moves = self.create(
            [{name: vals[name] for name in vals if name != "dunning_write_off_plan_id"} for vals in vals_list]
        )
        for move, plan_id in zip(moves.sudo(), plan_ids, strict=True):  # a field that the work alone writes
            move.dunning_write_off_plan_id = plan_id
        return moves

    def _get_dunning_open_day(self):
        """The day on which the charges that the invoice books are taken back: today, else the day after what is closed.

        The tax lock counts where the invoice bears tax.
        """
        self.ensure_one()
        today = self.company_id._dunning_today()
        locks = self._get_violated_lock_dates(today, bool(self._affect_tax_report()))
        return fields.Date.add(locks[-1][0], days=1) if locks else today

    def _note_first_posting(self):
        """Note today on the moves that are about to be posted for the first time.

        It is written to the database with the state, so that it costs no query, and no checks, of its own.
        """
        first = self.filtered(lambda move: not move.posted_before)
        # the date of a head office for its branches, too
        for root, moves in first.grouped(lambda move: move.company_id.sudo().root_id).items():
            self._fields["dunning_posted_on"].write(moves, root._dunning_today())

    def _get_write_off_counterparts(self):
        """The lines of entries of a write-off that settle open items, in the order of those."""
        return self.line_ids.filtered(lambda line: line.account_type == "asset_receivable").sorted("id")
