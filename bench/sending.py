"""Sending notices without document, and closing plans by one payment run."""

from unittest.mock import patch

from odoo.fields import Date

MOST_ITEMS = 50000
CLOSED = 1000  # plans
BOOKED = 200  # notices


class Chunks:
    """Counts the chunks in which notices are issued meanwhile."""

    def __init__(self, env):
        self.model, self.count = type(env["account.dunning.notice"]), 0

    def __enter__(self):
        original = self.model._issue_chunk

        def count(notices):
            self.count += 1
            return original(notices)

        self.patched = patch.object(self.model, "_issue_chunk", count)
        self.patched.start()
        return self

    def __exit__(self, *_):
        self.patched.stop()


def send(env, measure, work):
    """Send the notices of a run without document, booking or actions, as a scheduled action does."""
    env["account.dunning.level"].search([]).write({"document": "none", "collection_status": "legal"})
    worker = env["ir.cron"]._get_dunning_workers()[0]
    run = env["account.dunning.run"].create({"company_id": env.company.id, "date": Date.today()})
    run.action_propose()
    work(worker)
    notices, letters = run.notice_ids[BOOKED:], run.notice_ids[:BOOKED]
    with measure() as measured, Chunks(env) as chunks:
        notices.action_issue()
        work(worker)
    if set(notices.mapped("state")) != {"sent"}:
        raise SystemExit("Not all notices were sent.")
    return {
        "sent": len(notices),
        "sent_plans": len(notices.line_ids.plan_id),
        "sent_per_s": round(len(notices) / measured.seconds, 1),
        "sent_queries": measured.queries,
        "sent_queries_per_chunk": round(measured.queries / chunks.count, 1),
        **book(env, measure, letters),
    }


def book(env, measure, letters):
    """Confirm that letters with a fee were printed: they count as sent, the fees are booked, invoices tell of them."""
    env.company._get_dunning_settings().charges = "booked"
    env["account.dunning.level"].search([]).write({"document": "letter", "fee_kind": "fixed", "fee_amount": 5.0})
    letters.write({"document": "letter", "state": "to_print"})
    letters._charge()
    env.flush_all()
    env.invalidate_all()
    with measure() as measured:
        letters._set_sent()
        env.flush_all()
    if len(letters.charge_move_ids) != len(letters):
        raise SystemExit("Not all fees were booked.")
    return {"booked": len(letters), "booked_per_s": round(len(letters) / measured.seconds, 1)}


def close(env, measure):
    """Close plans by one payment run: what the module adds to it. The payments themselves are not measured."""
    plans = pay(env)
    with measure() as measured:
        plans._settle_touched()
        env.flush_all()
    if set(plans.mapped("state")) != {"recovered"}:
        raise SystemExit("Not all the plans that were paid are recovered.")
    env.cr.rollback()
    return {
        "closed": len(plans),
        "close_1000_s": round(measured.seconds * CLOSED / len(plans), 2),
        "close_queries": measured.queries,
    }


def get_rows(result):
    """The rows of the table: pairs of label and text."""
    sent = f"{result['sent']} notices, {result['sent_plans']} plans, {result['sent_queries_per_chunk']} queries a chunk"
    return [
        ("without document", f"{result['sent_per_s']} a second ({sent})"),
        ("sent with a fee booked", f"{result['booked_per_s']} a second ({result['booked']} letters)"),
        (f"closing {CLOSED} plans", f"{result['close_1000_s']} s, {result['close_queries']} queries"),
    ]


def pay(env):
    """Pay the invoices of open plans as one payment run does, one payment a customer; returns the plans.

    What follows of it is left to be done before the commit.
    """
    plans = env["account.collection.plan"].search([("state", "=", "ongoing")], order="partner_id, id", limit=CLOSED)
    lines = plans.item_state_ids.move_line_id
    groups = lines.grouped("partner_id")
    payments = env["account.payment"].create(
        [
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": partner.id,
                "amount": sum(items.mapped("amount_residual")),
                "date": Date.today(),
            }
            for partner, items in groups.items()
        ]
    )
    payments.action_post()
    paid = payments.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
    paid = paid.grouped("partner_id")
    lines._reconcile_plan([items + paid[partner] for partner, items in groups.items()])
    env.flush_all()
    env.invalidate_all()
    return plans
