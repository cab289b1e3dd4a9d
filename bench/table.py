"""The table that the bench prints."""

import screens
import sending


def print_table(result):
    rows = [
        ("items, customers", f"{result['items']}, {result['customers']}"),
        ("floor", f"{result['floor_s']:.2f} s"),
        ("proposing", f"{result['propose_s']:.2f} s, {result['propose_queries']} queries, {result['peak_mb']} MB"),
        ("  times the floor", f"{result['propose_s'] / result['floor_s']:.1f}"),
    ]
    if "peer_s" in result:
        faster = result["peer_s"] / result["propose_s"]
        rows.append(("peer", f"{result['peer_s']:.1f} s, {result['peer_queries']} queries, {result['peer_mb']} MB"))
        rows.append(("  times faster than it", f"{faster:.0f}"))
    rows.append(("letters", f"{result['letters_per_s']} a second"))
    rows.append(("e-mails", f"{result['mails_per_s']} a second"))
    if "peer_s" in result:
        rows.append(("e-mails of the peer", f"{result['peer_mails_per_s']} a second"))
    for night in (1, 2, 3):
        seconds, queries, notices = (result[f"night{night}_{name}"] for name in ("s", "queries", "notices"))
        share = f", {seconds / result['night1_s']:.0%} of night 1" if night > 1 else ""
        rows.append((f"night {night}", f"{seconds:.2f} s{share}, {queries} queries, {notices} notices"))
    night = f"a night {result['desk_night_s']:.1f} s, {result['desk_night_queries']} queries"
    rows.append((f"desk, {result['desk_cases']} cases", f"new {result['desk_new_s']:.1f} s, {night}"))
    rows.append(("  My Desk opens", f"{result['desk_open_s']:.2f} s, {result['desk_open_queries']} queries"))
    read = f"{result['ledger_items_s']:.2f} s, their sums {result['ledger_sums_s']:.2f} s"
    rows.append(
        (f"as of a day, {result['ledger_open']} items", f"{read}, {result['ledger_settled']} settled since or before")
    )
    rows.append(("  a month is kept", f"{result['month_s']:.1f} s, the cash expected {result['cash_s']:.1f} s"))
    rows.append(("  the dashboard opens", f"{result['dashboard_s']:.2f} s, {result['dashboard_queries']} queries"))
    rows += sending.get_rows(result) + screens.get_rows(result["screens"])
    for label, name in (("posting", "posting"), ("paying", "paying"), ("paying many at once", "settling")):
        time_added, calls = result[f"{name}_percent"], result[f"{name}_calls_percent"]
        added = f"{time_added:+.1f} % time, {calls:+.1f} % calls, {result[f'{name}_queries']:+} queries"
        rows.append((label, f"{added} than without the module"))
    for label, text in rows:
        print(f"{label:24}{text}")
