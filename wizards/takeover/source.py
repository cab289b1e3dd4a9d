"""A module from which is taken over: what it is called, whether it is there, what it holds."""

from ...engine.takeover_texts import convert_text, is_blank
from .catalogue import Catalogue
from .inventory import Fact, Inventory, LevelThere, Review, TypeThere


class Source:
    """One module. A child says its ``code``, ``title``, ``tables`` and what must be there, and reads it.

    What it reads is restricted to the root company of its catalogue and that one's branches.
    """

    code = title = ""
    tables = ()
    needed = ()

    def __init__(self, company):
        self.company = company
        self.env = company.env
        self.catalogue = Catalogue(company, self.tables)
        self.found = Inventory()

    def is_there(self):
        """True where the module, or what it left behind, is in the database."""
        return all(self.catalogue.has(table) for table in self.needed)

    def read_all(self):
        """All that is there for the company, as an :class:`Inventory`."""
        self.read_types()
        self.read_customers()
        self.read_invoices()
        self.read_items()
        return self.found

    def read_types(self):
        """Read the ladders of levels."""

    def read_customers(self):
        """Read what is said of customers."""

    def read_invoices(self):
        """Read what is said of invoices."""

    def read_items(self):
        """Read the levels that items have reached, and what was sent."""

    # what several have in common

    def texts(self, value, markup=False):
        """A text that may be translated, as HTML by language, and what of it has no counterpart here."""
        texts, lost = {}, []
        for lang, text in self.by_language(value).items():
            converted, missing = convert_text(text, markup or text.lstrip().startswith("<"))
            if not is_blank(converted):
                texts[lang] = converted
                lost += missing
        return texts, lost

    @staticmethod
    def by_language(value):
        """A value that may be translated, by language: what has none is English."""
        values = value if isinstance(value, dict) else {"en_US": value}
        return {lang: text for lang, text in values.items() if text}

    def lost_words(self, lost):
        """What to say of what was ``lost`` of a text."""
        if not lost:
            return []
        names = ", ".join(dict.fromkeys(lost))
        return [self.env._("The text named %(names)s, which is not known here and was left out.", names=names)]

    def level(self, row, step, document, text, below=None, markup=False, **more):
        """A level from a row of a table."""
        texts, lost = self.texts(text, markup)
        under, more_lost = self.texts(below)
        name = self.by_language(row["name"]) or {"en_US": self.env._("Level %(number)s", number=row["id"])}
        words = [*more.pop("words", ()), *self.lost_words(lost + more_lost)]
        return LevelThere(row["id"], name, step, document, texts, under, words=words, **more)

    def refuse_contact(self, table, row):
        """True where the row of ``res_partner`` is a contact of a customer, which is then listed."""
        if row["commercial_id"] == row["id"]:
            return False
        word = self.env._("This is a contact of a customer: what counts here is what the customer says.")
        self.found.reviews.append(Review("review", table, row["id"], row["name"], word, row["commercial_id"]))
        return True

    def say(self, kind, table, row, value, move=False):
        """Note a fact about the customer, or the invoice, of a ``row``."""
        customer, move_id = row.get("partner_id", row["id"]), row["id"] if move else None
        self.found.facts.append(Fact(kind, table, row["id"], row["name"] or "", value, customer, move_id))

    def say_payment(self, row):
        """Note what the fields that OCA and Odoo Mates share say of a customer."""
        if row["payment_responsible_id"]:
            self.say("collector", "res_partner", row, row["payment_responsible_id"])
        if row["payment_note"]:
            self.say("note", "res_partner", row, row["payment_note"])
        if row["payment_next_action"] or row["payment_next_action_date"]:
            value = (row["payment_next_action"], row["payment_next_action_date"], row["payment_responsible_id"])
            self.say("activity", "res_partner", row, value)

    def add_type(self, row, levels, **more):
        self.found.types.append(TypeThere(row["id"], row["name"] or self.title, levels, **more))


PAYMENT = {
    "payment_responsible_id": "int",
    "payment_note": "text",
    "payment_next_action": "text",
    "payment_next_action_date": "date",
}
