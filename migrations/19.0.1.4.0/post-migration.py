"""The customer of a notice line is that of its notice; indexes that no query needs are gone."""

UNUSED = {
    "account_collection_plan": ("company_id", "level_id", "type_id"),
    "account_dunning_item": ("company_id", "level_id"),
    "account_dunning_notice": ("company_id", "level_id", "type_id"),
    "account_dunning_notice_line": ("level_id",),
}


def migrate(cr, version):
    cr.execute("ALTER TABLE account_dunning_notice_line DROP COLUMN IF EXISTS partner_id")
    for table, columns in UNUSED.items():
        for column in columns:
            cr.execute(f"DROP INDEX IF EXISTS {table}__{column}_index")
