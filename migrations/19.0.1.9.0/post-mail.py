"""The e-mails of notices get their new texts and the layout, where nobody has changed the old ones in any language.

Subject and text are looked at each by itself; the layout comes with the text, which had its own.
"""

import hashlib
import json

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

from odoo.addons.account_dunning.tools.shipped import get_shipped_text

# Checksums of what all earlier releases shipped, in English, German and French.
FORMER = {
    "mail_template_dunning_notice": {"subject": ("75eb5cbce5a5",), "body_html": ("73306e1da347",)},
    "mail_template_dunning_resend": {
        "subject": ("10f3b3ced638", "a74a3f289b27", "daf2aeb69f8b"),
        "body_html": ("fcdfd6bef709", "1a04b82ebd90", "464c086d5e7c"),
    },
}
LAYOUT = "account_dunning.mail_frame"


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, former in FORMER.items():
        if template := env.ref(f"account_dunning.{name}", raise_if_not_found=False):
            for field, checksums in former.items():
                renew(template, name, field, checksums)


def renew(template, name, field, checksums):
    """Give ``field`` of the template its new text, which has nothing to translate, if it has a former one."""
    env = template.env
    column = SQL.identifier(field)
    [(texts,)] = env.execute_query(SQL("SELECT %s FROM mail_template WHERE id = %s", column, template.id))
    if not texts or any(get_checksum(text) not in checksums for text in texts.values()):
        return
    new = json.dumps({"en_US": get_shipped_text(name, field)})
    env.cr.execute(SQL("UPDATE mail_template SET %s = %s::jsonb WHERE id = %s", column, new, template.id))
    template.invalidate_recordset([field])
    if field == "body_html":
        template.email_layout_xmlid = LAYOUT


def get_checksum(text):
    """The checksum of ``text``, whatever spaces and line breaks it has."""
    return hashlib.sha1("".join((text or "").split()).encode(), usedforsecurity=False).hexdigest()[:12]
