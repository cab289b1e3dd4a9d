"""The desk: each company gets its score rules, outcomes and reasons, and the cases are opened soon after."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["res.company"]._adopt_all_dunning_templates()
    env.ref("account_dunning.ir_cron_dunning_desk")._trigger()
