"""What screens show besides plans and sent notices: holds, hand-overs, charges, activities, payments, an open run."""

from unittest.mock import patch

import screens

from odoo.fields import Command, Date

HELD, HANDED_OVER, PAID = 100, 100, 20
DAYS_LATER = 4
LOGINS = {
    "bench_collector": "account_dunning.group_dunning_collector",
    "bench_manager": "account_dunning.group_dunning_manager",
    "bench_administrator": "account.group_account_manager",
}


def make_users(env):
    """A user who only collects, one who runs dunning, and one who sets it up."""
    there = env["res.users"].search([("login", "in", list(LOGINS))], order="id")
    return there or env["res.users"].create(
        [
            {
                "name": login,
                "login": login,
                "email": f"{login}@example.com",
                "group_ids": [Command.set([env.ref("base.group_user").id, env.ref(group).id])],
            }
            for login, group in LOGINS.items()
        ]
    )


def prepare(env, work):
    """Make what screens show; ``work`` lets a scheduled action propose. Plans are open, their notices were sent."""
    collector, *_others = make_users(env)
    plans = env["account.collection.plan"].search([("state", "=", "ongoing")], limit=HELD + HANDED_OVER + PAID)
    plans.user_id = collector
    hold(env, plans[:HELD])
    hand_over(env, plans[HELD : HELD + HANDED_OVER])
    pay(env, plans[HELD + HANDED_OVER :])
    env.cr.commit()
    env["account.dunning.level"].search([]).write({"fee_kind": "fixed", "fee_amount": 5.0, "document": "email_letter"})
    propose(env, work)


def propose(env, work):
    """A run of a later day, which nobody has reviewed: the nights before it have sent what was due until then."""
    later = Date.add(Date.today(), days=DAYS_LATER)
    with patch.object(type(env.company), "_dunning_today", lambda _company: later):
        run = env["account.dunning.run"].create({"company_id": env.company.id, "date": later})
        run.action_propose()
        work(env["ir.cron"]._get_dunning_workers()[0])


def open_all(env):
    """Seconds and queries of each screen: of a collector, then of what only managers and administrators see."""
    result, opened = {}, set()
    env.cr.execute("ANALYZE")
    for user in make_users(env):
        own = env(user=user.id, su=False)
        result |= screens.measure(own, screens.get_screens(own, opened))
    env.cr.rollback()
    return result


def hold(env, plans):
    reason = env["account.dunning.reason"].search(
        [("dispute", "=", True), ("company_id", "=", env.company.id)], limit=1
    )
    env["account.dunning.hold"].create([{"move_id": plan.move_id.id, "reason_id": reason.id} for plan in plans])
    for plan in plans[:20]:
        plan.activity_schedule("mail.mail_activity_data_call", user_id=plan.user_id.id, summary="Call")


def hand_over(env, plans):
    agency = env["res.partner"].create({"name": "Bench Agency", "is_company": True})
    plans._hand_over(agency, "")


def pay(env, plans):
    for plan in plans:
        wizard = env["account.payment.register"].with_context(active_model="account.move", active_ids=plan.move_id.ids)
        wizard.create({}).action_create_payments()
