"""What happened to a customer, over all his invoices: found with one query, told in words."""

from odoo.tools import SQL, format_amount, format_date, html2plaintext

ENTRIES_SHOWN = 60
MOST_LETTERS = 200  # of what somebody wrote

# Each source gives: moment, kind, code, reason (a second code), title, detail, amount, currency, day, author.
# `lang` picks the translation, which is in English where there is none.
CONTACTS = """
SELECT contact.at, 'contact', contact.channel, NULL, COALESCE(outcome.name->>%(lang)s, outcome.name->>'en_US'),
       concat_ws(' · ', person.name, contact.number, contact.note), NULL::float, NULL::int, contact.day, author.name
  FROM account_dunning_contact contact
  JOIN account_dunning_outcome outcome ON outcome.id = contact.outcome_id
  JOIN res_users users ON users.id = contact.user_id
  JOIN res_partner author ON author.id = users.partner_id
  LEFT JOIN res_partner person ON person.id = contact.person_id
 WHERE contact.case_id = %(case)s
"""
PROMISES = """
SELECT promise.create_date, 'promise', promise.state, CASE WHEN promise.agreement THEN 'agreement' END, NULL, NULL,
       promise.amount::float, promise.currency_id, promise.last_on, author.name
  FROM account_dunning_promise promise
  LEFT JOIN res_users users ON users.id = promise.user_id
  LEFT JOIN res_partner author ON author.id = users.partner_id
 WHERE promise.case_id = %(case)s
"""
NOTICES = """
SELECT notice.sent_on::timestamp, 'notice', notice.document, CASE WHEN notice.state <> 'sent' THEN notice.state END,
       COALESCE(level.name->>%(lang)s, level.name->>'en_US'), concat_ws(' · ', notice.name, notice.cancel_reason),
       NULL, NULL, notice.sent_on, NULL
  FROM account_dunning_notice notice JOIN account_dunning_level level ON level.id = notice.level_id
 WHERE notice.partner_id = %(customer)s AND notice.company_id = %(company)s AND notice.sent_on IS NOT NULL
"""
HOLDS = """
SELECT hold.create_date, 'hold', CASE WHEN reason.dispute THEN 'dispute' ELSE 'hold' END, hold.outcome, NULL,
       concat_ws(' · ', COALESCE(reason.name->>%(lang)s, reason.name->>'en_US'), COALESCE(move.name, line.move_name),
                 hold.note, hold.outcome_note),
       NULLIF(hold.amount, 0)::float, hold.currency_id, hold.date_from, author.name
  FROM account_dunning_hold hold
  JOIN account_dunning_reason reason ON reason.id = hold.reason_id
  LEFT JOIN account_move move ON move.id = hold.move_id
  LEFT JOIN account_move_line line ON line.id = hold.move_line_id
  LEFT JOIN res_users users ON users.id = hold.create_uid
  LEFT JOIN res_partner author ON author.id = users.partner_id
 WHERE hold.commercial_partner_id = %(customer)s AND hold.company_id = %(company)s AND hold.promise_id IS NULL
"""
SETTLEMENTS = """
SELECT counter.date::timestamp, 'settled',
       CASE WHEN move.origin_payment_id IS NOT NULL OR move.statement_line_id IS NOT NULL THEN 'payment'
            WHEN move.move_type = 'out_refund' THEN 'refund' ELSE 'entry' END, NULL, NULL, move.name,
       SUM(partial.debit_amount_currency)::float, partial.debit_currency_id, counter.date, NULL
  FROM account_move_line line
  JOIN account_account account ON account.id = line.account_id AND account.account_type = 'asset_receivable'
  JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
  JOIN account_move_line counter ON counter.id = partial.credit_move_id
  JOIN account_move move ON move.id = counter.move_id
 WHERE line.partner_id = %(customer)s AND line.company_id = ANY(%(branches)s)
 GROUP BY move.id, counter.date, partial.debit_currency_id
"""
PLANS = """
SELECT closed_on::timestamp, 'plan', state, close_reason, NULL, name, NULL, NULL, closed_on, NULL
  FROM account_collection_plan
 WHERE partner_id = %(customer)s AND company_id = %(company)s AND closed_on IS NOT NULL
"""
MESSAGES = """
SELECT message.date, 'message', message.message_type, NULL, message.subject, message.body, NULL, NULL,
       message.date::date, author.name
  FROM mail_message message
  LEFT JOIN res_partner author ON author.id = message.author_id
 WHERE message.message_type IN ('comment', 'email') AND message.model = %(model)s AND message.res_id IN (%(records)s)
"""

ICONS = {
    "call": "phone",
    "email": "envelope-o",
    "visit": "street-view",
    "sms": "commenting-o",
    "other": "comments-o",
    "promise": "handshake-o",
    "notice": "envelope-o",
    "hold": "ban",
    "settled": "money",
    "plan": "flag-o",
    "message": "comment-o",
}


class CaseTimeline:
    __slots__ = ()

    def _get_entries(self):
        """What happened to the customer, the newest first: dicts with day, icon, title, detail, author and undone."""
        self.ensure_one()
        self.env.flush_all()
        queries = SQL(" UNION ALL ").join(SQL("(%s)", query) for query in self._get_timeline_queries())
        rows = self.env.execute_query(SQL("%s ORDER BY 1 DESC NULLS LAST LIMIT %s", queries, ENTRIES_SHOWN))
        return [self._tell(*row) for row in rows]

    def _get_timeline_queries(self):
        """SQL queries of what happened to the customer, with the columns that stand above. Hook."""
        terms = {
            "case": self.id,
            "customer": self.partner_id.id,
            "company": self.company_id.id,
            "branches": [id_ for id_ in self.company_id._get_dunning_branches() if id_ in self.env.companies.ids],
            "lang": self.env.lang or "en_US",
        }
        of_customer = SQL("partner_id = %s AND company_id = %s", self.partner_id.id, self.company_id.id)
        talks = {
            self._name: SQL("%s", self.id),
            "account.collection.plan": SQL("SELECT id FROM account_collection_plan WHERE %s", of_customer),
            "account.dunning.notice": SQL("SELECT id FROM account_dunning_notice WHERE %s", of_customer),
        }
        return [
            *(SQL(query, **terms) for query in (CONTACTS, PROMISES, NOTICES, HOLDS, SETTLEMENTS, PLANS)),
            *(SQL(MESSAGES, model=model, records=records) for model, records in talks.items()),
        ]

    def _tell(self, _moment, kind, code, reason, title, detail, amount, currency_id, day, author):
        """One entry, of the columns of its source. Hook."""
        currency = self.env["res.currency"].browse(currency_id)
        money = format_amount(self.env, amount, currency) if amount else ""
        if kind == "promise" and day:
            money = self.env._("%(amount)s until %(date)s", amount=money, date=format_date(self.env, day))
        if kind == "message":
            detail = html2plaintext(detail or "")[:MOST_LETTERS]
        words = self._get_kind_words(kind, code, reason)
        return {
            "day": day,
            "icon": ICONS.get(code) or ICONS.get(kind, "circle-o"),
            "title": title or words,
            "detail": " · ".join(part for part in (title and words, money, detail) if part),
            "author": author or "",
            "undone": kind == "notice" and bool(reason),
        }

    def _get_kind_words(self, kind, code, reason):
        """What kind of entry it is, in words; empty where its title says it."""

        def label(model, field, value):
            return dict(self.env[model]._fields[field]._description_selection(self.env)).get(value, "")

        if kind == "promise":
            name = self.env._("Instalments agreed") if reason else self.env._("Promise to pay")
            return f"{name}: {label('account.dunning.promise', 'state', code)}"
        if kind == "hold":
            name = self.env._("Dispute") if code == "dispute" else self.env._("On hold")
            outcome = label("account.dunning.hold", "outcome", reason)
            return f"{name}: {outcome}" if outcome else name
        if kind == "plan":
            closed = label("account.collection.plan", "close_reason", reason)
            return f"{label('account.collection.plan', 'state', code)}: {closed}"
        if kind == "notice":
            return label("account.dunning.notice", "document", code)
        titles = {
            "payment": self.env._("Payment"),
            "refund": self.env._("Credit note"),
            "entry": self.env._("Settled by an entry"),
            "comment": self.env._("Message"),
            "email": self.env._("E-mail"),
        }
        return titles.get(code, "") if kind in ("settled", "message") else ""
