def migrate(cr, version):
    """Settings need no columns: what was shown on a page for a moment goes."""
    cr.execute(
        "ALTER TABLE res_config_settings DROP COLUMN IF EXISTS dunning_shown, DROP COLUMN IF EXISTS dunning_workers"
    )
