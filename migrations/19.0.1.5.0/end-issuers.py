"""Server actions run as who issued the notice: name who issues by night, and what was issued; ask for a review."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    name_nightly_users(env)
    name_issuers(env)
    env["account.dunning.action"]._ask_for_review()


def name_nightly_users(env):
    """Companies that issue automatically do so as their first dunning manager; without one the nights only propose."""
    domain = [("auto_issue", "=", True), ("issue_user_id", "=", False)]
    for settings in env["account.dunning.settings"].search(domain):
        settings.issue_user_id = settings._find_issuer()


def name_issuers(env):
    """What was issued and has not left was issued by who changed it last, or by the nights."""
    env.flush_all()
    env.execute_query(
        SQL(
            """UPDATE account_dunning_notice notice
                  SET issued_by_id = CASE WHEN notice.write_uid = %s THEN settings.issue_user_id
                                          ELSE notice.write_uid END
                 FROM account_dunning_settings settings
                WHERE settings.company_id = notice.company_id AND notice.issued_by_id IS NULL
                  AND notice.state IN ('queued', 'to_print', 'failed')
            RETURNING notice.id""",
            SUPERUSER_ID,
        )
    )
    env["account.dunning.notice"].invalidate_model(["issued_by_id"])
