"""What older releases left in the schema, and what a renamed column leaves there."""


def migrate(cr, version):
    cr.execute("DROP INDEX IF EXISTS account_collection_plan__charge_action_id_index")
    cr.execute("ALTER TABLE IF EXISTS account_dunning_return DROP COLUMN IF EXISTS company_id")
