from odoo import api
from odoo.tools import SQL, ormcache

from ...tools.letters import drop_foreign_images
from ...tools.shipped import get_record

SECTIONS = ("due", "not_due", "credit")


class LevelLetter:
    """What the letter of a level shows besides the dunned items, and how it is printed."""

    __slots__ = ()

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
        """The values without pictures that whoever prints or reads the text would have to fetch from elsewhere."""
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
