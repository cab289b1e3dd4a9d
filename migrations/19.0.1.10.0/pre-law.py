"""Own fees and interest go on as they were: dunning types that charge any do so by contract, with that as reason."""

from odoo.tools.sql import column_exists

REASON = "As before the update that brought the law"


def migrate(cr, version):
    cr.execute(
        """ALTER TABLE account_dunning_type ADD COLUMN IF NOT EXISTS law_mode varchar,
                                            ADD COLUMN IF NOT EXISTS law_reason varchar"""
    )
    if column_exists(cr, "account_dunning_level", "fee_kind"):  # fees and interest came with 19.0.1.2.0
        cr.execute(
            """UPDATE account_dunning_type type SET law_mode = 'contract', law_reason = %s
                WHERE EXISTS (SELECT FROM account_dunning_level level
                               WHERE level.type_id = type.id AND (level.interest OR level.fee_kind <> 'none'))
                   OR interest_rate_id IS NOT NULL""",
            [REASON],
        )
    cr.execute("UPDATE account_dunning_type SET law_mode = 'within' WHERE law_mode IS NULL")
