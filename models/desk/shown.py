"""What the form of a case shows of other records."""

from odoo import api, fields
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, formatLang

from ..base.names import OPEN_STATES

ENTRIES_SHOWN = 60

# How late the invoices of each customer were paid: the median of days after their due date, and their number.
HABITS = """
SELECT line.partner_id,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY settled.day - COALESCE(line.date_maturity, line.date)), COUNT(*)
  FROM account_move_line line
  JOIN account_account account ON account.id = line.account_id AND account.account_type = 'asset_receivable'
  JOIN account_move move ON move.id = line.move_id AND move.move_type = 'out_invoice'
  JOIN LATERAL (SELECT MAX(partial.max_date) AS day FROM account_partial_reconcile partial
                 WHERE partial.debit_move_id = line.id) settled ON settled.day IS NOT NULL
 WHERE line.partner_id = ANY(%s) AND line.company_id = ANY(%s) AND line.parent_state = 'posted'
   AND line.reconciled AND line.balance > 0
 GROUP BY line.partner_id
"""


class CaseShown:
    __slots__ = ()

    def _compute_shown(self):
        for case in self:
            case._show()

    def _show(self):
        """Find what the form shows of the customer's items, plans, holds and past."""
        self.ensure_one()
        lines, plans = self.env["account.move.line"], self.env["account.collection.plan"]
        own = Domain("company_id", "in", self.company_id._get_dunning_branches())
        items = lines._get_open_item_domain() & own & Domain("partner_id", "=", self.partner_id.id)
        self.item_ids = lines.search(items).sorted(lambda line: (line.dunning_due_date, line.id))
        of_customer = Domain("partner_id", "=", self.partner_id.id) & Domain("company_id", "=", self.company_id.id)
        found = plans.search(of_customer, order="id desc", limit=ENTRIES_SHOWN)
        self.plan_ids = found.sorted(lambda plan: (plan.state not in OPEN_STATES, plan.leading_due_date, plan.id))
        self.hold_ids = self.env["account.dunning.hold"].search(
            [("commercial_partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id)],
            order="ended_on desc, id desc",
            limit=ENTRIES_SHOWN,
        )
        render = self.env["ir.qweb"]._render
        self.timeline = render("account_dunning.collection_case_timeline", {"entries": self._get_entries()})
        self.coming = render("account_dunning.collection_case_coming", {"entries": self._get_coming()})

    def _get_coming(self):
        """What comes in each plan while nothing is paid: dicts with date, title and detail, the next first."""
        plans = self.plan_ids.filtered(lambda plan: plan.state == "ongoing")
        entries = [{**entry, "plan": plan} for plan in plans for entry in plan._get_coming_entries()]
        return sorted(entries, key=lambda entry: entry["date"])

    def _get_entries(self):
        """What happened to the customer, the newest first: dicts with moment, icon, kind, title, detail and author."""
        self.ensure_one()
        queries = SQL(" UNION ALL ").join(SQL("(%s)", query) for query in self._get_timeline_queries())
        self.env.flush_all()
        rows = self.env.execute_query(SQL("%s ORDER BY 1 DESC, 2, 3 DESC LIMIT %s", queries, ENTRIES_SHOWN))
        by_model = {}
        for _moment, model, record_id in rows:
            by_model.setdefault(model, []).append(record_id)
        # the queries read what the case tells of; whoever may read the case may read its story
        told = {model: self._tell_records(self.env[model].sudo().browse(ids)) for model, ids in by_model.items()}
        return [told[model][record_id] for _moment, model, record_id in rows]

    def _get_timeline_queries(self):
        """SQL queries of what happened to the customer: moment, model, id of a record. Hook."""
        customer, company = self.partner_id.id, self.company_id.id
        return [
            SQL("SELECT at AS moment, 'account.dunning.contact' AS model, id FROM account_dunning_contact"
                " WHERE case_id = %s", self.id),
            SQL("SELECT create_date, 'account.dunning.promise', id FROM account_dunning_promise WHERE case_id = %s",
                self.id),
            SQL("""SELECT sent_on::timestamp, 'account.dunning.notice', id FROM account_dunning_notice
                    WHERE partner_id = %s AND company_id = %s AND sent_on IS NOT NULL""", customer, company),
            SQL("""SELECT create_date, 'account.dunning.hold', id FROM account_dunning_hold
                    WHERE commercial_partner_id = %s AND company_id = %s AND promise_id IS NULL""", customer, company),
            SQL("""SELECT DISTINCT partial.max_date::timestamp, 'account.move', counter.move_id
                     FROM account_move_line line
                     JOIN account_account account ON account.id = line.account_id
                      AND account.account_type = 'asset_receivable'
                     JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
                     JOIN account_move_line counter ON counter.id = partial.credit_move_id
                    WHERE line.partner_id = %s AND line.company_id = ANY(%s)""",
                customer, list(self.company_id._get_dunning_branches())),
            SQL("""SELECT closed_on::timestamp, 'account.collection.plan', id FROM account_collection_plan
                    WHERE partner_id = %s AND company_id = %s AND closed_on IS NOT NULL""", customer, company),
            SQL("""SELECT message.date, 'mail.message', message.id FROM mail_message message
                     JOIN account_collection_plan plan ON plan.id = message.res_id
                    WHERE message.model = 'account.collection.plan' AND plan.partner_id = %s AND plan.company_id = %s
                      AND message.message_type IN ('comment', 'email')""", customer, company),
            SQL("""SELECT message.date, 'mail.message', message.id FROM mail_message message
                     JOIN account_dunning_notice notice ON notice.id = message.res_id
                    WHERE message.model = 'account.dunning.notice' AND notice.partner_id = %s
                      AND notice.company_id = %s AND message.message_type IN ('comment', 'email')""",
                customer, company),
            SQL("""SELECT date, 'mail.message', id FROM mail_message
                    WHERE model = 'account.collection.case' AND res_id = %s
                      AND message_type IN ('comment', 'email')""", self.id),
        ]  # fmt: skip

    def _tell_records(self, records):
        """What a timeline says of ``records`` of one model, by id: see :meth:`_get_entries`. Hook."""
        tell = {
            "account.dunning.contact": lambda each: each._get_case_entry(),
            "account.dunning.promise": lambda each: each._get_case_entry(),
            "account.dunning.notice": self._tell_notice,
            "account.dunning.hold": self._tell_hold,
            "account.move": self._tell_settlement,
            "account.collection.plan": self._tell_plan,
            "mail.message": self._tell_message,
        }[records._name]
        return {record.id: tell(record.with_context(lang=self.env.context.get("lang"))) for record in records}

    def _tell_notice(self, notice):
        entry = notice._get_timeline_entry(notice.line_ids)
        return {"moment": notice.sent_on, "icon": "envelope-o", **entry}

    def _tell_hold(self, hold):
        outcome = dict(hold._fields["outcome"]._description_selection(self.env)).get(hold.outcome)
        title = self.env._("Dispute") if hold.dispute else self.env._("On hold")
        parts = (hold.display_name, hold.note, outcome, hold.outcome_note)
        return {
            "moment": hold.date_from,
            "icon": "ban",
            "title": title,
            "detail": ". ".join(part for part in parts if part),
            "author": hold.create_uid.name,
        }

    def _tell_settlement(self, move):
        """What has settled items: a payment, a credit note, or another entry."""
        titles = {"out_refund": self.env._("Credit note")}
        paid = move.origin_payment_id or move.statement_line_id
        title = self.env._("Payment") if paid else titles.get(move.move_type, self.env._("Settled by an entry"))
        amount = format_amount(
            self.env, abs(move.amount_total_in_currency_signed or move.amount_total), move.currency_id
        )
        return {"moment": move.date, "icon": "money", "title": title, "detail": f"{amount} · {move.name or ''}"}

    def _tell_plan(self, plan):
        ending = plan._get_ending()
        detail = " · ".join(part for part in (plan.name, ending["reason"]) if part)
        return {"moment": plan.closed_on, "icon": "flag-o", "title": ending["state"], "detail": detail}

    def _tell_message(self, message):
        return {
            "moment": fields.Datetime.context_timestamp(self, message.date).date(),
            "icon": "comment-o",
            "title": message.subject or self.env._("Message"),
            "detail": message.preview,
            "author": message.author_id.name,
        }

    # how old the debt is, and how he pays

    @api.depends("amount_not_due", "aged_1", "aged_31", "aged_61", "aged_91")
    def _compute_ageing(self):
        names = ("amount_not_due", "aged_1", "aged_31", "aged_61", "aged_91")
        labels = {name: self._fields[name]._description_string(self.env) for name in names}
        for case in self:
            total = sum(max(case[name], 0.0) for name in names)
            parts = [
                {
                    "name": name,
                    "label": labels[name],
                    "amount": formatLang(self.env, case[name], currency_obj=case.currency_id),
                    "share": round(100 * case[name] / total, 1) if total else 0,
                }
                for name in names
            ]
            case.ageing = self.env["ir.qweb"]._render("account_dunning.collection_case_ageing", {"parts": parts})

    @api.depends("partner_id")
    def _compute_habits(self):
        for company, cases in self.grouped("company_id").items():
            rows = self.env.execute_query(SQL(HABITS, cases.partner_id.ids, list(company._get_dunning_branches())))
            found = {partner_id: (days, count) for partner_id, days, count in rows}
            for case in cases:
                case.habits = case._get_habits(*found.get(case.partner_id.id, (None, 0)))

    def _get_habits(self, days, count):
        if not count:
            return self.env._("has paid no invoice yet")
        days = round(days)
        if days > 0:
            return self.env._("usually %(days)s days late (%(count)s invoices)", days=days, count=count)
        if days < 0:
            return self.env._("usually %(days)s days early (%(count)s invoices)", days=-days, count=count)
        return self.env._("usually on the day (%(count)s invoices)", count=count)

    @api.depends("promise_ids.state")
    def _compute_promise_habits(self):
        counts = self.env["account.dunning.promise"]._read_group(
            [("case_id", "in", self.ids), ("state", "in", ("kept", "partly", "broken"))],
            ["case_id", "state"],
            ["__count"],
        )
        for case in self:
            own = {state: count for which, state, count in counts if which == case}
            made = sum(own.values())
            kept = own.get("kept", 0)
            case.promise_habits = made and self.env._("%(kept)s of %(made)s", kept=kept, made=made)

    @api.depends("item_ids")
    def _compute_foreign(self):
        """What he owes in each currency, where any of it is not in that of the company."""
        for case in self:
            groups = case.item_ids.grouped("currency_id")
            case.foreign = (groups.keys() - {case.currency_id}) and " + ".join(
                format_amount(self.env, sum(lines.mapped("amount_residual_currency")), currency)
                for currency, lines in groups.items()
            )
