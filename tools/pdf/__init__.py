"""PDF made quickly, safely and within a time, of reports that ask for it. Nothing here knows what they are about.

wkhtmltopdf reads the style sheets once for the body of a document, and once more for the header and the footer of every
page: nine tenths of its time go into that. So a quick report is printed from files: short style sheets (``styles``),
pictures (``images``), nothing from the network (``links``). Its letterheads fit into their margins, bear its marks, and
have its direction (``heads``). Its table is divided by page (``pages``), and what hangs is stopped (``watchdog``).
``printer`` puts all that together. A report that does not ask for it is printed as Odoo prints it.
"""
