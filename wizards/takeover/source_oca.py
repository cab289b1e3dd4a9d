from collections import defaultdict

from odoo.tools import SQL

from ...engine.takeover import Step, find_reached
from .catalogue import COMPANY, MOVE, PARTNER
from .inventory import ItemThere, Review, Sent
from .source import PAYMENT, Source

POLICY, LEVEL, LINE = "credit_control_policy", "credit_control_policy_level", "credit_control_line"
ACCOUNTS = "account_account_credit_control_policy_rel"
DOCUMENTS = {"email": "email_letter", "letter": "letter", "phone": "none"}


class OcaSource(Source):
    """OCA's ``account_credit_control``: policies, what they say of customers, and a line for each item and level."""

    code = "oca"
    title = "account_credit_control (OCA)"
    tables = (POLICY, LEVEL, LINE, ACCOUNTS)
    needed = (POLICY, LEVEL)

    # policies

    def read_types(self):
        self.policies = {row["id"]: row for row in self.read_policies()}
        levels = self.read_levels()
        [company] = self.catalogue.fetch(
            SQL(
                "SELECT %s AS policy, %s AS tolerance FROM res_company t WHERE t.id = %s",
                self.catalogue.column(COMPANY, "credit_policy_id"),
                self.catalogue.column(COMPANY, "credit_control_tolerance"),
                self.company.id,
            )
        )
        self.found.default_type_id = company["policy"]
        used = self.read_used() | {company["policy"]}
        for row in self.policies.values():
            own = levels.get(row["id"], [])
            self.add_type(
                row,
                [self.make_level(level) for level in own],
                active=row["active"] is not False,
                by_customer=bool(row["by_customer"]),
                minimum=max(company["tolerance"] or 0.0, 0.0),
                words=self.get_words(row, company["tolerance"]),
                refusal=self.get_refusal(row, own, row["id"] in used),
            )

    def read_policies(self):
        """The policies of the company and its branches, and those of none."""
        column = self.catalogue.column
        return self.catalogue.fetch(
            SQL(
                """SELECT t.id, %(name)s AS name, %(company)s AS company_id, %(active)s AS active,
                          %(nothing)s AS nothing, %(max)s AS by_customer, %(narrow)s AS narrow
                     FROM credit_control_policy t
                    WHERE %(company)s IS NULL OR %(company)s = ANY(%(companies)s) ORDER BY t.id""",
                name=column(POLICY, "name"),
                company=SQL("(%s)::int", column(POLICY, "company_id")),
                active=SQL("(%s)::bool", column(POLICY, "active")),
                nothing=SQL("(%s)::bool", column(POLICY, "do_nothing")),
                max=SQL("(%s)::bool", column(POLICY, "apply_max_policy_level")),
                narrow=self.get_narrow(),
                companies=self.catalogue.company_ids,
            )
        )

    def get_narrow(self):
        """SQL: true where a policy is for some of the company's receivable accounts only."""
        if not self.catalogue.has(ACCOUNTS, "credit_control_policy_id", "account_account_id"):
            return SQL("FALSE")
        return SQL(
            """EXISTS (SELECT 1 FROM account_account_credit_control_policy_rel rel
                        WHERE rel.credit_control_policy_id = t.id)
               AND EXISTS (SELECT 1 FROM account_account account
                             JOIN account_account_res_company_rel mine ON mine.account_account_id = account.id
                            WHERE mine.res_company_id = %s AND account.account_type = 'asset_receivable'
                              AND account.active
                              AND NOT EXISTS (SELECT 1 FROM account_account_credit_control_policy_rel rel
                                               WHERE rel.credit_control_policy_id = t.id
                                                 AND rel.account_account_id = account.id))""",
            self.company.id,
        )

    def read_levels(self):
        """The levels by policy, in their order there."""
        column = self.catalogue.column
        names = ("policy_id", "level", "name", "computation_mode", "delay_days", "channel", "custom_text")
        names += ("custom_text_after_details", "custom_mail_text")
        rows = self.catalogue.fetch(
            SQL(
                "SELECT t.id, %s FROM credit_control_policy_level t ORDER BY %s NULLS LAST, t.id",
                SQL(", ").join(SQL("%s AS %s", column(LEVEL, name), SQL.identifier(name)) for name in names),
                column(LEVEL, "level"),
            )
        )
        levels = defaultdict(list)
        for row in rows:
            levels[row["policy_id"]].append(row)
        return levels

    def read_used(self):
        """The ids of policies that the company, a customer, an invoice or a line of it names."""
        parts = [
            SQL(
                "SELECT t.credit_policy_id FROM %s t WHERE t.company_id = ANY(%s)%s",
                SQL.identifier(table),
                self.catalogue.company_ids,
                SQL(" OR t.company_id IS NULL") if table == PARTNER else SQL(),
            )
            for table in (PARTNER, MOVE)
            if self.catalogue.has(table, "credit_policy_id")
        ]
        if self.catalogue.has(LINE, "policy_id", "company_id"):
            parts.append(SQL("SELECT t.policy_id FROM credit_control_line t WHERE %s", self.own_lines()))
        rows = self.catalogue.fetch(SQL(" UNION ").join(parts)) if parts else []
        return {row["credit_policy_id" if "credit_policy_id" in row else "policy_id"] for row in rows}

    def own_lines(self):
        return SQL("t.company_id = ANY(%s)", self.catalogue.company_ids)

    def make_level(self, row):
        mode, channel, words = row["computation_mode"], row["channel"], []
        if mode not in ("net_days", "end_of_month", "previous_date"):
            words.append(self.env._("“%(mode)s” is not known: the days are counted from the due date.", mode=mode))
        if channel not in DOCUMENTS:
            words.append(self.env._("The channel “%(channel)s” is not known: e-mail, else letter.", channel=channel))
        step = Step(row["delay_days"], after_previous=mode == "previous_date", month_end=mode == "end_of_month")
        mail = channel != "letter" and bool(self.texts(row["custom_mail_text"], True)[0])
        return self.level(
            row,
            step,
            DOCUMENTS.get(channel, "email_letter"),
            row["custom_mail_text" if mail else "custom_text"],
            row["custom_text_after_details"],
            markup=mail,
            call=self.env._("Call the customer") if channel == "phone" else None,
            words=words,
        )

    def get_words(self, row, tolerance):
        """What is different of a policy."""
        words = []
        if row["company_id"] is None:
            words.append(self.env._("It belongs to no company there; here it is for this company."))
        if row["narrow"]:
            words.append(self.env._("There it is for some receivable accounts only; here for all of them."))
        if tolerance:
            words.append(self.env._("The tolerance was for each item there; here the minimum is for a customer."))
        return words

    def get_refusal(self, row, levels, used):
        """Why no type is made of a policy; None where one is."""
        if row["nothing"]:
            return self.env._("It does nothing there: its customers and invoices are put on hold instead.")
        if not used:
            return self.env._("Nobody uses it in this company.")
        if not levels:
            return self.env._("It has no level.")
        return None

    # customers and invoices

    def read_customers(self):
        names = {"credit_policy_id": "int", "manual_followup": "bool", **PAYMENT}
        for row in self.catalogue.read_partners(names):
            if self.refuse_contact(PARTNER, row):
                continue
            self.say_policy(PARTNER, row)
            self.say_payment(row)
            if row["manual_followup"]:
                self.say("hold", f"{PARTNER}.manual_followup", row, self.env._("Followed up by hand there"))

    def read_invoices(self):
        for row in self.catalogue.read_moves({"credit_policy_id": "int"}):
            self.say_policy(MOVE, row, move=True)

    def say_policy(self, table, row, move=False):
        policy = self.policies.get(row["credit_policy_id"])
        if policy and policy["nothing"]:
            word = self.env._("Policy “%(policy)s”", policy=policy["name"])
            self.say("hold", table, row, word, move)
        elif row["credit_policy_id"]:
            self.say("invoice_type" if move else "customer_type", table, row, row["credit_policy_id"], move)

    # lines

    def read_items(self):
        if not self.catalogue.has(LINE, "move_line_id", "policy_level_id", "state"):
            return
        rows = self.read_lines()
        self.found.sent = [self.make_sent(row) for row in rows if row["state"] == "sent"]
        by_item = defaultdict(list)
        for row in rows:
            if row["is_open"] and not row["overridden"]:
                by_item[row["move_line_id"]].append(row)
        for lines in by_item.values():
            self.read_item({row["id"]: row for row in lines})

    def read_lines(self):
        """All lines of the company that say anything, with their items."""
        column = self.catalogue.column
        return self.catalogue.fetch(
            SQL(
                """SELECT t.id, t.move_line_id, t.policy_level_id, COALESCE(%(level)s, step.level) AS level, t.state,
                          COALESCE(%(sent)s, t.date) AS day, %(overridden)s IS TRUE AS overridden,
                          %(communication)s AS communication_id, %(amount)s AS amount, %(balance)s AS balance,
                          line.partner_id, line.move_id, line.currency_id, line.move_name AS number,
                          COALESCE(line.date_maturity, line.date) AS due, line.date AS booked,
                          line.parent_state = 'posted' AND line.reconciled IS NOT TRUE AND line.balance > 0 AS is_open
                     FROM credit_control_line t
                     JOIN account_move_line line ON line.id = t.move_line_id
                     LEFT JOIN credit_control_policy_level step ON step.id = t.policy_level_id
                    WHERE line.company_id = ANY(%(companies)s) AND t.state NOT IN ('draft', 'ignored')
                    ORDER BY t.id""",
                level=SQL("(%s)::int", column(LINE, "level")),
                sent=SQL("(%s)::date", column(LINE, "date_sent")),
                overridden=SQL("(%s)::bool", column(LINE, "manually_overridden")),
                communication=SQL("(%s)::int", column(LINE, "communication_id")),
                amount=SQL("(%s)::float", column(LINE, "amount_due")),
                balance=SQL("(%s)::float", column(LINE, "balance_due")),
                companies=self.catalogue.company_ids,
            )
        )

    def make_sent(self, row):
        together = row["communication_id"] or (row["partner_id"], row["currency_id"])
        return Sent(
            LINE,
            row["id"],
            (together, row["policy_level_id"], row["day"]),
            row["policy_level_id"],
            None,
            row["day"],
            row["move_line_id"],
            row["move_id"],
            row["partner_id"],
            row["currency_id"],
            row["number"] or "",
            row["due"],
            row["amount"] or 0.0,
            row["balance"] or 0.0,
        )

    def read_item(self, rows):
        """Note what the lines (``rows`` by id) of one item say, and which of them wait for a person."""
        reached, waiting = find_reached((row["level"] or 0, row["id"], row["state"]) for row in rows.values())
        if reached:
            row = rows[reached]
            self.found.items.append(ItemThere(LINE, reached, row["move_line_id"], row["policy_level_id"], row["day"]))
        words = {
            "email_error": self.env._("Its e-mail failed there: the level counts as not reached."),
            "error": self.env._("It failed there: the level counts as not reached."),
        }
        other = self.env._("It was not sent there yet: the level counts as not reached, and is proposed here.")
        for line_id in waiting:
            row = rows[line_id]
            word = words.get(row["state"], other)
            self.found.reviews.append(
                Review("review", LINE, line_id, row["number"] or "", word, row["partner_id"], row["move_line_id"])
            )
