"""What happens to customers, and to their company, in random histories, and how often (``test_night_random.py``)."""

from datetime import timedelta

from odoo import fields


def one_of(*values):
    return lambda chance: chance.choice(values)


PICK, OTHER = (lambda chance: chance.randrange(10)), (lambda chance: chance.randrange(10**6))
AMOUNT = lambda chance: float(chance.randint(10, 150))  # noqa: E731
LATE = one_of(-12, -4, -3, 0, 4, 9, 10, 12, 22, 50)
SOON = one_of(-3, 0, 1, 2, 5)
FLAG = one_of(False, True)

# What may happen to a customer: how often beside the others, and what is drawn for it.
EVENTS = {
    "invoice": (3, LATE, AMOUNT),
    "entry": (2, LATE, AMOUNT),
    "foreign": (1, LATE, AMOUNT),
    "cancel_invoice": (1, PICK),
    "post_again": (1, PICK),
    "credit_note": (1, PICK),
    "transfer": (1, PICK),
    "write_off": (1, PICK, one_of(0.5, 1.0)),
    "pay": (4, PICK, one_of(0.4, 1.0, 1.0)),
    "undo_payment": (1, PICK),
    "reject_payment": (2, PICK),
    "unreconcile": (2, PICK),
    "credit": (2, AMOUNT),
    "set_off": (2, PICK),
    "hold": (3, PICK, one_of(0, 1, 2), SOON, one_of(0, 2, 6), one_of(0.0, 0.0, 0.4)),
    "end_hold": (1, PICK),
    "shift_hold": (1, PICK, SOON),
    "move_due_date": (2, PICK, LATE),
    "exclude_item": (1, PICK),
    "block": (1, PICK),
    "type_of_invoice": (2, PICK, one_of(0, 1, 2)),
    "type_of_customer": (2, one_of(0, 1, 2)),
    "type_of_parent": (2, one_of(0, 1, 2, None)),
    "tag": (2,),
    "field_of_rule": (2,),
    "online": (2, PICK, PICK, FLAG),
    "finish_online": (1, PICK),
    "pay_in_process": (1, PICK),
    "finish_in_process": (1, PICK),
    "open_plan": (1, PICK),
    "postpone": (1, PICK, SOON),
    "pause": (1, PICK, SOON),
    "resume": (1, PICK),
    "stop": (1, PICK),
    "allow_new": (1, PICK),
    "set_level": (1, PICK, one_of(0, 1, 2)),
    "switch_type": (1, PICK, one_of(0, 1, 2)),
    "undo_notice": (1, PICK, FLAG),
    "bounce": (1, PICK, FLAG),
    "exclude_notice": (1, PICK),
    "call": (2, PICK),
    "done": (1, PICK),
    "address": (1,),
    "contact": (1,),
    "archive_contact": (1,),
    "other_customer": (1, PICK, OTHER),
    "file_under": (1, OTHER),
}
# What may happen to the company: the first of them only costs nothing, the others have the next night read everybody.
QUIET = {
    "rate": (2, one_of(2.0, 3.0, 4.0)),
    "by_hand": (1,),
    "interrupt": (1,),
    "cancel_run": (1,),
    "type_of_tag": (2, one_of(0, 1, 2, None)),
}
LOUD = {
    "change_level": (2, one_of(0, 1, 2), one_of("min_days", "days_after"), one_of(3, 9, 14)),
    "change_type": (2, one_of("grace_days", "posting_days", "min_days_between"), one_of(0, 2, 6)),
    "minimum": (2, one_of(0.0, 80.0, 200.0)),
    "minimum_of_level": (3, one_of(0, 1, 2), one_of("min_amount", "min_share", "min_balance"), one_of(0.0, 40.0, 90.0)),
    "parent_type": (1,),
    "start_date": (2, one_of(0, 20, 60)),
    "invoice_types": (1,),
    "journal": (1,),
    "delete_run": (1,),
}


def draw(chance, events):
    """One of ``events`` with its arguments."""
    name = chance.choice([name for name, (often, *_sources) in events.items() for _time in range(often)])
    return name, [source(chance) for source in events[name][1:]]


class Choice:
    """What there is to choose from of a customer: one of several, by a number of any size, or none."""

    def pick(self, records, index):
        return records[index % len(records)] if records else records

    def find(self, model, domain, index):
        return self.pick(self.env[model].sudo().search(domain, order="id"), index)

    def move(self, customer, index, *domain):
        domain = [("commercial_partner_id", "=", customer.id), ("move_type", "=", "out_invoice"), *domain]
        return self.find("account.move", [("state", "=", "posted"), *domain], index)

    def lines(self, customer, *domain):
        own = [("partner_id", "=", customer.id), ("account_type", "=", "asset_receivable")]
        own += [("parent_state", "=", "posted"), ("reconciled", "=", False)]
        return self.env["account.move.line"].search([*own, *domain], order="id")

    def line(self, customer, index):
        return self.pick(self.lines(customer, ("balance", ">", 0)), index)

    def plan(self, customer, index, states=("ongoing",)):
        domain = [("partner_id", "=", customer.id), ("state", "in", states)]
        return self.find("account.collection.plan", domain, index)

    def payment(self, customer, index):
        domain = [("partner_id", "=", customer.id), ("state", "in", ("paid", "in_process")), ("move_id", "!=", False)]
        return self.find("account.payment", domain, index)

    def transaction(self, customer, index):
        domain = [("partner_id", "=", customer.id), ("state", "in", ("pending", "authorized"))]
        return self.find("payment.transaction", domain, index)

    def notice(self, customer, index, state):
        own = [("company_id", "=", self.company.id), ("partner_id", "=", customer.id), ("state", "=", state)]
        return self.find("account.dunning.notice", own, index)

    def hold_of(self, customer, index):
        about = ["|", "|", ("partner_id", "=", customer.id), ("move_id.commercial_partner_id", "=", customer.id)]
        about.append(("move_line_id.partner_id", "=", customer.id))
        return self.find("account.dunning.hold", [("ended_on", "=", False), *about], index)


class CompanyEvents:
    """``do_NAME(…)`` lets an event happen to the company."""

    def do_rate(self, rate):
        rates, day = self.env["res.currency.rate"], self.today
        found = rates.search([("currency_id", "=", self.other_currency.id), ("name", "=", day)])
        vals = {"currency_id": self.other_currency.id, "name": day, "company_id": self.company.id, "rate": rate}
        found.write({"rate": rate}) if found else rates.create(vals)

    def do_by_hand(self):
        run = self.runs.create({"company_id": self.company.id, "date": self.today})
        run._start_proposing(self.today)
        self.propose()

    def do_interrupt(self):
        """A night begins and reads nobody; the day after goes on."""
        self.go(1)
        self.runs._start_nightly(self.company)

    def do_cancel_run(self):
        run = self.latest()
        if run.state in ("proposing", "proposed", "issuing", "unfinished"):
            run.action_cancel()

    def do_delete_run(self):
        run = self.latest()
        if not any(notice._is_evidence() for notice in run.notice_ids):
            run.unlink()

    def do_change_level(self, number, name, days):
        level = self.levels[number]
        level.write({"min_days": days} if name == "min_days" else {"days": level.days + days % 3 - 1})

    def do_change_type(self, name, days):
        self.dunning_type[name] = days

    def do_minimum(self, amount):
        self.dunning_type.minimum_amount = amount

    def do_minimum_of_level(self, number, name, amount):
        self.levels[number][name] = amount

    def do_parent_type(self):
        self.settings.parent_type = not self.settings.parent_type

    def do_type_of_tag(self, number):
        self.tag.dunning_type_id = number is not None and self.types[number]

    def do_start_date(self, days):
        self.settings.start_date = self.today - timedelta(days) if days else False

    def do_invoice_types(self):
        entries = self.shipped("invoice_type_entry")
        known = entries in self.settings.invoice_type_ids
        command = fields.Command.unlink if known else fields.Command.link
        self.settings.invoice_type_ids = [command(entries.id)]

    def do_journal(self):
        self.misc.copy({"code": f"M{self.env['account.journal'].search_count([])}"})
