"""What happened in the six months of the demo: by the names that ``data/demo/res.partner.csv`` gives to customers.

``dev/history.py`` plays it. Each entry is the number of days ago, what was done, and with what.
"""

# Earlier invoices that were paid in the end: how many days late, at least and at most, and how many of them.
PROMPT, LATE, SLOW = (-4, 6), (9, 24), (26, 48)
HABITS = {
    "harbor_finch": (LATE, 2),
    "blue_mesa": (PROMPT, 2),
    "kestrel": (PROMPT, 2),
    "northfield": (SLOW, 2),
    "tidewater": (LATE, 1),
    "cedar_hollow": (SLOW, 1),
    "pinnacle_ridge": (LATE, 2),
    "stonegate": (SLOW, 1),
    "larkspur": (LATE, 1),
    "granite_state": (SLOW, 1),
    "oakhurst": (PROMPT, 1),
    "meridian": (PROMPT, 2),
    "summit_lakes": (LATE, 2),
    "copperline": (LATE, 1),
    "ashdown": (PROMPT, 1),
    "maple_fork": (LATE, 1),
    "liffey": (LATE, 1),
    "morvan": (PROMPT, 1),
    "castelnau": (LATE, 1),
    "delorme": (SLOW, 1),
    "belle_rive": (PROMPT, 1),
    "brasserie_canal": (LATE, 1),
    "holzapfel": (LATE, 1),
    "lindner": (LATE, 2),
    "donauwerk": (PROMPT, 2),
    "zuerisee": (LATE, 1),
}

# Invoices of which the story tells: days since they were due, amount.
TOLD_OF = {
    "oakhurst": (70, 2840.0),
    "meridian": (92, 4180.0),
    "summit_lakes": (61, 1935.0),
    "saint_aubin": (75, 1264.0),
    "kestrel": (58, 980.0),
}

STORY = {
    # promises that were kept
    "meridian": [
        (78, "promise", {"parts": [(6, 1.0)], "note": "Approved by their head of finance, goes out on Friday."}),
        (72, "pay", {}),
    ],
    "oakhurst": [
        (57, "call", {"outcome": "message", "note": "Reception takes a message for Ms. Albright."}),
        (55, "promise", {"parts": [(5, 1.0)], "note": "The invoice was with the wrong partner. Will pay this week."}),
        (51, "pay", {}),
    ],
    "summit_lakes": [
        (46, "promise", {"parts": [(4, 0.5), (12, 0.5)], "note": "Half now, half after the long weekend."}),
        (43, "pay", {"share": 0.5}),
        (34, "pay", {}),
    ],
    # promises that were not
    "granite_state": [
        (24, "call", {"outcome": "no_answer", "note": "Rang out twice."}),
        (11, "promise", {"parts": [(5, 0.6)], "note": "Waiting for a payment from their distributor."}),
    ],
    "larkspur": [
        (30, "call", {"outcome": "message", "note": "Asked Mr. Ortega to call back."}),
        (17, "promise", {"parts": [(3, 1.0)], "note": "Says the transfer is prepared."}),
        (9, "promise", {"parts": [(4, 1.0)], "note": "The bank had refused it for a typing error; sends it again."}),
    ],
    "delorme": [
        (22, "call", {"outcome": "reached", "note": "Will check with their accountant."}),
        (10, "promise", {"parts": [(4, 0.4)], "note": "Promises a first payment by transfer."}),
    ],
    "stonegate": [
        (27, "promise", {"parts": [(7, 1.0)], "note": "Pays when the site in Tempe is handed over."}),
        (19, "pay", {"share": 0.5}),
    ],
    # promises that are due
    "thistle_quay": [
        (30, "call", {"outcome": "other", "note": "The owner is at sea until the end of the month."}),
        (6, "promise", {"parts": [(6, 1.0)], "note": "Transfers it today, in full."}),
    ],
    "cedar_hollow": [
        (5, "promise", {"parts": [(5, 1.0)], "which": 0, "note": "Purchase order found, payment run is today."}),
    ],
    "holzapfel": [
        (3, "promise", {"parts": [(4, 1.0)], "note": "Pays when he is back from the trade fair."}),
    ],
    "quatre_vents": [
        (12, "promise", {"parts": [(20, 1.0)], "which": -1, "note": "After the school term begins."}),
    ],
    # to be called back
    "harbor_finch": [
        (8, "call", {"outcome": "no_answer", "note": "No answer, mailbox full."}),
        (1, "call_back", {"days": 1, "hour": 18, "note": "In a meeting. Asks to be called this afternoon."}),
    ],
    "lindner": [
        (4, "call_back", {"days": 4, "hour": 14, "note": "Buchhaltung is back on that day; ask for Frau Hansen."}),
    ],
    "maple_fork": [
        (2, "call_back", {"days": 5, "hour": 17, "note": "The bookkeeper comes in once a week."}),
    ],
    # disputes
    "vauquelin": [
        (16, "dispute", {"reason": "quality", "review": 21, "owner": "manager",
                         "note": "Two panels are dented. Photos were promised."}),
    ],
    "brasserie_canal": [
        (12, "dispute", {"reason": "price", "review": 12, "note": "The discount of the quotation is missing."}),
    ],
    "northfield": [
        (40, "call", {"outcome": "refuses", "note": "Will not pay before the lamps are exchanged."}),
        (38, "dispute", {"reason": "quantity", "review": 44, "owner": "manager", "part": 0.4,
                         "note": "Counts eight chairs, ten are invoiced. Delivery note is with the carrier."}),
    ],
    "saint_aubin": [
        (61, "dispute", {"reason": "not_received", "review": 68, "owner": "manager",
                         "note": "The second delivery never arrived."}),
        (49, "credit", {"note": "The carrier has confirmed the loss."}),
    ],
    "kestrel": [
        (45, "dispute", {"reason": "price", "review": 52, "note": "Expected the price of the old catalogue."}),
        (38, "reject", {"note": "The new price list was sent in March and confirmed."}),
        (35, "promise", {"parts": [(5, 1.0)], "note": "Accepts the price, pays next week."}),
        (31, "pay", {}),
    ],
    # what came back, what is said to be paid, what is wanted
    "copperline": [
        (9, "pay", {"which": 1}),
        (1, "return", {"reason": "Cheque returned: insufficient funds"}),
    ],
    "zuerisee": [
        (5, "call", {"outcome": "says_paid", "note": "Says it was paid together with the June invoice."}),
    ],
    "liffey": [
        (2, "call", {"outcome": "copy", "note": "Cannot find the invoices, wants them by e-mail."}),
    ],
    "nordlicht": [
        (7, "send", {}),
        (6, "call", {"outcome": "reached", "note": "Has the mail, will look into it this week."}),
    ],
    # agreement, agency, write-off, and one that waits
    "goldener_hirsch": [
        (20, "call", {"outcome": "reached", "note": "Season was poor, asks for instalments."}),
        (12, "promise", {"parts": [(5, 0.34), (35, 0.33), (65, 0.33)], "note": "Three payments agreed.", "sign": True}),
        (7, "pay", {"share": 0.34}),
    ],
    "wiegand": [
        (60, "call", {"outcome": "wrong_number", "note": "The number belongs to somebody else."}),
        (45, "call", {"outcome": "refuses", "note": "Will not pay, hangs up."}),
        (24, "hand_over", {"note": "No contact, no reason given."}),
    ],
    "vieux_port": [
        (20, "call", {"outcome": "message", "note": "Répondeur."}),
        (8, "write_off", {"note": "Too small to pursue further."}),
    ],
    "alpkaeserei": [
        (15, "call", {"outcome": "reached", "note": "Alp season: the office is closed."}),
        (2, "skip", {"days": 9, "reason": "Office closed until next week"}),
    ],
    # called, and no more
    "rautenberg": [(9, "call", {"outcome": "reached", "note": "Pays with the next run on the 15th."})],
    "tamarack": [(18, "call", {"outcome": "reached", "note": "Invoice received, nothing unclear."})],
    "quarry_hill": [(31, "call", {"outcome": "message", "note": "Left a message on the mobile."})],
    "fairlawn": [(12, "call", {"outcome": "no_answer", "note": "Practice is closed on Wednesdays."})],
}  # fmt: skip

# Customers of the second company, which is in customer-based mode, and what they owe: days since it was due, amount,
# and how many days late it was paid, if it was.
SECOND = [
    ("Buchhandlung Sonnleitner e. K.", "Marktplatz 4", "90762", "Fürth",
     "+49 911 99998 121", "laden@sonnleitner.example.com",
     [(140, 860.0, 12), (66, 1240.0, 31), (9, 415.5, None)]),
    ("Kanzlei Brandt & Vogel", "Königsallee 60", "40212", "Düsseldorf",
     "+49 221 4710 845", "office@brandt-vogel.example.com",
     [(120, 2310.0, 4), (38, 1890.0, None), (12, 640.0, None)]),
    ("Elektro Haberkorn GmbH", "Industriestraße 17", "70565", "Stuttgart",
     "+49 69 90009 502", "rechnung@haberkorn.example.com",
     [(150, 5120.0, 36), (52, 3480.0, None), (22, 975.0, None)]),
    ("Café Morgenrot", "Kastanienallee 85", "10435", "Berlin",
     "+49 30 23125 633", "hallo@cafe-morgenrot.example.com",
     [(95, 410.0, 20), (27, 288.0, None)]),
    ("Zahnarztpraxis Dr. Öztürk", "Lange Straße 9", "44137", "Dortmund",
     "+49 221 4710 290", "praxis@oeztuerk.example.com",
     [(80, 1520.0, 2), (15, 760.0, None)]),
    ("Stadtwerke Rheinau AöR", "Hafenstraße 2", "68219", "Mannheim",
     "+49 69 90009 718", "kreditoren@sw-rheinau.example.com",
     [(110, 7250.0, 9), (6, 2480.0, None), (-12, 1995.0, None)]),
    ("Tischlerei Behnke", "Am Deich 31", "26721", "Emden",
     "+49 40 66969 284", "info@tischlerei-behnke.example.com",
     [(72, 1130.0, 44), (33, 1460.0, None)]),
    ("Hotel Seeblick OHG", "Uferweg 12", "88131", "Lindau",
     "+49 89 99998 847", "empfang@seeblick.example.com",
     [(88, 2640.0, None), (47, 1320.0, None)]),
]  # fmt: skip
