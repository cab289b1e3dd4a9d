"""The collector's desk: opening the cases of all customers, the nights after, and the list as a collector opens it."""

from unittest.mock import patch

from odoo.fields import Date

SHOWN = 80


def measure(env, measure_block):
    """Seconds and queries of bringing all cases up to date: from nothing, and a day later; and of opening My Desk."""
    cases, company = env["account.collection.case"], env.company
    env.cr.execute("DELETE FROM account_collection_case")
    env.invalidate_all()
    with measure_block() as opened:
        cases._refresh(company)
        env.cr.commit()
    tomorrow = Date.add(company._dunning_today(), days=1)
    with patch.object(type(company), "_dunning_today", lambda _company: tomorrow), measure_block() as night:
        cases._refresh(company)
        env.cr.commit()
    env.invalidate_all()
    with measure_block() as desk:
        open_desk(cases)
    return {
        "desk_cases": cases.search_count([]),
        "desk_new_s": opened.seconds,
        "desk_night_s": night.seconds,
        "desk_night_queries": night.queries,
        "desk_open_s": desk.seconds,
        "desk_open_queries": desk.queries,
    }


def open_desk(cases):
    """What the client asks for: the first page of the list, its number of rows and sums, and the queues."""
    domain = [("on_desk", "=", True)]
    names = ("partner_id", "why", "amount_overdue", "days_overdue", "level_id", "contact_on", "next_step", "next_on")
    specification = {name: {} for name in (*names, "phone", "next_action", "user_id", "currency_id")}
    cases.web_search_read(domain, specification, limit=SHOWN)
    cases.search_panel_select_range("queue", enable_counters=True, search_domain=domain)
