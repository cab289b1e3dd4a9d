from odoo.tools import SQL

from ...engine.days import shift
from ...engine.takeover import Step
from .catalogue import ITEM, PARTNER
from .inventory import ItemThere, Review
from .source import Source

LEVEL = "account_followup_followup_line"


class EnterpriseSource(Source):
    """Odoo Enterprise's follow-up: levels of a company; a customer stands at the level of his oldest item.

    Its tables were never seen by us: whatever is missing is passed over.
    """

    code = "enterprise"
    title = "Follow-up (Odoo Enterprise)"
    tables = (LEVEL,)
    needed = (LEVEL,)

    def read_types(self):
        names = ("name", "delay", "company_id", "send_email", "send_letter", "create_activity")
        names += ("activity_summary", "description", "active")
        column = self.catalogue.column
        rows = self.catalogue.fetch(
            SQL(
                "SELECT t.id, %s FROM account_followup_followup_line t WHERE %s = ANY(%s) ORDER BY %s NULLS LAST, t.id",
                SQL(", ").join(SQL("%s AS %s", column(LEVEL, name), SQL.identifier(name)) for name in names),
                SQL("COALESCE(%s, %s)::int", column(LEVEL, "company_id"), self.company.id),
                self.catalogue.company_ids,
                column(LEVEL, "delay"),
            )
        )
        self.levels = {row["id"]: row for row in rows if row["active"] is not False}
        # all levels of a company are one ladder: it has no id there but that of the company
        row = {"id": self.company.id, "name": self.env._("Follow-up of %(company)s", company=self.company.name)}
        if self.levels:
            self.found.default_type_id = self.company.id
            levels = [self.make_level(level) for level in self.levels.values()]
            words = [self.env._("Texts of e-mail templates are not read: write them anew, or check the text put in.")]
            self.add_type(row, levels, by_customer=True, reminders=True, words=words)

    def make_level(self, row):
        email, letter = row["send_email"] is not False, bool(row["send_letter"])
        call = row["activity_summary"] or self.env._("Follow up with the customer")
        wanted = bool(row["create_activity"]) and (row["delay"] or 0) >= 0
        document = "email_letter" if email else "letter" if letter else "none"
        if document == "none" and not wanted:
            document = "email_letter"
        return self.level(row, Step(row["delay"]), document, row["description"], call=call if wanted else None)

    def read_customers(self):
        names = {
            "followup_line_id": "int",
            "followup_next_action_date": "date",
            "followup_reminder_type": "text",
            "followup_responsible_id": "int",
        }
        self.customers = {}
        for row in self.catalogue.read_partners(names):
            if row["commercial_id"] != row["id"]:
                continue  # its follow-up is of the customer as a whole
            if row["followup_responsible_id"]:
                self.say("collector", PARTNER, row, row["followup_responsible_id"])
            if row["followup_reminder_type"] == "manual":
                self.say("hold", PARTNER, row, self.env._("Reminders by hand there"))
            if row["followup_line_id"]:
                self.customers[row["id"]] = row

    def read_items(self):
        """The customer's oldest open item is at his level, and no notice comes before the next date there."""
        columns = self.catalogue.columns.get(ITEM, {})
        own = "followup_line_id" in columns and "last_followup_date" in columns
        rows = self.catalogue.fetch(
            SQL(
                """SELECT line.id, line.partner_id, %s AS level_id, %s AS day,
                          COALESCE(line.date_maturity, line.date) AS due
                     FROM account_move_line line %s ORDER BY due, line.id""",
                SQL("line.followup_line_id" if own else "NULL::int"),
                SQL("line.last_followup_date" if own else "NULL::date"),
                self.catalogue.open_items(),
            )
        )
        seen = set()
        for row in rows:
            customer = self.customers.get(row["partner_id"])
            if row["level_id"]:
                self.add_item(row, row["level_id"], row["day"], customer)
            elif customer and row["partner_id"] not in seen:
                self.add_item(row, customer["followup_line_id"], None, customer)
            seen.add(row["partner_id"])

    def add_item(self, row, level_id, day, customer):
        planned = customer["followup_next_action_date"] if customer else None
        today, word = self.company._dunning_today(), None
        level = self.levels.get(level_id)
        if not level:
            word = self.env._("Its level is not there any more.")
            self.found.reviews.append(Review("review", ITEM, row["id"], "", word, row["partner_id"], row["id"]))
            return
        if not day:
            day = min((planned and shift(planned, -self.get_gap(level_id))) or today, today)
            day = max(day, row["due"])
            word = self.env._("The day of the last reminder is not kept there: it was computed from the next one.")
        key = f"{row['id']}/{level_id}"
        self.found.items.append(ItemThere(ITEM, key, row["id"], level_id, day, not_before=planned, word=word))

    def get_gap(self, level_id):
        """Days from the level to the one that follows; a month after the last one."""
        delays = sorted(row["delay"] or 0 for row in self.levels.values())
        own = self.levels[level_id]["delay"] or 0
        return min((delay - own for delay in delays if delay > own), default=30)
