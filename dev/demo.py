"""One night of dunning in the demo database: python dev/demo.py DATABASE URL.

Runs the scheduled actions through their own method, then says what came of it. Letters lie in build/demo/letters.pdf,
mails in build/mails.
"""

import os
import sys
from pathlib import Path

import odoo.api
from odoo.modules.registry import Registry
from odoo.tools import config, format_amount
from odoo.tools.pdf import merge_pdf

NIGHTLY = "account_dunning.ir_cron_dunning_nightly"
CONTINUE = "account_dunning.ir_cron_dunning_continue"
MAIL_QUEUE = "mail.ir_cron_mail_scheduler_action"
BUILD = Path(__file__).parent.parent / "build"
LETTERS = BUILD / "demo" / "letters.pdf"


def main(database, url):
    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", database, "--no-http", "--log-level=warn"])
    with Registry(database).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {"lang": "en_US"})
        prepare(env, url)
        for job in (NIGHTLY, CONTINUE, MAIL_QUEUE):
            trigger(env, job)
        report(env, url)


def prepare(env, url):
    """Issue without a person in the first night, so that there is something to see."""
    env["ir.config_parameter"].set_param("web.base.url", url)
    if not env["account.dunning.run"].search([], limit=1):
        user = env.ref("base.user_admin")
        env.company._get_dunning_settings().write({"auto_issue": True, "issue_user_id": user.id})
    env.cr.commit()


def trigger(env, job):
    """Run a scheduled action through its own method, as the button *Run Manually* does."""
    cron = env.ref(job)
    print(f"Running “{cron.cron_name}”")
    result = cron.method_direct_trigger()
    env.cr.commit()
    env.invalidate_all()
    if result is not True:
        sys.exit(f"It failed:\n{result['params']['data']['debug']}")


# what happened


def report(env, url):
    run = env["account.dunning.run"].search([("nightly", "=", True), ("company_id", "=", env.company.id)], limit=1)
    print_notices(env)
    print_skipped(run)
    print_places(env, run)
    print(f"\nOdoo: {url}, login admin, password admin (menu Invoicing ▸ Customers ▸ Dunning Runs)")


def print_notices(env):
    notices = env["account.dunning.notice"].search([])
    print(
        f"\n{len(notices)} dunning notices to {len(notices.partner_id)} customers, for "
        f"{sum(notices.mapped('line_count'))} items; {env['account.collection.plan'].search_count([])} collection plans"
    )
    print(f"\n{'':4}  {'type':18}  {'level':30}  {'channel':10}  state")
    channels, states = (dict(notices._fields[name]._description_selection(env)) for name in ("document", "state"))
    groups = notices.grouped(lambda notice: (notice.type_id, notice.level_id, notice.document, notice.state))
    for key in sorted(groups, key=lambda key: (key[0].sequence, key[1].days, key[2:])):
        dunning_type, level, document, state = key
        print(
            f"{len(groups[key]):4}  {dunning_type.name:18}  {level.name:30}  {channels[document]:10}  {states[state]}"
        )
    for notice in notices.filtered("failure"):
        print(f"Failed: {notice.display_name}: {notice.failure}")


def print_skipped(run):
    labels = dict(run.skipped_ids._fields["reason"]._description_selection(run.env))
    print(f"\nLeft out by {run.name}:")
    for row in run.skipped_ids.sorted(lambda row: (labels[row.reason], row.partner_id.name)):
        amount = format_amount(run.env, row.amount, row.currency_id)
        print(f"  {labels[row.reason]:34}  {row.partner_id.name:32}  {amount:>14}  {row.note or ''}")


def print_places(env, run):
    notices = env["account.dunning.notice"].search([("document", "=", "letter"), ("attachment_id", "!=", False)])
    letters = [notice.attachment_id.raw for notice in notices.sorted("name")]
    if letters:
        LETTERS.parent.mkdir(exist_ok=True)
        LETTERS.write_bytes(merge_pdf(letters))
        print(f"\nLetters: {len(letters)} in {short(LETTERS)}")
    sent = env["account.dunning.notice"].search_count([("document", "=", "email"), ("state", "=", "sent")])
    print(f"E-mails: {sent}, among the files in {short(BUILD / 'mails')}")
    waiting = run.proposed_count
    if waiting:
        print(f"{waiting} notices of {run.name} wait for a person to release them.")


def short(path):
    return os.path.relpath(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
