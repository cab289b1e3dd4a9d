import re

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import is_html_empty

from ...engine import Level
from ...tools.given import given
from ...tools.html_by_language import HtmlByLanguage
from .level_languages import LevelLanguages

PLACEHOLDER = re.compile(r"\{\s*(\w*)\s*\}")
PLACEHOLDERS = (
    "customer",
    "company",
    "number",
    "date",
    "level",
    "total",
    "charges",
    "deadline",
    "oldest_due_date",
    "days_overdue",
    "collector",
)


class AccountDunningLevel(LevelLanguages, models.Model):
    _name = "account.dunning.level"
    _description = "Dunning Level"
    _inherit = ["account.dunning.guard"]
    _order = "type_id, days, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, help="Stands as the heading on the letter and in the e-mail.")
    active = fields.Boolean(default=True)
    type_id = fields.Many2one(
        "account.dunning.type", string="Dunning Type", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="type_id.company_id", store=True, index=True)
    reminder = fields.Boolean(
        string="Reminder Before Due",
        default=False,
        help="A friendly message before the due date. It is no level to be reached and opens no collection plan.",
    )
    days = fields.Integer(
        string="Days After Due",
        required=True,
        aggregator=None,
        help="The level is due when an item is overdue by this many days. Negative for a reminder before the due date.",
    )
    min_days = fields.Integer(
        string="Minimum Days Since Last Notice",
        default=7,
        aggregator=None,
        help="An item that was dunned before waits at least this many days. A first notice waits for nothing.",
    )
    deadline_days = fields.Integer(
        string="Payment Deadline (days)",
        default=7,
        aggregator=None,
        help="The notice asks to pay within this many days. The next level, and a repetition, never comes before "
        "the day after.",
    )
    currency_id = fields.Many2one(related="type_id.currency_id")
    min_balance = fields.Monetary(
        string="Minimum Balance",
        help="A customer who owes less than this overdue stays at the level before; the level is not skipped.",
    )
    min_amount = fields.Monetary(
        string="Minimum at This Level",
        help="What must be overdue at this level or above, net of credits. Where it is less, the items get the level "
        "before.",
    )
    min_share = fields.Float(
        string="Minimum Share (%)",
        digits=(5, 2),
        aggregator=None,
        help="The least percentage of all that the customer has open that must be overdue at this level or above. "
        "Where it is less, the items get the level before.",
    )
    repeat_every = fields.Integer(
        string="Repeat Every (days)",
        aggregator=None,
        help="Send the notice of this level again every so many days while no higher level is due. 0: never.",
    )
    repeat_max = fields.Integer(string="Repeat at Most (times)", default=1)
    document = fields.Selection(
        [
            ("email", "E-mail"),
            ("letter", "Letter"),
            ("email_letter", "E-mail, else Letter"),
            ("none", "No Document"),
        ],
        required=True,
        default="email_letter",
        help="E-mail: a letter where no e-mail address is known; an e-mail that cannot be delivered is left to "
        "a person.\n"
        "E-mail, else Letter: as before, but an e-mail that cannot be delivered becomes a letter by itself.\n"
        "No Document: only the actions of the level are started.",
    )
    manual_release = fields.Boolean(
        string="Released by a Person Only",
        help="Notices of this level wait for a person even where notices are issued automatically. "
        "The default for the last level of a type.",
    )
    text = HtmlByLanguage(
        string="Letter Text",
        translate=True,
        sanitize_style=True,
        help="Stands above the table of the letter and in the e-mail. Placeholders in braces are filled in: "
        "{customer}, {company}, {number}, {date}, {level}, {total}, {charges}, {deadline}, {oldest_due_date}, "
        "{days_overdue}, {collector}.",
    )
    text_below = HtmlByLanguage(
        string="Text Below the Table", translate=True, sanitize_style=True, help="With the same placeholders."
    )
    languages = fields.Char(compute="_compute_languages", help="The languages in which the letter is written.")
    missing_languages = fields.Char(
        string="Not Written In",
        compute="_compute_languages",
        help="Letters to customers of these languages have the English text. To write one of their own, switch to the "
        "language in your preferences, or use the button of the text.",
    )

    # Checked at the commit, so that two levels can swap their days; _check_days gives the message long before.
    _days_exclusion = models.Constraint(
        "EXCLUDE USING btree (type_id WITH =, days WITH =) WHERE (active) DEFERRABLE INITIALLY DEFERRED",
        "Two levels of one dunning type cannot be due on the same day.",
    )
    _days_sign = models.Constraint(
        "CHECK (COALESCE(reminder, FALSE) = (days < 0))",
        "Only a reminder has negative days after due, and a reminder must have them.",
    )
    _times = models.Constraint(
        "CHECK (min_days >= 0 AND deadline_days >= 0 AND repeat_every >= 0 AND (repeat_every = 0 OR repeat_max > 0)"
        " AND LEAST(COALESCE(min_balance, 0), COALESCE(min_amount, 0)) >= 0)",
        "Days and minimum amounts cannot be negative, and a level that is repeated must be repeated at least once.",
    )
    _share = models.Constraint(
        "CHECK (COALESCE(min_share, 0) BETWEEN 0 AND 100)", "The minimum share of a level is between 0 and 100 percent."
    )

    _bounds = models.Constraint(
        "CHECK (days BETWEEN -3650 AND 3650 AND GREATEST(min_days, deadline_days, repeat_every) <= 3650"
        " AND COALESCE(repeat_max, 0) BETWEEN 0 AND 1000)",
        "The days of a level cannot be more than 3650 (ten years), nor can it be repeated more than 1000 times.",
    )

    @api.onchange("reminder")
    def _onchange_reminder(self):
        if self.reminder != (self.days < 0):
            self.days = -self.days or (-3 if self.reminder else 0)
        if self.reminder:
            self.update(self._get_reminder_blanks())

    @api.model
    def _get_reminder_blanks(self):
        """What the form clears where a level becomes a reminder, since a reminder has no collection plan. Hook."""
        return {}

    def _does_more(self):
        """True where the level does something besides what it sends. Hook."""
        self.ensure_one()
        return False

    @api.onchange("days")
    def _onchange_days(self):
        others = self.type_id.level_ids.filtered("active") - self - self._origin
        self.manual_release = self.days > max(others.mapped("days"), default=self.days)

    @api.model_create_multi
    def create(self, vals_list):
        """The last level of a type is released by a person only, unless the values say otherwise."""
        levels = super().create(vals_list)
        for level, vals in zip(levels, vals_list, strict=True):
            if "manual_release" not in vals:
                level.manual_release = level == level.type_id.level_ids.sorted("days")[-1:]
        return levels

    @api.constrains("reminder", "document", "active")
    def _check_reminder(self):
        """A reminder does nothing besides what it sends, so it has a document."""
        for level in self.filtered(lambda level: level.active and level.reminder):
            if level.document == "none":
                raise ValidationError(
                    self.env._(
                        "The reminder “%(level)s” has nothing to send. Choose a document for it.", level=level.name
                    )
                )

    @api.constrains("document", "text", "text_below", "active")
    def _check_content(self):
        for level in self.filtered("active"):
            if level.document == "none" and not level._does_more():
                raise ValidationError(
                    self.env._(
                        "The level “%(level)s” sends no document, starts no action and sets nothing. "
                        "Choose a document, or add an action or a consequence.",
                        level=level.name,
                    )
                )
            if level.document != "none" and is_html_empty(level.text):
                raise ValidationError(
                    self.env._(
                        "The level “%(level)s” has no text. Write what the letter says, or choose “No Document”.",
                        level=level.name,
                    )
                )
            level._check_placeholders(level.text)
            level._check_placeholders(level.text_below)

    @api.model
    def _get_placeholders(self):
        """The names that texts may have in braces; the notice gives their values. Hook."""
        return PLACEHOLDERS

    def _check_placeholders(self, text):
        known = self._get_placeholders()
        unknown = [name for name in PLACEHOLDER.findall(text or "") if name not in known]
        if unknown:
            raise ValidationError(
                self.env._(
                    "The text of the level “%(level)s” has the unknown placeholder %(unknown)s. "
                    "Possible are: %(known)s.",
                    level=self.name,
                    unknown=", ".join(f"{{{name}}}" for name in unknown),
                    known=", ".join(f"{{{name}}}" for name in known),
                )
            )

    @api.constrains("type_id", "days", "active")
    def _check_days(self):
        """Where a type is saved with its levels, it checks them itself when all are written."""
        if not given(self.env, "dunning_saves_type"):
            self._refuse_same_days()

    def _refuse_same_days(self):
        """Refuse two active levels of one type on the same day."""
        # a constraint sees all
        groups = self.sudo()._read_group(
            [("type_id", "in", self.type_id.ids), ("active", "=", True)],
            ["type_id", "days"],
            having=[("__count", ">", 1)],
        )
        for dunning_type, days in groups:
            raise ValidationError(
                self.env._(
                    "Two levels of the dunning type “%(type)s” are due on the same day (%(days)s days after the due "
                    "date). Give them different days.",
                    type=dunning_type.name,
                    days=days,
                )
            )

    @api.constrains("type_id", "active", "reminder")
    def _check_type(self):
        self.type_id._check_levels()

    def unlink(self):
        types = self.type_id
        result = super().unlink()
        types.exists()._check_levels()
        return result

    def _refuse_used(self, model):
        """Refuse to delete levels that records of ``model`` have as their ``level_id``."""
        # what is in use anywhere stays
        used = self.env[model].sudo().search([("level_id", "in", self.ids)], limit=1)
        if level := used.level_id:
            raise UserError(
                self.env._(
                    "The level “%(level)s” was used in notices and cannot be deleted. Archive it instead: "
                    "the items at this level go on with the next one.",
                    level=level.name,
                )
            )

    def _get_printed_days(self):
        """The days to pay that a notice of the level prints; 0 where it has no document."""
        self.ensure_one()
        return 0 if self.document == "none" else self.deadline_days

    def _to_rule(self):
        """The level as a value of the engine."""
        self.ensure_one()
        return Level(
            id=self.id,
            days=self.days,
            min_days=self.min_days,
            repeat_every=self.repeat_every,
            repeat_max=self.repeat_max,
            min_balance=self.min_balance,
            min_amount=self.min_amount,
            min_share=self.min_share,
            deadline_days=self._get_printed_days(),
        )

    @api.model
    def _fill_placeholders(self, text, values):
        """Fill ``values`` (strings by placeholder, see :meth:`_get_placeholders`) into the HTML ``text``.

        Values are escaped; a placeholder without a value stays as it is.
        """

        def fill(match):
            name = match[1]
            return str(escape(values[name])) if name in values else match[0]

        return Markup(PLACEHOLDER.sub(fill, str(text or "")))
