"""Tables of other dunning modules, made by SQL as those modules leave them behind."""

from odoo.tools import SQL

from .common import DunningCommon, StubLetters

OCA = {
    "credit_control_policy": "name varchar, company_id int, active bool, do_nothing bool, apply_max_policy_level bool",
    "credit_control_policy_level": (
        "policy_id int, level int, name jsonb, computation_mode varchar, delay_days int, channel varchar,"
        " custom_text jsonb, custom_text_after_details jsonb, custom_mail_text jsonb"
    ),
    "credit_control_line": (
        "move_line_id int, policy_level_id int, policy_id int, level int, company_id int, state varchar, date date,"
        " date_sent date, channel varchar, amount_due float, balance_due float, manually_overridden bool,"
        " communication_id int"
    ),
    "account_account_credit_control_policy_rel": "credit_control_policy_id int, account_account_id int",
}
OCA_COLUMNS = {
    "res_partner": "credit_policy_id int, manual_followup bool, payment_responsible_id int, payment_note text,"
    " payment_next_action text, payment_next_action_date date",
    "account_move": "credit_policy_id int",
    "res_company": "credit_policy_id int, credit_control_tolerance float",
}
MATES = {
    "followup_followup": "company_id int",
    "followup_line": (
        "followup_id int, name varchar, delay int, description jsonb, send_email bool, send_letter bool,"
        " manual_action bool, manual_action_note text, manual_action_responsible_id int"
    ),
}
MATES_COLUMNS = {
    "account_move_line": "followup_line_id int, followup_date date",
    "res_partner": OCA_COLUMNS["res_partner"].partition("manual_followup bool, ")[2],
}
REMINDERS = {
    "overdue_reminder_action": (
        "commercial_partner_id int, partner_id int, date date, user_id int, reminder_type varchar, result_notes text,"
        " company_id int"
    ),
    "account_invoice_overdue_reminder": "invoice_id int, action_id int, counter int",
}
REMINDERS_COLUMNS = {"res_partner": "no_overdue_reminder bool", "account_move": "no_overdue_reminder bool"}
ENTERPRISE = {
    "account_followup_followup_line": "name jsonb, delay int, company_id int, send_email bool, create_activity bool"
}
ENTERPRISE_COLUMNS = {
    "res_partner": "followup_line_id jsonb, followup_next_action_date jsonb, followup_reminder_type jsonb,"
    " followup_responsible_id jsonb"
}


class TakeoverCommon(StubLetters, DunningCommon):
    """``self.make(tables, columns)`` makes tables; ``self.add`` adds a row; ``self.take`` takes over."""

    def make(self, tables, columns):
        self.env.flush_all()
        for table, definition in tables.items():
            query = SQL("CREATE TABLE %s (id serial, %s)", SQL.identifier(table), SQL(definition))
            self.env.cr.execute(query)
        for table, definition in columns.items():
            for column in definition.split(", "):
                query = SQL("ALTER TABLE %s ADD COLUMN %s", SQL.identifier(table), SQL(column.strip()))
                self.env.cr.execute(query)

    def add(self, table, **values):
        """Insert a row, and give its id."""
        [[row_id]] = self.env.execute_query(
            SQL(
                "INSERT INTO %s (%s) VALUES %s RETURNING id",
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, values)),
                tuple(self.plain(value) for value in values.values()),
            )
        )
        return row_id

    def set(self, record, **values):
        """Write columns that no model of this database knows."""
        self.env.flush_all()
        parts = (SQL("%s = %s", SQL.identifier(name), self.plain(value)) for name, value in values.items())
        query = SQL("UPDATE %s SET %s WHERE id = %s", SQL.identifier(record._table), SQL(", ").join(parts), record.id)
        self.env.cr.execute(query)

    @staticmethod
    def plain(value):
        if isinstance(value, dict):
            pairs = (f'"{key}": "{text}"'.replace("\n", "\\n") for key, text in value.items())
            return "{" + ", ".join(pairs) + "}"
        return value

    def wizard(self, source=None, user=None):
        wizard = self.env["account.dunning.takeover"].with_user(user or self.manager).create({})
        if source:
            wizard.source = source
        return wizard

    def take(self, source=None):
        """Look at the preview, and take over; give the rows of all take-overs."""
        wizard = self.wizard(source)
        wizard.action_preview()
        self.previewed = wizard.line_ids
        wizard.action_take_over()
        self.env.cr.precommit.run()
        return self.env["account.dunning.takeover.row"].search([("source", "=", wizard.source)])

    def words(self, rows, kind):
        """What is said of the rows of a kind, by their names there."""
        return {row.name: row.word for row in rows if row.kind == kind}


class OcaCommon(TakeoverCommon):
    """OCA's tables with one policy (10, 20 and 30 days), which is that of the company."""

    def setUp(self):
        super().setUp()
        self.make(OCA, OCA_COLUMNS)
        self.policy = self.add_policy("Policy", (10, 20, 30))
        self.set(self.company, credit_policy_id=self.policy, credit_control_tolerance=0.1)

    def add_policy(self, name, days, **values):
        """A policy with a level, by e-mail, for each of ``days``."""
        policy = self.add(
            "credit_control_policy", name=name, **{"company_id": self.company.id, "active": True, **values}
        )
        for number, delay in enumerate(days, 1):
            self.add_level(policy, number, delay)
        return policy

    def add_level(self, policy, number, delay, **values):
        return self.add(
            "credit_control_policy_level",
            **{
                "policy_id": policy,
                "level": number,
                "name": {"en_US": f"Reminder {number}"},
                "computation_mode": "net_days",
                "delay_days": delay,
                "channel": "email",
                "custom_text": {"en_US": "Please pay."},
                "custom_mail_text": {"en_US": "<p>Please do pay.</p>"},
                **values,
            },
        )

    def level_of(self, policy, number):
        query = "SELECT id FROM credit_control_policy_level WHERE policy_id = %s AND level = %s"
        return self.env.execute_query(SQL(query, policy, number))[0][0]

    def add_line(self, move, number, day, state="sent", policy=None, **values):
        """A line of the item of an invoice."""
        item, policy = self.item(move), policy or self.policy
        return self.add(
            "credit_control_line",
            **{
                "move_line_id": item.id,
                "policy_level_id": self.level_of(policy, number),
                "policy_id": policy,
                "level": number,
                "company_id": item.company_id.id,
                "state": state,
                "date": day,
                "amount_due": item.amount_currency,
                "balance_due": item.amount_residual_currency,
                **values,
            },
        )
