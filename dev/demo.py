"""One night of dunning in the demo database: python dev/demo.py DATABASE URL."""

import os
import sys

import odoo
from odoo.modules.registry import Registry
from odoo.tools import config

NIGHTLY = "account_dunning.ir_cron_dunning_nightly"
ISSUE = "account_dunning.ir_cron_dunning_issue"
MAIL_QUEUE = "mail.ir_cron_mail_scheduler_action"


def main(database, url):
    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", database, "--no-http", "--log-level=warn"])
    with Registry(database).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
        env["ir.config_parameter"].set_param("web.base.url", url)
        cr.commit()
        for job in (NIGHTLY, ISSUE, MAIL_QUEUE):
            trigger(env, job)
        report(env)


def trigger(env, job):
    """Run a scheduled action through its own method, as the button *Run Manually* does."""
    cron = env.ref(job)
    print(f"Running “{cron.cron_name}”")
    cron.method_direct_trigger()
    env.cr.commit()


def report(env):
    """Say what there is now."""
    groups = env["account.dunning.notice"]._read_group([], ["level_id", "state"], ["__count"])
    print(f"{sum(count for *_, count in groups)} dunning notices:")
    for level, state, count in groups:
        print(f"  {count:4} {state:10} {level.dunning_type_id.name or ''}: {level.name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
