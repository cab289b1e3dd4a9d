from odoo import api, fields, models

from ...tools.bank_returns import find_code
from ..base.names import OPEN_STATES

RETRIES = [
    ("yes", "Yes"),
    ("after", "Once the next step is done"),
    ("no", "Not on the same payment method"),
    ("mandate", "Never without a new mandate"),
]
STEPS = [
    ("none", "Nothing"),
    ("call", "Call the customer"),
    ("iban", "Ask for the right bank account"),
    ("mandate", "Ask for a new mandate"),
    ("method", "Ask for another way to pay"),
    ("check", "Check whether it was collected twice"),
    ("technician", "Have the data put right"),
]


class AccountDunningReturnCode(models.Model):
    """Why a bank returned a payment, as its codes say (ISO 20022, US ACH), and what is done about it."""

    _name = "account.dunning.return.code"
    _description = "Return Code"
    _inherit = ["account.dunning.shipped.mixin"]
    _order = "sequence, code"
    _rec_names_search = ["code", "name"]

    code = fields.Char(required=True, help="As the bank gives it: AM04, MD01, R01 …")
    name = fields.Char(string="Meaning", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    retry = fields.Selection(
        RETRIES,
        string="Charge Again",
        required=True,
        default="no",
        help="Yes: by itself where the customer has saved a payment method and the company has a payment retry among "
        "its actions, else the collector is asked to collect again.\n"
        "Once the next step is done: nothing is charged by itself; the collector is told that he may.\n"
        "Not on the same payment method: payment retries leave out what was saved before the return.\n"
        "Never without a new mandate: besides, the payment method that was charged is archived.",
    )
    retry_max = fields.Integer(string="At Most (times)", default=1, help="How often an item is charged again.")
    retry_days = fields.Integer(
        string="After (days)", help="Days from the return to the first day on which it is charged again."
    )
    retry_within = fields.Integer(
        string="Within (days)", help="Only returns of so many days count for “At Most”. 0: all of them."
    )
    step = fields.Selection(
        STEPS, string="Next Step", required=True, default="call", help="What the collector gets as an activity."
    )
    step_from = fields.Integer(
        string="From the … Return On",
        default=1,
        help="1: at once. 2: only where the item came back for the second time, or cannot be charged again.",
    )
    pause_days = fields.Integer(
        string="Pause (days)", help="Days for which the collection plan is paused after the return. 0: it goes on."
    )

    _code_unique = models.Constraint("UNIQUE (company_id, code)", "There is already a return code of this name.")
    _numbers = models.Constraint(
        "CHECK (COALESCE(retry_max, 0) BETWEEN 0 AND 99 AND COALESCE(retry_days, 0) BETWEEN 0 AND 365"
        " AND COALESCE(retry_within, 0) BETWEEN 0 AND 3650 AND COALESCE(step_from, 1) BETWEEN 1 AND 99"
        " AND COALESCE(pause_days, 0) BETWEEN 0 AND 365)",
        "Numbers of a return code cannot be negative: at most 99 times, 365 days of waiting or pause, and 3650 days in "
        "which returns count.",
    )

    @api.depends("code", "name")
    def _compute_display_name(self):
        for record in self:
            record.display_name = f"{record.code}: {record.name}" if record.code else record.name

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._normalize(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._normalize(vals))

    @api.model
    def _normalize(self, vals):
        """Codes are upper case without blanks, so that they are found in what banks write."""
        return {**vals, "code": "".join(vals["code"].split()).upper()} if vals.get("code") else vals

    @api.model
    def _get_all_of(self, company):
        """The codes of a root ``company``, by what the bank writes."""
        return {record.code: record for record in self.search([("company_id", "=", company.id)])}

    @api.model
    def _find_in(self, text, company):
        """The code of a root ``company`` that stands in ``text`` (one record, or none)."""
        codes = self._get_all_of(company)
        return codes.get(find_code(text, codes), self.browse())

    def _may_retry(self, count):
        """Whether what came back for the ``count``-th time may be charged again; without a code it may."""
        return not self or (self.retry in ("yes", "after") and count <= self.retry_max)

    def _get_retry_day(self, day, count):
        """The first day on which what came back on ``day`` may be charged again, or False."""
        return self._may_retry(count) and fields.Date.add(day, days=self.retry_days if self.retry == "yes" else 0)

    def _get_retry_text(self, count):
        """What the code says about charging again, in words; none where there is no code."""
        if not self:
            return ""
        texts = {
            "yes": self.env._("may be charged again, %(count)s of at most %(max)s times"),
            "after": self.env._("may be charged again after that, %(count)s of at most %(max)s times"),
            "no": self.env._("not to be charged again on the same payment method"),
            "mandate": self.env._("never to be charged again without a new mandate"),
        }
        if self.retry in ("yes", "after") and not self._may_retry(count):
            return self.env._("not to be charged again: it came back %(count)s times", count=count)
        return texts[self.retry] % {"count": count, "max": self.retry_max}

    def _get_summary(self):
        """What follows of a first return, in words; none where there is no code."""
        if not self:
            return ""
        steps = dict(self._fields["step"]._description_selection(self.env))
        parts = [self._get_retry_text(1)]
        if self.step_from <= 1:
            parts.append(steps[self.step])
        if self.pause_days:
            parts.append(self.env._("pause of %(days)s days", days=self.pause_days))
        return " · ".join(parts)

    def _get_step_text(self, why):
        """The next step in words, for the activity; without a code it is a call."""
        texts = {
            "call": self.env._("Call: a payment came back (%(why)s)"),
            "iban": self.env._("Ask for the right bank account: a payment came back (%(why)s)"),
            "mandate": self.env._("Ask for a new mandate: a payment came back (%(why)s)"),
            "method": self.env._("Ask for another way to pay: a payment came back (%(why)s)"),
            "check": self.env._("Check whether it was collected twice: a payment came back (%(why)s)"),
            "technician": self.env._("Have the data put right: a payment came back (%(why)s)"),
        }
        return texts.get(self.step or "call", texts["call"]) % {"why": why}

    def _asks_for_step(self, count):
        """Whether somebody has to do something after the ``count``-th return."""
        if not self:
            return True
        return self.step != "none" and (count >= self.step_from or not self._may_retry(count))

    def _get_activity_type(self):
        """The external id of the activity's type."""
        return "mail.mail_activity_data_call" if not self or self.step == "call" else "mail.mail_activity_data_todo"

    def _stop_customers(self, lines, why):
        """Stop all dunning of the customers of ``lines`` where the code says so. Hook.

        :return: the lines of the customers who are still pursued
        """
        return lines

    def _pause_plans(self, plans, day):
        """Pause the ``plans`` that go on, from ``day``, the bank's, for as long as the code says."""
        until = self.pause_days and fields.Date.add(day, days=self.pause_days)
        for company, group in plans.grouped("company_id").items():
            if until and until > company._dunning_today():
                going_on = group.filtered(lambda plan: plan.state in OPEN_STATES and plan.state != "paused")
                if going_on:
                    going_on._pause(self.env["account.dunning.reason"], until)
