from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.roles import Roles

# The plans in force of some customers, each with the levels up to its own: what one of these sets stays set at the
# levels after it. The strictest level decides, that is the one with the most days.
WANTED = """
    SELECT plan.company_id, plan.partner_id,
           (ARRAY_AGG(plan.id ORDER BY level.days DESC, plan.id) FILTER (WHERE level.credit_stop))[1],
           (ARRAY_AGG(plan.id ORDER BY level.days DESC, plan.id) FILTER (WHERE level.payment_term_id IS NOT NULL))[1],
           (ARRAY_AGG(level.payment_term_id ORDER BY level.days DESC, plan.id)
                FILTER (WHERE level.payment_term_id IS NOT NULL))[1]
      FROM account_collection_plan plan
      JOIN account_dunning_level reached ON reached.id = plan.level_id
      JOIN account_dunning_level level
        ON level.type_id = reached.type_id AND level.days BETWEEN 0 AND reached.days
       AND (level.active OR level.id = reached.id) AND (level.credit_stop OR level.payment_term_id IS NOT NULL)
     WHERE plan.collection_status IS NOT NULL AND plan.company_id = ANY(%s) AND plan.partner_id = ANY(%s)
     GROUP BY 1, 2
"""


class Wanted(NamedTuple):
    """What the plans of a customer ask for: ids, or None."""

    stop_plan_id: int | None = None
    term_plan_id: int | None = None
    payment_term_id: int | None = None


class AccountDunningConsequence(Roles, models.Model):
    """What collection plans have set on one customer of a company: credit stop and payment term (rules §2, §6).

    Both follow from the levels of the plans that are open or unrecovered, never step by step: whatever moves a
    plan calls :meth:`_follow`. What a person changes meanwhile stands, until no plan asks for anything any more.
    The record goes when nothing is set. Only this model writes the payment term of customers.
    """

    _name = "account.dunning.consequence"
    _description = "Consequence of Dunning"
    _order = "id desc"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade", readonly=True
    )
    credit_stop = fields.Boolean(compute="_compute_credit_stop", search="_search_credit_stop")
    by_person = fields.Selection(
        [("stop", "Set by a Person"), ("lift", "Lifted by a Person")],
        string="Credit Stop by Hand",
        readonly=True,
        help="A credit stop set by hand stays when the collection plans are closed. One that is lifted by hand stays "
        "lifted until no collection plan asks for it any more.",
    )
    stop_plan_id = fields.Many2one(
        "account.collection.plan",
        string="Credit Stop by Plan",
        ondelete="set null",
        readonly=True,
        help="The collection plan whose level stops credit.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term", string="Payment Term Set", ondelete="restrict", readonly=True
    )
    term_plan_id = fields.Many2one(
        "account.collection.plan", string="Payment Term by Plan", ondelete="set null", readonly=True
    )
    own_terms = fields.Json(readonly=True, help="The customer's own payment terms, by company: those of the branches.")
    own_payment_term_id = fields.Many2one(
        "account.payment.term",
        compute="_compute_own_payment_term_id",
        help="What the customer had before, and gets again when no collection plan sets a payment term any more.",
    )

    _customer_unique = models.Constraint(
        "UNIQUE (company_id, partner_id)", "The consequences for a customer are kept in one record."
    )

    @api.depends("by_person", "stop_plan_id")
    def _compute_credit_stop(self):
        for consequence in self:
            by_person = consequence.by_person
            consequence.credit_stop = by_person == "stop" or bool(consequence.stop_plan_id and not by_person)

    def _search_credit_stop(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("by_person", "=", "stop") | (
            Domain("stop_plan_id", "!=", False) & Domain("by_person", "=", False)
        )

    @api.depends("own_terms", "company_id")
    def _compute_own_payment_term_id(self):
        for company, consequences in self.grouped("company_id").items():
            for consequence, term in consequences._get_own_terms(company).items():
                consequence.own_payment_term_id = term

    def _get_own_terms(self, company):
        """The payment term that each customer had in ``company``, the record's own or a branch; none where deleted."""
        ids = {consequence: (consequence.own_terms or {}).get(str(company.id)) for consequence in self}
        terms = self.env["account.payment.term"].browse({term_id for term_id in ids.values() if term_id}).exists()
        return {consequence: terms.filtered(lambda term: term.id == ids[consequence]) for consequence in self}  # noqa: B023

    # what is in force

    @api.model
    def _find_stops(self, companies, customers):
        """The records of the credit stops of ``customers``, by (company id, customer id).

        One query where there are no consequences, in SQL: it is asked for each invoice that is confirmed.
        """
        self.flush_model(["company_id", "partner_id"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM account_dunning_consequence WHERE company_id = ANY(%s) AND partner_id = ANY(%s)",
                companies.ids,
                customers.ids,
            )
        )
        # accountants are told the reason only
        stops = self.sudo().browse(row[0] for row in rows).filtered("credit_stop")
        return {(stop.company_id.id, stop.partner_id.id): stop for stop in stops}

    def _get_reason(self):
        """Why credit is stopped, in words."""
        self.ensure_one()
        return self.stop_plan_id._get_standing() if self.stop_plan_id else self.env._("it was set by hand")

    def _get_banner(self, released=False):
        """What customers and draft invoices say about the credit stop; ``released``: the invoice was allowed."""
        self.ensure_one()
        if released:
            return self.env._("Credit stop: %(why)s. A dunning manager allows this invoice.", why=self._get_reason())
        return self.env._("Credit stop: %(why)s. New invoices cannot be confirmed.", why=self._get_reason())

    # by a person

    def action_set_credit_stop(self):
        """Stop credit of the customers."""
        self._as_manager()._choose(True)

    def action_lift_credit_stop(self):
        """Lift the credit stop of the customers."""
        self._as_manager()._choose(False)

    def action_open_customer(self):
        self.ensure_one()
        return self.partner_id._get_records_action()

    def _as_manager(self, refusal=None):
        return super()._as_manager(refusal or self.env._("Only dunning managers may set and lift a credit stop."))

    @api.model
    def _get_for(self, company, customers):
        """The records of ``customers`` in ``company``, a root company; they are made where there are none."""
        found = self.search([("company_id", "=", company.id), ("partner_id", "in", customers.ids)])
        missing = customers - found.partner_id
        return found + self.create([{"company_id": company.id, "partner_id": partner.id} for partner in missing])

    def _choose(self, stop):
        """A person stops credit, or lifts the credit stop; what a person chose before is replaced."""
        notes = {}
        for row in self.filtered(lambda row: row.credit_stop != stop):
            company = row.company_id.name
            text = self.env._("Credit stop lifted by hand (%(company)s).", company=company)
            if stop:
                text = self.env._("Credit stop set by hand (%(company)s).", company=company)
            notes[row] = (row.stop_plan_id, text)
            row.by_person = False if bool(row.stop_plan_id) == stop else ("stop" if stop else "lift")
        self._log(notes)
        self._drop_empty()

    # following the plans

    @api.model
    def _follow(self, plans):
        """Bring what is set on the customers of ``plans`` in line with all their plans.

        A constant number of queries; two where nothing changes.
        """
        if plans:
            # ids only; plans may be of a head office
            self._follow_customers(plans.sudo().company_id, plans.sudo().partner_id)

    @api.model
    def _follow_customers(self, companies, customers):
        """Bring what is set on ``customers`` in ``companies`` in line with their plans; see :meth:`_follow`."""
        rows = self.sudo()  # consequences follow the work: nobody may write them
        wanted = self._get_wanted(companies, customers)
        rows = rows.search([("company_id", "in", companies.ids), ("partner_id", "in", customers.ids)])
        missing = wanted.keys() - {(row.company_id.id, row.partner_id.id) for row in rows}
        rows += rows.create([{"company_id": company, "partner_id": customer} for company, customer in missing])
        rows._apply({row: wanted.get((row.company_id.id, row.partner_id.id), Wanted()) for row in rows})

    @api.model
    def _get_wanted(self, companies, customers):
        """What plans ask for, by (company id, customer id): a :class:`Wanted` for each customer it is asked of."""
        plans, levels = self.env["account.collection.plan"], self.env["account.dunning.level"]
        plans.flush_model(["collection_status", "level_id", "company_id", "partner_id"])
        levels.flush_model(["active", "type_id", "days", "credit_stop", "payment_term_id"])
        rows = self.env.execute_query(SQL(WANTED, companies.ids, customers.ids))
        return {row[:2]: Wanted(*row[2:]) for row in rows}

    def _get_set(self):
        """What is set, as a :class:`Wanted`."""
        self.ensure_one()
        return Wanted(self.stop_plan_id.id or None, self.term_plan_id.id or None, self.payment_term_id.id or None)

    def _apply(self, wanted, why=None):
        """Set what is ``wanted`` (a :class:`Wanted` by record); ``why`` in words, else where the plan stands."""
        before = {row: row._get_set() for row in self}
        changed = self.filtered(lambda row: before[row] != wanted[row])
        stopped = changed.filtered("credit_stop")
        for row in changed:
            lifted = row.by_person == "lift" and not wanted[row].stop_plan_id
            row.write({**wanted[row]._asdict(), **({"by_person": False} if lifted else {})})
        changed._note_stops(stopped, before, why)
        moved = changed.filtered(lambda row: before[row].payment_term_id != wanted[row].payment_term_id)
        moved._set_terms(before, why)
        changed._drop_empty()

    def _note_stops(self, stopped, before, why):
        """Note which credit stops began and ended; ``stopped`` are the records that had one ``before``."""
        notes, plans = {}, self._get_plans("stop_plan_id", before)
        for row in self.filtered(lambda row: plans[row]):
            plan = plans[row]
            values = {"company": row.company_id.name, "why": why or plan._get_standing()}
            if row.credit_stop and row not in stopped:
                notes[row] = (plan, self.env._("Credit stop (%(company)s): %(why)s.", **values))
            elif row in stopped and not row.credit_stop:
                notes[row] = (plan, self.env._("Credit stop ended (%(company)s): %(why)s.", **values))
            elif row.credit_stop and not row.stop_plan_id:
                text = self.env._("The credit stop that was set by hand stays (%(company)s): %(why)s.", **values)
                notes[row] = (plan, text)
        self._log(notes)

    # the payment term

    def _set_terms(self, before, why):
        """Give the customers the payment term that the plans ask for, or their own again, in each branch."""
        for company, rows in self.grouped("company_id").items():
            for branch in self.env["res.company"].search([("id", "child_of", company.id)]):
                terms = rows._write_terms(branch, before)
                if branch == company:
                    rows._note_terms(terms, before, why)
        self.filtered(lambda row: not row.payment_term_id).own_terms = False

    def _write_terms(self, company, before):
        """Write the payment terms of the customers in ``company``, a branch or the record's own.

        What a person has changed since stays. Return the terms that were there and that are there now, by record.
        """
        own = self._get_own_terms(company)
        terms = {}
        for row in self:
            old = row.partner_id.with_company(company).property_payment_term_id
            if not before[row].payment_term_id:
                row.own_terms = {**(row.own_terms or {}), str(company.id): old.id}
            changed_since = before[row].payment_term_id and old.id != before[row].payment_term_id
            terms[row] = (old, old if changed_since else row.payment_term_id or own[row])
        for term, rows in self.grouped(lambda row: terms[row][1]).items():
            customers = rows.filtered(lambda row: terms[row][0] != terms[row][1]).partner_id
            everybody = customers.with_context(active_test=False)
            contacts = everybody.search([("commercial_partner_id", "in", customers.ids)])
            contacts.with_company(company).write({"property_payment_term_id": term.id})
        return terms

    def _note_terms(self, terms, before, why):
        """Note how the payment terms changed: ``terms`` holds the old and the new one by record."""
        notes, plans = {}, self._get_plans("term_plan_id", before)
        for row, (old, new) in terms.items():
            plan = plans[row]
            none = self.env._("none")
            values = {"company": row.company_id.name, "why": why or plan._get_standing()}
            values |= {"old": old.name or none, "new": new.name or none}
            if before[row].payment_term_id and before[row].payment_term_id != old.id:
                text = self.env._(
                    "The payment term “%(old)s” that a person chose stays (%(company)s): %(why)s.", **values
                )
            elif old != new and row.payment_term_id:
                text = self.env._("Payment term “%(new)s” instead of “%(old)s” (%(company)s): %(why)s.", **values)
            elif old != new:
                text = self.env._("Payment term “%(new)s” again instead of “%(old)s” (%(company)s): %(why)s.", **values)
            else:
                continue
            notes[row] = (plan, text)
        self._log(notes)

    # bookkeeping

    def _get_plans(self, field_name, before):
        """The plan of each record (field ``field_name``) that sets something, else the one that did ``before``."""
        ids = {row: row[field_name].id or getattr(before[row], field_name) for row in self}
        plans = {plan.id: plan for plan in self[field_name].browse(filter(None, ids.values()))}
        return {row: plans.get(ids[row], self[field_name].browse()) for row in self}

    def _log(self, notes):
        """Log a text on the customer and on the plan of each record: ``notes`` holds (plan, text) by record."""
        for rows in self.browse(row.id for row in notes).grouped("company_id").values():
            rows.partner_id._message_log_batch(bodies={row.partner_id.id: notes[row][1] for row in rows})
            plans = self.env["account.collection.plan"].concat(*(notes[row][0] for row in rows))
            plans._message_log_batch(bodies={notes[row][0].id: notes[row][1] for row in rows if notes[row][0]})

    def _drop_empty(self):
        """Delete the records that set nothing any more."""
        self.filtered(lambda row: not (row.by_person or row.stop_plan_id or row.payment_term_id)).unlink()
        self.env["res.partner"].invalidate_model(["dunning_credit_stop", "dunning_credit_banner"])

    @api.model
    def _merge(self, src_partners, dst_partner):
        """Before customers are merged: those that go get their own terms again; a stop by hand passes on."""
        # whoever merges customers
        rows = self.sudo().search([("partner_id", "in", src_partners.ids)])
        stopped = rows.filtered(lambda row: row.by_person == "stop").company_id
        rows._take_back(self.env._("the customers are merged"))
        for company in stopped:
            rows._get_for(company, dst_partner).by_person = "stop"

    def _take_back(self, why):
        """Give the customers back what they had, for the reason ``why`` in words, and forget them."""
        self._apply(dict.fromkeys(self, Wanted()), why)
        self.exists().unlink()
