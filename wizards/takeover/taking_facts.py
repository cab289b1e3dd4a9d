"""What is said of customers and invoices: types, collectors, holds, promises, notes, activities, contacts."""

from datetime import datetime, time

from markupsafe import Markup, escape

from odoo.exceptions import UserError
from odoo.fields import Date, Domain
from odoo.tools import format_date

REVIEW_DAYS = 30  # a hold that came over is looked at again: nothing is forgotten for ever
BEFORE_ITEMS = ("customer_type", "invoice_type", "collector")
PLURALS = {"activity": "activities"}
AFTER_ITEMS = ("hold", "dispute", "promise", "note", "activity", "contact")


class TakingFacts:
    """Writes facts, all of a kind together."""

    def take_facts(self, kinds):
        for kind in kinds:
            facts = [fact for fact in self.found.facts if fact.kind == kind]
            facts = [fact for fact in facts if not self.rows.is_done(kind, fact.table, fact.id)]
            if facts:
                getattr(self, f"take_{PLURALS.get(kind, kind + 's')}")(facts)

    def note(self, fact, word=None, record=None, **values):
        self.rows.add(fact.kind, fact.table, fact.id, fact.name, word, record, partner_id=fact.partner_id, **values)

    # types and collectors

    def take_customer_types(self, facts):
        partners = self.env["res.partner"].browse([fact.partner_id for fact in facts])
        self.give_types(facts, partners.with_company(self.company))

    def take_invoice_types(self, facts):
        self.give_types(facts, self.env["account.move"].browse([fact.move_id for fact in facts]))

    def give_types(self, facts, records):
        """Give each of the ``records``, in the order of the ``facts``, its type, unless it has one."""
        groups = {}
        for fact, record in zip(facts, records, strict=True):
            wanted, present = self.types.get(fact.value), record.dunning_type_id
            if not wanted:
                why = self.refused.get(fact.value) or self.env._("It is of another company.")
                self.note(fact, self.env._("Its type was not taken over: %(why)s", why=why))
            elif present and present != wanted:
                self.note(fact, self.env._("It has the type “%(type)s” here, and keeps it.", type=present.name))
            elif not wanted.active:
                self.note(fact, self.env._("The type “%(type)s” is archived.", type=wanted.name))
            else:
                groups.setdefault(wanted, records.browse())
                groups[wanted] += record
                self.note(fact, record=record, became=wanted.name)
        for wanted, group in groups.items():
            group.dunning_type_id = wanted

    def take_collectors(self, facts):
        partners = self.env["res.partner"].with_company(self.company).browse([fact.partner_id for fact in facts])
        domain = Domain(partners[:1]._get_choice_domain("dunning_user_id"))
        users = self.env["res.users"].browse({fact.value for fact in facts}).exists()
        able = set(users.filtered("active").filtered_domain(domain).ids)
        groups = {}
        for fact, partner in zip(facts, partners, strict=True):
            present = partner.dunning_user_id
            if fact.value not in able:
                self.note(fact, self.env._("That user is not active, or does not work in this company."))
            elif present and present.id != fact.value:
                self.note(fact, self.env._("“%(user)s” is the collector here, and stays so.", user=present.name))
            else:
                groups[fact.value] = groups.get(fact.value, partners.browse()) + partner
                name = self.env["res.users"].browse(fact.value).name
                self.note(fact, record=partner, became=name)
        for user_id, group in groups.items():
            group.dunning_user_id = user_id

    # holds and promises

    def take_holds(self, facts):
        self.hold(facts, self.get_reason(self.env._("Taken over: not dunned there")))

    def take_disputes(self, facts):
        self.hold(facts, self.env["account.dunning.reason"]._get_for("reason_dispute", self.company))

    def get_reason(self, name):
        """The reason of this name that the company has; it is made where there is none."""
        reasons = self.env["account.dunning.reason"].with_context(active_test=False)
        found = reasons.search([("company_id", "=", self.company.id), ("name", "=", name)], limit=1)
        values = {"name": name, "company_id": self.company.id, "review_days": REVIEW_DAYS}
        return found or reasons.create(values)

    def hold(self, facts, reason):
        """Put customers and invoices on hold, once each, unless they are."""
        holds, today = self.env["account.dunning.hold"], self.company._dunning_today()
        active = holds.search([("company_id", "=", self.company.id), ("ended_on", "=", False)])
        held = {(hold.partner_id.id, hold.move_id.id) for hold in active if not hold.amount}
        wanted = []
        for fact in facts:
            target = (False, fact.move_id) if fact.move_id else (fact.partner_id, False)
            if target in held:
                self.note(fact, self.env._("It is on hold here already."))
                continue
            held.add(target)
            wanted.append((fact, target))
        created = holds.create(
            [
                {
                    "company_id": self.company.id,
                    "partner_id": partner_id,
                    "move_id": move_id,
                    "reason_id": reason.id,
                    "note": fact.value,
                    "date_from": today,
                    "review_date": Date.add(today, days=reason.review_days or REVIEW_DAYS),
                }
                for fact, (partner_id, move_id) in wanted
            ]
        )
        for (fact, _target), hold in zip(wanted, created, strict=True):
            became = self.env._("On hold: %(reason)s. %(note)s", reason=reason.name, note=fact.value)
            self.note(fact, record=hold, became=became)

    def take_promises(self, facts):
        """Promises of a day: those that are past, or that cover nothing, are listed."""
        cases = self.get_cases(facts)
        for fact in facts:
            day, amount = fact.value
            case = cases[fact.partner_id]
            items = case._get_overdue_items().filtered(lambda line: line.currency_id == self.company.currency_id)
            amount = amount or sum(items.mapped("amount_residual_currency"))
            promises = self.env["account.dunning.promise"]
            try:
                promises._check_parts(self.company, items, [(day, amount)])
            except UserError as error:
                self.note(fact, str(error))
            else:
                promise = promises._make(case, items, [(day, amount)], user_id=self.env.uid)
                self.note(fact, record=promise, became=promise.name)

    def get_cases(self, facts):
        """The cases of the customers that ``facts`` are about, by customer id; missing ones are opened."""
        partners = self.env["res.partner"].browse({fact.partner_id for fact in facts})
        cases = self.env["account.collection.case"]._get_for(self.company, partners)
        return {case.partner_id.id: case for case in cases}

    # what people wrote

    def take_notes(self, facts):
        """Notes go to the chatter of the customer, where all who work with him read them."""
        title = self.env._("Note from %(title)s", title=self.source.title)
        bodies = {
            fact.partner_id: Markup("<p><b>{}</b><br>{}</p>").format(
                title, Markup("<br>").join(fact.value.splitlines())
            )
            for fact in facts
        }
        partners = self.env["res.partner"].browse(bodies)
        partners._message_log_batch(bodies=bodies)
        for fact, partner in zip(facts, partners, strict=True):
            self.note(fact, record=partner, became=self.env._("Note in the customer's chatter"))

    def take_activities(self, facts):
        """What was to be done next: an activity of the customer, of which nobody is told by e-mail."""
        users = self.env["res.users"].browse({fact.value[2] for fact in facts if fact.value[2]}).exists()
        users = set(users.filtered(lambda user: user.active and not user.share).ids)
        todo = self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False)
        model_id = self.env["ir.model"]._get_id("res.partner")
        values = [
            {
                "res_model_id": model_id,
                "res_id": fact.partner_id,
                "activity_type_id": todo.id if todo else False,
                "summary": (fact.value[0] or self.env._("Next action")).strip().splitlines()[0],
                "note": escape(fact.value[0] or ""),
                "date_deadline": fact.value[1] or self.company._dunning_today(),
                "user_id": fact.value[2] if fact.value[2] in users else self.env.uid,
            }
            for fact in facts
        ]
        activities = self.env["mail.activity"].create(values)
        for fact, activity in zip(facts, activities, strict=True):
            word = None if fact.value[1] else self.env._("It has no day there: it is due today.")
            self.note(fact, word, activity, became=self.env._("Activity: %(summary)s", summary=activity.summary))

    def take_contacts(self, facts):
        """Calls go to the log of contacts, with an outcome that says nothing more."""
        cases = self.get_cases(facts)
        outcome = self.get_outcome()
        users = set(self.env["res.users"].browse({fact.value[1] for fact in facts if fact.value[1]}).exists().ids)
        contacts = self.env["account.dunning.contact"].create(
            [
                {
                    "case_id": cases[fact.partner_id].id,
                    "user_id": fact.value[1] if fact.value[1] in users else self.env.uid,
                    "at": datetime.combine(fact.value[0], time(12)),
                    "day": fact.value[0],
                    "channel": "call",
                    "outcome_id": outcome.id,
                    "note": fact.value[2],
                }
                for fact in facts
            ]
        )
        for fact, contact in zip(facts, contacts, strict=True):
            day = format_date(self.env, contact.day)
            self.note(fact, record=contact, became=self.env._("Call of %(date)s", date=day))

    def get_outcome(self):
        """An outcome of which nothing follows; it is made where there is none."""
        outcomes = self.env["account.dunning.outcome"].with_context(active_test=False)
        name = self.env._("Taken over")
        own = [("company_id", "=", self.company.id), ("name", "=", name)]
        return outcomes.search(own, limit=1) or outcomes.create({"name": name, "company_id": self.company.id})
