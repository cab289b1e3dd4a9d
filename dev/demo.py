"""Six months of collecting in the demo database, and tonight: python dev/demo.py DATABASE URL.

The months are played with a moved clock (``history.py``), tonight by the scheduled actions through their own method.
Then it says what came of it. Letters lie in build/demo/letters.pdf, mails in build/mails.
"""

import os
import sys
import time
from pathlib import Path

from history import play

import odoo.api
from odoo.modules.registry import Registry
from odoo.tools import config, format_amount
from odoo.tools.pdf import merge_pdf

NIGHTLY = "account_dunning.ir_cron_dunning_nightly"
CONTINUE = "account_dunning.ir_cron_dunning_continue"
DESK = "account_dunning.ir_cron_dunning_desk"
MAIL_QUEUE = "mail.ir_cron_mail_scheduler_action"
USERS = {
    "collector": "works the desk, in two companies",
    "manager": "also issues notices and changes rules",
    "admin": "everything",
}
BUILD = Path(__file__).parent.parent / "build"
LETTERS = BUILD / "demo" / "letters.pdf"


def main(database, url):
    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", database, "--no-http", "--log-level=warn"])
    with Registry(database).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {"lang": "en_US"})
        prepare(env, url)
        play_history(env)
        for job in (NIGHTLY, CONTINUE, MAIL_QUEUE, DESK):
            trigger(env, job)
        report(env, url)


def prepare(env, url):
    """Issue without a person, so that there is something to see."""
    env["ir.config_parameter"].set_param("web.base.url", url)
    if not env["account.dunning.run"].search([], limit=1):
        user = env.ref("base.user_admin")
        env.company._get_dunning_settings().write({"auto_issue": True, "issue_user_id": user.id})
    env.cr.commit()


def play_history(env):
    """Six months before tonight, once."""
    if env["account.dunning.run"].search([], limit=1):
        return
    print("Playing six months of collecting", flush=True)
    start = time.monotonic()
    play(env)
    print(f"{env['account.dunning.run'].search_count([])} nightly runs in {time.monotonic() - start:.0f} s")


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
    run = env["account.dunning.run"].search(
        [("nightly", "=", True), ("company_id", "=", env.company.id)], order="date desc, id desc", limit=1
    )
    print_history(env)
    print_notices(env, run)
    print_skipped(run)
    print_places(env, run)
    print_desk(env)
    print_page(env)
    print(f"\nOdoo: {url}")
    for login, what in USERS.items():
        print(f"  {login + '/' + login:22}  {what}")


def print_history(env):
    counts = [
        (env[model].search_count(domain), label)
        for model, domain, label in (
            ("account.dunning.notice", [("state", "=", "sent")], "notices sent"),
            ("account.collection.plan", [], "collection plans"),
            ("account.collection.plan", [("state", "=", "recovered")], "of them recovered"),
            ("account.dunning.contact", [], "contacts"),
            ("account.dunning.promise", [], "promises"),
            ("account.dunning.promise", [("state", "=", "kept")], "of them kept"),
            ("account.dunning.hold", [("dispute", "=", True)], "disputes"),
        )
    ]
    print("\nSo far: " + ", ".join(f"{count} {label}" for count, label in counts))


def print_desk(env):
    cases = env["account.collection.case"]
    labels = dict(cases._fields["queue"]._description_selection(env))
    domain = [("on_desk", "=", True), ("company_id", "=", env.company.id)]
    rows = dict(cases._read_group(domain, ["queue"], ["__count"]))
    print(
        "\nOn the desk: "
        + ", ".join(f"{rows[queue]} {label.lower()}" for queue, label in labels.items() if queue in rows)
    )


def is_worth_a_look(case):
    """Whether the customer's page asks for the money of several documents in one currency, without credits."""
    parts = case._get_page(case.partner_id, sees_all=True)["currencies"]
    return len(parts) == 1 and parts[0]["due"] and len(parts[0]["documents"]) > 1 and not parts[0]["credits"]


def print_page(env):
    """A link to the page of a customer who has several items to pay, as his next notice would bring it."""
    cases = env["account.collection.case"].search(
        [("company_id", "=", env.company.id)], order="amount_overdue desc, id"
    )
    case = next(case for case in cases if is_worth_a_look(case))
    link = case._issue_link(case.partner_id)
    env.cr.commit()
    print(f"\nThe page of {case.partner_id.name}, without login: {link._get_url()}")


def print_notices(env, run):
    notices = run.notice_ids
    print(
        f"\n{run.name}: {len(notices)} dunning notices to {len(notices.partner_id)} customers, for "
        f"{sum(notices.mapped('line_count'))} items"
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
        print(f"Failed: {notice.display_name}: {notice.failure.splitlines()[-1]}")


def print_skipped(run):
    labels = dict(run.skipped_ids._fields["reason"]._description_selection(run.env))
    print(f"\nLeft out by {run.name}:")
    for row in run.skipped_ids.sorted(lambda row: (labels[row.reason], row.partner_id.name)):
        amount = format_amount(run.env, row.amount, row.currency_id)
        print(f"  {labels[row.reason]:34}  {row.partner_id.name:32}  {amount:>14}  {row.note or ''}")


def print_places(env, run):
    notices = env["account.dunning.notice"].search(
        [("document", "=", "letter"), ("state", "=", "to_print"), ("attachment_id", "!=", False)]
    )
    letters = [notice.attachment_id.raw for notice in notices.sorted("name")]
    if letters:
        LETTERS.parent.mkdir(exist_ok=True)
        LETTERS.write_bytes(merge_pdf(letters))
        print(f"\nLetters to print: {len(letters)}, in {short(LETTERS)}")
    sent = env["account.dunning.notice"].search_count([("document", "=", "email"), ("state", "=", "sent")])
    print(f"E-mails: {sent}, among the files in {short(BUILD / 'mails')}")
    waiting = run.proposed_count
    if waiting:
        print(f"{waiting} notices of {run.name} wait for a person to release them.")


def short(path):
    return os.path.relpath(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
