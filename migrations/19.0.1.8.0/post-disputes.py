"""Reasons of disputes: companies get those that they do not have, under whatever name, and keep what they have.

*Dispute*, the only one so far, is what is left beside them: *Other Dispute*, where nobody has renamed it.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

# What a reason that a company has made itself may be called, in lower case, by the shipped one that says the same.
ALIKE = {
    "reason_price": "wrong price|price|price dispute|price difference|falscher preis|preis|preisabweichung|"
    "preisdifferenz|prix erroné|prix",
    "reason_quantity": "wrong quantity|quantity|quantity dispute|short delivery|falsche menge|menge|mengenabweichung|"
    "quantité erronée|quantité",
    "reason_quality": "poor quality|quality|quality dispute|defect|defective goods|complaint|mangelhafte qualität|"
    "qualität|mangel|qualité insuffisante|qualité",
    "reason_not_received": "not received|not delivered|goods not received|nicht erhalten|nicht geliefert|non reçu|"
    "non livré",
    "reason_wrong_address": "wrong address|address|falsche adresse|adresse erronée",
    "reason_duplicate": "invoiced twice|duplicate|duplicate invoice|doppelt berechnet|doppelte rechnung|"
    "facturé deux fois|doublon",
    "reason_already_paid": "already paid|paid|says paid|bereits bezahlt|déjà payé",
}
OLD, NEW = "Dispute", "Other Dispute"
# The sequences of the reasons that there were, and those that they get behind the new ones.
SEQUENCES = {"reason_dispute": (1, 8), "reason_excluded": (2, 9), "reason_payment_announced": (3, 10),
             "reason_insolvency": (4, 11)}  # fmt: skip
# A reason of a company, or the template.
SHIPPED = """(reason.shipped_as = %(shipped)s
              OR reason.id IN (SELECT res_id FROM ir_model_data
                                WHERE module = 'account_dunning' AND name = %(shipped)s
                                  AND model = 'account.dunning.reason'))"""


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    recognize(cr)
    rename(cr)
    reorder(cr)
    env.invalidate_all()
    env["account.dunning.reason"]._copy_templates(env["res.company"].search([("parent_id", "=", False)]))


def recognize(cr):
    """What a company has made itself is its copy of the shipped reason of the same meaning: one of them for each."""
    for shipped, names in ALIKE.items():
        cr.execute(
            SQL(
                """UPDATE account_dunning_reason SET shipped_as = %(shipped)s
                    WHERE id IN (SELECT MIN(own.id) FROM account_dunning_reason own, jsonb_each_text(own.name) AS text
                                  WHERE own.company_id IS NOT NULL AND own.shipped_as IS NULL
                                    AND lower(trim(text.value)) = ANY(%(names)s)
                                    AND NOT EXISTS (SELECT FROM account_dunning_reason other
                                                     WHERE other.company_id = own.company_id
                                                       AND other.shipped_as = %(shipped)s)
                                  GROUP BY own.company_id)""",
                shipped=shipped,
                names=names.split("|"),
            )
        )


def rename(cr):
    """*Dispute* is *Other Dispute*, where nobody has changed its name."""
    cr.execute(
        SQL(
            """UPDATE account_dunning_reason reason
                  SET name = name || jsonb_build_object('en_US', %(new)s::text)
                WHERE %(which)s AND name->>'en_US' = %(old)s
                  AND NOT EXISTS (SELECT FROM account_dunning_reason other
                                   WHERE other.company_id IS NOT DISTINCT FROM reason.company_id
                                     AND other.name->>'en_US' = %(new)s)""",
            which=SQL(SHIPPED, shipped="reason_dispute"),
            new=NEW,
            old=OLD,
        )
    )


def reorder(cr):
    """What there was stands behind the new ones, where nobody has moved it."""
    for shipped, (before, after) in SEQUENCES.items():
        cr.execute(
            SQL(
                "UPDATE account_dunning_reason reason SET sequence = %s WHERE %s AND sequence = %s",
                after,
                SQL(SHIPPED, shipped=shipped),
                before,
            )
        )
