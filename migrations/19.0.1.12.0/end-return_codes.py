"""Each root company gets the return codes of banks."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    companies = env["res.company"].with_context(active_test=False).search([("parent_id", "=", False)])
    env["account.dunning.return.code"]._copy_templates(companies)
