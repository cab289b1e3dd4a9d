from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, ormcache

from ...tools.pdf.images import drop_foreign_images
from ...tools.shipped import get_record
from .level_sms import LevelSms

MAIL_TEMPLATE = "account_dunning.mail_template_dunning_notice"
SECTIONS = ("due", "not_due", "credit")


class AccountDunningLevel(LevelSms, models.Model):
    """What the letter of a level shows besides the dunned items, and how it is printed."""

    _inherit = "account.dunning.level"

    attach_invoices = fields.Boolean(help="The e-mail carries the existing PDFs of the dunned invoices too.")
    mail_template_id = fields.Many2one(
        "mail.template",
        string="E-mail Template",
        domain=[("model", "=", "account.dunning.notice")],
        default=lambda self: self.env.ref(MAIL_TEMPLATE, raise_if_not_found=False),
    )
    sms = fields.Selection(
        [("none", "None"), ("link", "With the link to the customer's page")],
        string="Text Message",
        required=True,
        default="none",
        help="Sent besides the document once the notice has left, as soon as the customer may be reached: see “When "
        "Customers Are Reached” in the dunning settings. It does not say what is owed.",
    )
    sms_text = fields.Char(
        string="Words of the Text Message",
        translate=True,
        help="{company}, {customer} and {link} are filled in. Empty: the usual words, in the customer's language.",
    )
    sms_usual = fields.Char(compute="_compute_sms_usual")
    show_due = fields.Boolean(
        string="Show All Due Items",
        help="The letter lists what else of the customer is due, outside its total. What is on hold is left out.",
    )
    show_not_due = fields.Boolean(
        string="Show Items Not Yet Due", help="The letter lists what will fall due, outside its total."
    )
    show_credits = fields.Boolean(
        string="Show Credits One by One",
        help="Credit notes and unallocated payments are negative lines on the letter. Otherwise their sum is.",
    )
    statement = fields.Boolean(
        string="Statement of Account",
        help="The letter lists all open items and payments of the customer in its currency, also those on hold, and "
        "the balance of the account.",
    )
    report_id = fields.Many2one(
        "ir.actions.report",
        string="Print Format",
        domain=[("model", "=", "account.dunning.notice")],
        ondelete="restrict",
        help="The report that prints the letter, and by it the paper format. Empty: the dunning letter.",
    )

    def _get_sections(self):
        """Which sections the letter shows besides the dunned items (among SECTIONS)."""
        self.ensure_one()
        flags = zip(SECTIONS, (self.show_due, self.show_not_due, self.show_credits), strict=True)
        return {section for section, shown in flags if shown or self.statement}

    def _get_mail_template(self):
        """The template of the level's e-mails; one that came to be of another model is not taken."""
        template = self.mail_template_id
        if template and template.sudo().model != "account.dunning.notice":  # who sends notices need not read templates
            template = template.browse(get_record(self.env, "account_dunning.mail_template_dunning_notice").id)
        return template

    @api.model_create_multi
    def create(self, vals_list):
        levels = super().create([self._drop_foreign_images(vals) for vals in vals_list])
        if any(level._get_sections() for level in levels):
            self.env.registry.clear_cache()
        return levels

    def write(self, vals):
        result = super().write(self._drop_foreign_images(vals))
        if any(vals.get(name) for name in ("show_due", "show_not_due", "show_credits", "statement")):
            self.env.registry.clear_cache()
        return result

    @api.model
    def _drop_foreign_images(self, vals):
        """The values without foreign pictures, which whoever prints or reads the text would fetch from elsewhere."""
        texts = {name: drop_foreign_images(vals[name]) for name in ("text", "text_below") if vals.get(name)}
        return {**vals, **texts}

    @api.model
    @ormcache("company_id")
    def _is_informing(self, company_id):
        """False where no level of the company shows anything besides the dunned items: then nothing is read."""
        self.env["account.dunning.level"].flush_model()
        [(informing,)] = self.env.execute_query(
            SQL(
                """SELECT EXISTS (SELECT 1 FROM account_dunning_level
                                   WHERE company_id = %(company)s
                                     AND (show_due OR show_not_due OR show_credits OR statement))
                       OR EXISTS (SELECT 1 FROM account_dunning_notice_info info
                                    JOIN account_dunning_notice notice ON notice.id = info.notice_id
                                   WHERE notice.company_id = %(company)s)""",
                company=company_id,
            )
        )
        return informing

    def _choose_document(self, recipient):
        """How a notice of this level reaches ``recipient``: email, letter, none; False where nothing does."""
        self.ensure_one()
        return self._choose_document_for(self.document, recipient)

    @api.model
    def _choose_document_for(self, document, recipient):
        """The same for a level that has ``document``."""
        if document == "none":
            return "none"
        postal = self.env["account.dunning.notice"]._has_postal_address(recipient)
        if recipient.email and (document != "letter" or not postal):
            return "email"
        return "letter" if postal else False

    @api.constrains("document", "mail_template_id", "active")
    def _check_mail_template(self):
        for level in self.filtered("active"):
            if level.document in ("email", "email_letter") and not level.mail_template_id:
                raise ValidationError(
                    self.env._("The level “%(level)s” sends e-mails: choose an e-mail template.", level=level.name)
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        self._refuse_used("account.dunning.notice.line")
