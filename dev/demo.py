"""One night of dunning in the demo database: python dev/demo.py DATABASE URL."""

import os
import sys

import odoo
from odoo.modules.registry import Registry
from odoo.tools import config

NIGHTLY = "account_dunning.ir_cron_dunning_nightly"
CONTINUE = "account_dunning.ir_cron_dunning_continue"
MAIL_QUEUE = "mail.ir_cron_mail_scheduler_action"


def main(database, url):
    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", database, "--no-http", "--log-level=warn"])
    with Registry(database).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
        env["ir.config_parameter"].set_param("web.base.url", url)
        cr.commit()
        for job in (NIGHTLY, CONTINUE, MAIL_QUEUE):
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
    notices = env["account.dunning.notice"]
    groups = notices._read_group([], ["type_id", "level_id", "document", "state"], ["__count"])
    print(f"{sum(count for *_, count in groups)} dunning notices:")
    for dunning_type, level, document, state, count in groups:
        print(f"  {count:4}  {dunning_type.name}: {level.name}, {document}, {state}")


if __name__ == "__main__":
    main(*sys.argv[1:])
