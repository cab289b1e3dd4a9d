from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tools import ormcache
from odoo.tools.safe_eval import safe_eval

from .roles import Roles

MODULE = "account_dunning"


def colleagues(company):
    """Domain of the internal users of a company, for a field: ``company`` names what holds the company's id there."""
    near = f"'|', ('company_ids', 'child_of', {company}), ('company_ids', 'parent_of', {company})"
    return f"[('share', '=', False), {near}]"


def find_named(field, value):
    """The records that a client names by ``value`` for a relational field: pairs of an id, or None, and values.

    An id is whatever the ORM takes for one: a number, its digits, the ``id`` of a dict.
    """
    commands = value if isinstance(value, (list, tuple)) and field.type != "many2one" else [value]
    for command in commands:
        if isinstance(command, dict):
            yield to_id(command.get("id")), command
        elif not isinstance(command, (list, tuple)):
            yield to_id(command), {}
        elif command[0] == Command.SET:
            yield from ((to_id(part), {}) for part in command[2] or ())
        elif command[0] in (Command.CREATE, Command.UPDATE, Command.LINK):
            inner = command[2] if len(command) > 2 and isinstance(command[2], dict) else {}
            yield None if command[0] == Command.CREATE else to_id(command[1]), inner


def to_id(part):
    """The id that the ORM makes of a value, or None."""
    digits = isinstance(part, str) and part.isdecimal()
    return int(part) if digits or (isinstance(part, (int, float)) and not isinstance(part, bool)) else None


class Writable(NamedTuple):
    """The fields of a model that people may write, and those that they may give only when they make a record."""

    always: frozenset
    when_made: frozenset = frozenset()


def these(always="", when_made=""):
    return Writable(frozenset(always.split()), frozenset(when_made.split()))


# What is settings, or asked for by a dialog: all fields that are not read-only by their definition.
EDITABLE = None

# Who may read and write at all, is said by the access rights and rules; which fields, by this table (rules §9). The
# fields of other modules are their business. A model that is missing here has no field that people may write.
WRITABLE = {
    "account.collection.case": these("user_id phone email dunning_contact_id"),
    "account.collection.plan": these("user_id customer_phone customer_email"),
    "account.dunning.contact": these("note"),
    "account.dunning.experiment": these(
        "name type_a_id type_b_id partner_domain category_ids date_from date_to days", when_made="company_id"
    ),
    "account.dunning.hold": these(
        "amount extent reason_id note user_id date_from date_until review_date",
        when_made="company_id partner_id move_id move_line_id",
    ),
    "account.dunning.run": these(
        "date type_ids level_ids partner_ids include_disputed",
        when_made="company_id",
    ),
    "account.dunning.action": EDITABLE,
    "account.dunning.balance": EDITABLE,
    "account.dunning.fee.band": EDITABLE,
    "account.dunning.interest.rate": EDITABLE,
    "account.dunning.interest.rate.line": EDITABLE,
    "account.dunning.invoice.type": EDITABLE,
    "account.dunning.level": EDITABLE,
    "account.dunning.outcome": EDITABLE,
    "account.dunning.law": these("active"),
    "account.dunning.reason": EDITABLE,
    "account.dunning.reference.rate": these(when_made="series_id valid_from percent source checked_on company_id"),
    "account.dunning.return.code": EDITABLE,
    "account.dunning.score.rule": EDITABLE,
    "account.dunning.simulation": these("name date_from date_to payments letter_cost type_ids", when_made="company_id"),
    "account.dunning.simulation.level": these(
        "name days min_days deadline_days min_balance min_amount min_share repeat_every repeat_max document interest"
        " fee_kind fee_amount fee_percent fee_minimum fee_maximum fee_per",
        when_made="simulation_type_id level_id",
    ),
    "account.dunning.simulation.type": these(
        "escalation grace_days minimum_amount min_days_between posting_days level_ids",
        when_made="simulation_id type_id",
    ),
    "account.dunning.start": these("step level_id start_date"),
    "account.dunning.target": EDITABLE,
    "account.dunning.type": EDITABLE,
    # dialogs; what they are about comes with the button that opens them
    "account.collection.plan.change": these(
        "reason_id note date type_id level_id agency_id at_once", when_made="kind plan_ids company_id"
    ),
    "account.dunning.credit.loss": these("snapshot_id factor", when_made="company_id"),
    "account.dunning.dispute": these("item_ids reason_id part user_id review_date note", when_made="company_id"),
    "account.dunning.exclude": EDITABLE,
    "account.dunning.first": these(when_made="notice_ids"),
    "account.dunning.hold.end": these("outcome note", when_made="hold_ids"),
    "account.dunning.import": EDITABLE,
    "account.dunning.log": these(
        "item_ids outcome_id direction channel person_id number note duration call_back_at instalments first_percent"
        " part_ids confirm reason_id disputed_amount review_date",
        when_made="case_id",
    ),
    "account.dunning.log.part": these("date amount", when_made="log_id"),
    "account.dunning.more": these(when_made="case_id item_ids"),
    "account.dunning.move.level": EDITABLE,
    "account.dunning.print.export": these("colour duplex"),
    "account.dunning.remind": these(),
    "account.dunning.resend": these("email_to email_cc subject body", when_made="notice_ids"),
    "account.dunning.reset.day": these("reason", when_made="run_id"),
    "account.dunning.return": these(
        "date reason code_id fee fee_account_id", when_made="payment_ids move_ids company_id"
    ),
    "account.dunning.return.file": these("file filename text", when_made="company_id"),
    "account.dunning.send": these(
        "item_ids way kind recipient_ids cc subject body with_statement with_copies", when_made="case_id"
    ),
    "account.dunning.settings": EDITABLE,
    "account.dunning.skip": these("until reason", when_made="case_ids"),
    "account.dunning.takeover": these("source", when_made="company_id"),
    "account.dunning.waive": EDITABLE,
    "account.dunning.why": these("date"),
    "account.dunning.write.off": these("date journal_id reason account_id tax", when_made="company_id plan_ids"),
    "account.dunning.write.off.end": these("date journal_id reason kind account_id", when_made="company_id plan_id"),
    # the module's fields on models of Odoo
    "account.move": these("dunning_type_id dunning_ground dunning_proof"),
    "res.partner": these(
        "dunning_type_id dunning_contact_id dunning_user_id dunning_kind_set dunning_ground dunning_law_country_id"
        " dunning_law_reason dunning_oioubl"
    ),
    "res.partner.category": these("dunning_type_id"),
}


class AccountDunningGuard(Roles, models.AbstractModel):
    """Lets people write the fields that are theirs, whatever the views show: the others follow the work.

    What the module itself writes, it writes as superuser. A context can give defaults to the same fields only.
    """

    _name = "account.dunning.guard"
    _description = "Guard of Dunning's Fields"

    @api.model
    @ormcache("self._name", "making")
    def _get_closed_fields(self, making):
        """The names of the module's fields that people may not write, or with ``making`` not give to new records."""
        own = {name for name, field in self._fields.items() if MODULE in field._modules}
        return frozenset(own.difference(MAGIC_COLUMNS, self._get_people_fields(making)))

    @api.model
    def _get_people_fields(self, making):
        """The names of the module's fields that people may write; ``making``: give to a record they make. Hook."""
        rights = WRITABLE.get(self._name, these())
        if rights is EDITABLE:
            return {name for name, field in self._fields.items() if not field.readonly}
        return rights.always | rights.when_made if making else rights.always

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        closed = self._get_closed_fields(True)
        for vals in vals_list:
            self._refuse_closed(closed, vals)
            self._refuse_unseen(vals)
        defaults = [key for key in self.env.context if key.startswith("default_") and key[8:] in closed]
        if not defaults:
            return super().create(vals_list)
        context = {key: value for key, value in self.env.context.items() if key not in defaults}
        records = self.with_context(context)  # pylint: disable=context-overridden
        return super(AccountDunningGuard, records).create(vals_list).with_env(self.env)

    def write(self, vals):
        if not self.env.su:
            self._refuse_closed(self._get_closed_fields(False), vals)
            self._refuse_unseen(vals)
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        """Compute a form only of records that the user may read: a client can name any."""
        if not self.env.su:
            self._refuse_unseen(values)
        return super().onchange(values, field_names, fields_spec)

    # what people may choose

    @api.model
    def _get_choices(self):
        """The module's stored fields that refer to a record and have a domain."""
        return [
            name
            for name, field in self._fields.items()
            if field.type == "many2one" and field.domain and field.store and not field.related
            if MODULE in field._modules
        ]

    @api.constrains(lambda self: self._get_choices())
    def _check_choices(self):
        """The domain of a field says what may be chosen: the views offer that, and nothing else is taken."""
        for name in self._get_choices():
            for record in self.sudo().filtered(name):  # a constraint sees all
                if not record[name].filtered_domain(record._get_choice_domain(name)):
                    shown = record._description if record._transient else record.display_name
                    raise ValidationError(
                        record.env._(
                            "“%(value)s” cannot be chosen as “%(field)s” of %(record)s.",
                            value=record[name].display_name,
                            field=self._fields[name]._description_string(record.env),
                            record=shown or record._description,
                        )
                    )

    def _get_choice_domain(self, name):
        """The domain of the field ``name`` for this record, with the names that a web client gives it."""
        domain = self._fields[name].domain
        if callable(domain):
            domain = domain(self)
        if isinstance(domain, str):
            code = compile(domain, name, "eval")
            domain = safe_eval(domain, {used: self._get_choice_value(used) for used in code.co_names})
        return domain

    def _get_choice_value(self, name):
        if name not in self._fields:
            return {"uid": self.env.uid, "current_company_id": self.env.company.id}[name]
        field, value = self._fields[name], self[name]
        if not field.relational:
            return value
        return value.id if field.type == "many2one" else value.ids

    def _refuse_unseen(self, vals):
        """Refuse values that name records which the user may not read.

        Records that the field has already may stay, since the superuser may have computed them. This is for models of
        the module: those of Odoo have their own rules for what comes with a copy.
        """
        if not self._name.startswith(("account.dunning.", "account.collection.")):
            return
        for name, value in vals.items():
            field = self._fields.get(name)
            if field and field.relational and MODULE in field._modules:
                known = self.sudo()[name].ids if self.ids else ()  # ids only
                named, records = list(find_named(field, value)), self.env[field.comodel_name]
                ids = {record_id for record_id, _inner in named if record_id}
                records.browse(ids.difference(known)).check_access("read")
                if isinstance(records, AccountDunningGuard):
                    for record_id, inner in named:
                        records.browse(record_id or ())._refuse_unseen(inner)

    def _refuse_closed(self, closed, vals):
        """Refuse values for fields that are among the ``closed``."""
        if not closed.isdisjoint(vals):
            labels = sorted(self._fields[name]._description_string(self.env) for name in closed.intersection(vals))
            raise AccessError(
                self.env._(
                    "%(model)s: “%(fields)s” follows the work of dunning; nobody can change it.",
                    model=self.env["ir.model"]._get(self._name).name,
                    fields="”, “".join(labels),
                )
            )
