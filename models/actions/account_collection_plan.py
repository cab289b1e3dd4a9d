import logging
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ...tools.attempt import attempt, get_error_text
from ...tools.shipped import get_record
from ..base.names import PENDING_STATES
from ..receivables.payment_transaction import PAID_ONLINE

_logger = logging.getLogger(__name__)


class AccountCollectionPlan(models.Model):
    """The actions of a plan: what a person has to do, and payment retries on saved payment methods."""

    _inherit = "account.collection.plan"

    dunning_activity_ids = fields.One2many(
        "mail.activity",
        "res_id",
        string="To Do",
        domain=[("dunning_action_id", "!=", False)],
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    has_unclear_retries = fields.Boolean(
        compute="_compute_shown",
        help="It is not known whether a payment retry of this plan took money.",
    )
    manual_action_count = fields.Integer(compute="_compute_shown")
    retry_action_id = fields.Many2one(
        "account.dunning.action",
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        groups=fields.NO_ACCESS,
        help="The payment retry that waits for the scheduled action.",
    )

    def _get_manual_domain(self):
        """Domain of the open activities on the plans that a person starts."""
        return (
            Domain("res_model", "=", self._name)
            & Domain("res_id", "in", self.ids)
            & Domain("dunning_action_id.kind", "in", ("server_action", "payment_retry"))
        )

    def _get_shown_queries(self):
        # a count only, also of what others have to do
        manual = self.env["mail.activity"].sudo()._search(self._get_manual_domain()).subselect()
        query = SQL("SELECT res_id, 'manual', ARRAY_AGG(id) FROM mail_activity WHERE id IN %s GROUP BY res_id", manual)
        return [*super()._get_shown_queries(), query, self._get_unclear_query()]

    def _show(self, found):
        super()._show(found)
        for plan in self:
            plan.manual_action_count = len(found["manual"][plan._origin.id])
            plan.has_unclear_retries = bool(found["unclear"][plan._origin.id])

    def action_start_manual(self):
        """Start the actions that wait for a person, and mark their activities done."""
        activities = self.env["mail.activity"].search(self._get_manual_domain())
        if not activities:
            raise UserError(self.env._("No action waits for a person on this collection plan."))
        activities.action_start_dunning()

    def _withdraw_actions(self, actions):
        """Take back what ``actions`` have asked for on the plans, and what was not done yet."""
        if not actions or not self:
            return
        # the activities of others end too
        activities = self.env["mail.activity"].sudo()
        activities.search(
            [("dunning_action_id", "in", actions.ids), ("res_model", "=", self._name), ("res_id", "in", self.ids)]
        ).unlink()
        # what is to be charged is closed to people
        self.sudo().filtered(lambda plan: plan.retry_action_id in actions).retry_action_id = False

    def _get_oldest_move(self):
        """The plan's invoice, or the oldest of those that it covers."""
        self.ensure_one()
        if self.move_id:
            return self.move_id
        lines = self.item_state_ids.move_line_id.filtered(lambda line: line.move_id.invoice_user_id)
        return lines.sorted(lambda line: (line.dunning_due_date, line.id))[:1].move_id

    # charging saved payment methods

    def _queue_retry(self, action):
        """Let the scheduled action charge the plans, for the payment retry ``action``."""
        # what is to be charged is closed to people; the action is the level's
        self.sudo().retry_action_id = action
        get_record(self.env, "account_dunning.ir_cron_dunning_retry")._trigger()

    @api.model
    def _cron_retry(self):
        """Scheduled action: charge the plans that wait for it, one by one."""
        domain = [("retry_action_id", "!=", False)]
        while self._retry_next(commit=True):
            # scheduled action; a count
            if not self.env["ir.cron"]._commit_progress(1, remaining=self.sudo().search_count(domain)):
                return

    @api.model
    def _retry_next(self, commit=False):
        """Charge the next plan in the queue. Returns False where none waits.

        The transactions are stored as pending before the provider is asked: should the process
        die in between, nothing is charged twice. ``commit`` says whether to commit in between.
        """
        # scheduled action
        plan = self.sudo().search([("retry_action_id", "!=", False)], order="id").try_lock_for_update(limit=1)
        if not plan:
            return False
        action = plan.retry_action_id
        plan.retry_action_id = False
        transactions = plan._try_retry(action)
        if commit:
            self.env["ir.cron"]._commit_progress()
        for transaction in transactions:
            transaction._retry_for_dunning()
            if commit:
                self.env["ir.cron"]._commit_progress()
        return True

    def _try_retry(self, action):
        """The transactions of ``_make_retries``; a failure is noted on the plan and holds up no other."""
        with attempt(self.env) as outcome:
            return self._make_retries(action)
        _logger.error("Collection plan %s could not be charged", self.name, exc_info=outcome.error)
        message = self.env._(
            "The action “%(action)s” failed: %(error)s",
            action=action.name,
            error=get_error_text(outcome.error),
        )
        action._report_failure(self, message)
        return self.env["payment.transaction"]

    def _make_retries(self, action):
        """Make the transactions that charge what the plan may claim today, one an invoice; tell why where none."""
        self.ensure_one()
        transactions = self.env["payment.transaction"]
        amounts = self._get_retryable()
        unclear = self._get_unclear_retries(self.env["account.move"].concat(*amounts))
        if not amounts:
            self._message_log(body=self.env._("%(action)s: nothing to charge.", action=action.name))
        for transaction in unclear:
            action._report_failure(self, transaction._get_unclear_message())
        amounts = {move: amount for move, amount in amounts.items() if move not in unclear.invoice_ids}
        tokens = self._find_tokens(amounts)
        missing = [move.name for move in amounts if not tokens[move]]
        if missing:
            message = self.env._(
                "%(action)s: no saved payment method can be charged for %(invoices)s.",
                action=action.name,
                invoices=", ".join(missing),
            )
            action._report_failure(self, message)
        return transactions.create(
            [
                self._prepare_retry_vals(action, move, amount, tokens[move])
                for move, amount in amounts.items()
                if tokens[move]
            ]
        )

    def _get_retryable(self):
        """What may be charged today, by invoice: overdue, not held or disputed, less the customer's credits. Hook."""
        self.ensure_one()
        if self.state != "ongoing":
            return {}
        today = self.company_id._dunning_today()
        notices = self.env["account.dunning.notice"].search(
            [("partner_id", "=", self.partner_id.id), ("state", "in", PENDING_STATES)]
        )
        assessments = self.env["account.dunning.reader"]._assess(
            self.company_id, self.partner_id.ids, today, notices.ids, heed_actions=False
        )
        assessment = assessments[self.partner_id.id]
        lines = self._get_document_lines() or self.item_state_ids.move_line_id
        by_id = {line.id: line for line in lines}
        amounts = defaultdict(float)
        for verdict in assessment.verdicts:
            item, rule = verdict.item, verdict.rule
            line = by_id.get(item.id)
            if line and rule and not item.obstacle and rule.overdue(item, today):
                amounts[line.move_id] += item.claim - verdict.credit
        amounts = {move: move.currency_id.round(amount) for move, amount in amounts.items()}
        confirmed = self._get_confirmed(amounts)
        return {
            move: amount
            for move, amount in amounts.items()
            if amount > 0 and move.is_sale_document(include_receipts=True) and move not in confirmed
        }

    @api.model
    def _get_unclear_retries(self, moves):
        """The online payments of invoices of which nobody knows whether money was taken: none is ever repeated."""
        transactions = self.env["payment.transaction"]
        return transactions.search(transactions._get_domain_of(moves) & transactions._get_unclear_domain(), order="id")

    def _get_unclear_query(self):
        """SQL of the online payments that are unclear, of the plans' payment retries or their invoices, by plan."""
        transactions = self.env["payment.transaction"].sudo()  # collectors need not see the payments of providers
        return SQL(
            """SELECT about.plan_id, 'unclear', ARRAY_AGG(about.transaction_id)
                 FROM (SELECT dunning_plan_id AS plan_id, id AS transaction_id FROM payment_transaction
                        WHERE dunning_plan_id = ANY(%(plans)s)
                        UNION
                       SELECT plan.id, paid.transaction_id FROM account_collection_plan plan
                         JOIN %(paid_online)s paid ON paid.move_id = plan.move_id
                        WHERE plan.id = ANY(%(plans)s)
                        UNION
                       SELECT plan.id, paid.transaction_id FROM account_collection_plan plan
                         JOIN account_dunning_item item ON item.plan_id = plan.id
                         JOIN %(paid_online)s paid ON paid.move_id = item.move_id
                        WHERE plan.id = ANY(%(plans)s) AND plan.move_id IS NULL) about
                WHERE about.transaction_id IN %(unclear)s
                GROUP BY about.plan_id""",
            paid_online=SQL(PAID_ONLINE),
            plans=self.ids,
            unclear=transactions._search(transactions._get_unclear_domain()).subselect(),
        )

    def _find_unclear_retries(self):
        """The online payments that are unclear, of the plans' payment retries or their invoices, by id of the plan."""
        transactions = self.env["payment.transaction"]
        found = self._find_shown([self._get_unclear_query()])["unclear"]
        return {plan.id: transactions.browse(found[plan.id]) for plan in self}

    def action_retry_took_nothing(self):
        """A person has looked up at the payment provider that the unclear charges took no money."""
        # transactions are closed to collectors; the rights are checked by the first call
        plans = self._as_collector().sudo()
        unclear = plans._find_unclear_retries()
        if not any(unclear.values()):
            raise UserError(self.env._("No charge of this collection plan is unclear."))
        for plan in plans.filtered(lambda plan: unclear[plan.id]):
            references = ", ".join(unclear[plan.id].mapped("reference"))
            unclear[plan.id]._close_unclear()
            plan._note(self.env._("Looked up, not charged: %(references)s.", references=references))

    @api.model
    def _get_confirmed(self, moves):
        """The invoices that have a confirmed online payment which is not booked yet."""
        transactions = self.env["payment.transaction"]
        invoices = self.env["account.move"].union(*moves)
        waiting = Domain("state", "=", "done") & Domain("is_post_processed", "=", False)
        confirmed = transactions.search(transactions._get_domain_of(invoices) & waiting)
        return confirmed.invoice_ids | confirmed.dunning_item_ids.move_id

    def _find_tokens(self, moves):
        """The saved payment method to charge for each invoice, or none: the contact's, else the customer's. Hook."""
        moves = self.env["account.move"].concat(*moves)
        tokens = self.env["payment.token"].search(
            [
                ("partner_id", "in", (moves.partner_id | moves.commercial_partner_id).ids),
                ("provider_id.state", "in", ("enabled", "test")),
                ("payment_method_id.active", "=", True),
            ],
            order="id desc",
        )
        result = {}
        for move in moves:
            usable = tokens.filtered(
                lambda token: (
                    token.company_id in move.company_id.parent_ids  # noqa: B023
                    and move.currency_id in (token.provider_id.available_currency_ids or move.currency_id)  # noqa: B023
                    and token.partner_id in (move.partner_id | move.commercial_partner_id)  # noqa: B023
                )
            )
            own = usable.filtered(lambda token: token.partner_id == move.partner_id)  # noqa: B023
            result[move] = (own or usable)[:1]
        return result

    def _prepare_retry_vals(self, action, move, amount, token):
        """Values of the transaction that charges ``amount`` of the invoice on ``token``. Hook."""
        return {
            "provider_id": token.provider_id.id,
            "payment_method_id": token.payment_method_id.id,
            "amount": amount,
            "currency_id": move.currency_id.id,
            "partner_id": token.partner_id.id,
            "token_id": token.id,
            "operation": "offline",
            "state": "pending",
            "invoice_ids": [Command.set(move.ids)],
            "dunning_plan_id": self.id,
            "dunning_action_id": action.id,
        }
