from odoo.tools import SQL

from ...engine.takeover import Step
from .catalogue import ITEM, PARTNER
from .inventory import ItemThere
from .source import PAYMENT, Source

PLAN, LEVEL = "followup_followup", "followup_line"


class OdooMatesSource(Source):
    """``om_account_followup``, in both layouts: one plan a company, or several. Items bear their level."""

    code = "om"
    title = "om_account_followup (Odoo Mates)"
    tables = (PLAN, LEVEL)
    needed = (PLAN, LEVEL)

    def read_types(self):
        column = self.catalogue.column
        plans = self.catalogue.fetch(
            SQL(
                """SELECT t.id, %s AS name, %s AS is_default, %s AS active FROM followup_followup t
                    WHERE t.company_id = ANY(%s) ORDER BY t.id""",
                self.get_plan_name(),
                SQL("(%s)::bool", column(PLAN, "is_default")),
                SQL("(%s)::bool", column(PLAN, "active")),
                self.catalogue.company_ids,
            )
        )
        levels = self.read_levels([row["id"] for row in plans])
        default = [row["id"] for row in plans if row["is_default"]] or [row["id"] for row in plans]
        self.found.default_type_id = default[0] if default else None
        for row in plans:
            own = levels.get(row["id"], [])
            self.add_type(
                row,
                [self.make_level(level) for level in own],
                active=row["active"] is not False,
                by_customer=True,
                reminders=True,
                words=[self.env._("There a customer gets one notice for all that is overdue; so he does here.")],
                refusal=None if own else self.env._("It has no level."),
            )

    def get_plan_name(self):
        """The plan's name as SQL: that of its company where it has none."""
        name = self.catalogue.column(PLAN, "name")
        if self.catalogue.columns[PLAN].get("name") == "jsonb":
            name = SQL("COALESCE(%s->>%s, %s->>'en_US')", name, self.env.lang or "en_US", name)
        company = SQL("(SELECT company.name FROM res_company company WHERE company.id = t.company_id)")
        return SQL("COALESCE(%s, %s)", name, company)

    def read_levels(self, plan_ids):
        """The levels by plan, the earliest first."""
        names = ("followup_id", "name", "delay", "description", "send_email", "send_letter", "manual_action")
        names += ("manual_action_note", "manual_action_responsible_id")
        rows = self.catalogue.fetch(
            SQL(
                "SELECT t.id, %s FROM followup_line t WHERE t.followup_id = ANY(%s) ORDER BY %s NULLS LAST, t.id",
                SQL(", ").join(
                    SQL("%s AS %s", self.catalogue.column(LEVEL, name), SQL.identifier(name)) for name in names
                ),
                plan_ids,
                self.catalogue.column(LEVEL, "delay"),
            )
        )
        levels = {}
        for row in rows:
            levels.setdefault(row["followup_id"], []).append(row)
        return levels

    def make_level(self, row):
        email, letter, words, call = row["send_email"], row["send_letter"], [], None
        if email and letter:
            words.append(self.env._("There both an e-mail and a letter are sent; here an e-mail, else a letter."))
        document = "email_letter" if email else "letter" if letter else "none"
        if row["manual_action"] or document == "none":
            call = (row["manual_action_note"] or "").strip().splitlines()[:1]
            call = call[0] if call else self.env._("Follow up with the customer")
        if (row["delay"] or 0) < 0:
            if call and document != "none":
                words.append(self.env._("A reminder before the due date starts no activity here."))
            if document == "none":
                document = "email_letter"
                words.append(self.env._("It sent nothing there; here a reminder sends an e-mail, else a letter."))
            call = None
        return self.level(
            row,
            Step(row["delay"]),
            document,
            row["description"],
            call=call,
            user_id=row["manual_action_responsible_id"] if call else None,
            words=words,
        )

    def read_customers(self):
        names = {
            "followup_plan_id": "int",
            "followup_excluded": "bool",
            "followup_exclusion_reason": "text",
            "followup_promise_date": "date",
            "followup_promise_amount": "float",
            **PAYMENT,
        }
        for row in self.catalogue.read_partners(names):
            if self.refuse_contact(PARTNER, row):
                continue
            if row["followup_plan_id"]:
                self.say("customer_type", PARTNER, row, row["followup_plan_id"])
            self.say_payment(row)
            if row["followup_excluded"]:
                reason = row["followup_exclusion_reason"] or self.env._("Excluded from follow-ups there")
                self.say("hold", PARTNER, row, reason)
            if row["followup_promise_date"]:
                value = (row["followup_promise_date"], row["followup_promise_amount"] or 0.0)
                self.say("promise", PARTNER, row, value)

    def read_invoices(self):
        for row in self.catalogue.read_moves({"followup_disputed": "bool"}):
            self.say("dispute", "account_move", row, self.env._("Disputed there"), move=True)

    def read_items(self):
        if not self.catalogue.has(ITEM, "followup_line_id", "followup_date"):
            return
        rows = self.catalogue.fetch(
            SQL(
                """SELECT line.id, line.followup_line_id AS level_id, line.followup_date AS day
                     FROM account_move_line line %s AND line.followup_line_id IS NOT NULL ORDER BY line.id""",
                self.catalogue.open_items(),
            )
        )
        self.found.items = [
            ItemThere(ITEM, f"{row['id']}/{row['level_id']}", row["id"], row["level_id"], row["day"]) for row in rows
        ]
