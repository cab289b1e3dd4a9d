"""Posted invoices as copies of the rows of one that Odoo has posted.

To create and post an invoice takes a tenth of a second, and that was a third of what all tests took. Where an invoice
has nothing particular, its rows differ from those of another one in known columns only. ``test_copies`` compares a copy
with what Odoo posts, column by column and table by table.
"""

import json
from collections import Counter, defaultdict

# What of a customer decides how an invoice to him is written, apart from who he is. Of customers who have contacts
# nothing is said: those may get it.
CUSTOMER = """
SELECT customer.id,
       (SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(customer))
         WHERE key LIKE 'property%%' OR key LIKE 'invoice%%' OR key IN (
               'lang', 'user_id', 'company_id', 'country_id', 'state_id', 'zip', 'vat', 'type', 'active', 'is_company'
         ))::text AS kind
  FROM res_partner customer
 WHERE customer.id = ANY(%s) AND customer.commercial_partner_id = customer.id
   AND NOT EXISTS (SELECT FROM res_partner child WHERE child.parent_id = customer.id)
"""
MOVE = "SELECT to_jsonb(account_move) FROM account_move WHERE id = %s"
LINES = "SELECT to_jsonb(account_move_line) FROM account_move_line WHERE move_id = %s ORDER BY id"
LAST = "SELECT COALESCE(MAX(sequence_number), 0) FROM account_move WHERE journal_id = %s AND sequence_prefix = %s"
INSERT = "INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s)"
AMOUNTS = {
    *("amount_untaxed", "amount_total", "amount_residual", "amount_untaxed_signed", "amount_total_signed"),
    *("amount_untaxed_in_currency_signed", "amount_total_in_currency_signed", "amount_residual_signed"),
    *("debit", "credit", "balance", "amount_currency", "price_unit", "price_subtotal", "price_total"),
    *("amount_residual_currency",),
}


class Copier:
    """Posts plain invoices for the tests of one class: the first of a kind by Odoo, the others as copies of it.

    Of one kind are invoices of the same company, user and year to customers of whom the same is known about invoicing.
    """

    def __init__(self):
        self.kept = {}

    def post(self, env, post, vals_list):
        """Give posted invoices, one for each of ``vals_list``, which ``DunningCommon.prepare_invoice`` has made.

        :param post: makes and posts invoices from such a list
        """
        env.flush_all()
        partners = env["res.partner"].browse({vals["partner_id"] for vals in vals_list})
        stopped = partners.sudo().filtered("dunning_credit_stop")
        accounts = env.company.partner_id.bank_ids.ids  # the first is that of the invoice
        env.cr.execute(CUSTOMER, [(partners - stopped).ids])
        kinds = {id: (kind, env.company.id, *accounts[:1], env.uid) for id, kind in env.cr.fetchall()}
        ids, copied = [None] * len(vals_list), defaultdict(list)
        for index, vals in enumerate(vals_list):
            kind = kinds.get(vals["partner_id"])
            key = kind and (*kind, vals["invoice_date"].year)
            if key in self.kept:
                copied[key].append(index)
                continue
            ids[index] = post([vals]).id
            rows = key and self._read(env, ids[index])
            if rows:
                self.kept[key] = rows
        for key, indexes in copied.items():
            copies = self._copy(env, *self.kept[key], [vals_list[index] for index in indexes])
            for index, move_id in zip(indexes, copies, strict=True):
                ids[index] = move_id
        if copied:
            env.invalidate_all()
        return env["account.move"].browse(ids)

    def _read(self, env, move_id):
        """The row of a move, and the rows of its lines; nothing where Odoo took the account of earlier invoices."""
        env.flush_all()
        env.cr.execute(MOVE, [move_id])
        [[move]] = env.cr.fetchall()
        env.cr.execute(LINES, [move_id])
        lines = [line for [line] in env.cr.fetchall()]
        usual = env["account.journal"].browse(move["journal_id"]).default_account_id.id
        if all(line["account_id"] == usual for line in lines if line["display_type"] == "product"):
            return move, lines
        return None

    def _copy(self, env, move, lines, vals_list):
        """Insert rows like those of ``move`` and ``lines`` for ``vals_list``; give the ids of the new moves."""
        cr = env.cr
        cr.execute(LAST, [move["journal_id"], move["sequence_prefix"]])
        [[last]] = cr.fetchall()
        moves, all_lines = [], []
        move_ids = self._take_ids(cr, "account_move", len(vals_list))
        line_ids = iter(self._take_ids(cr, "account_move_line", len(vals_list) * len(lines)))
        for number, (vals, move_id) in enumerate(zip(vals_list, move_ids, strict=True), last + 1):
            new = New(env, move, vals, number)
            moves.append({**new.row(move), "id": move_id, "sequence_number": number})
            all_lines += [{**new.row(line), "id": next(line_ids), "move_id": move_id} for line in lines]
        for table, rows in (("account_move", moves), ("account_move_line", all_lines)):
            cr.execute(INSERT.format(table=table), [json.dumps(rows)])
        env["account.move"]._get_sequence_cache().clear()  # the last number, as Odoo knows it
        for partner_id, count in Counter(vals["partner_id"] for vals in vals_list).items():
            env["res.partner"].browse(partner_id)._increase_rank("customer_rank", count)
        return move_ids

    def _take_ids(self, cr, table, count):
        cr.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [f"{table}_id_seq", count])
        return [id for [id] in cr.fetchall()]


class New:
    """What is other in the rows of an invoice with ``vals`` and ``number`` than in those of ``move``."""

    def __init__(self, env, move, vals, number):
        partner = env["res.partner"].browse(vals["partner_id"])
        date, due = vals["invoice_date"].isoformat(), vals["invoice_date_due"].isoformat()
        now = env.cr.now().isoformat()
        self.columns = {
            **dict.fromkeys(("date", "invoice_date"), date),
            **dict.fromkeys(("date_maturity", "invoice_date_due"), due),
            **dict.fromkeys(("partner_id", "commercial_partner_id", "partner_shipping_id"), partner.id),
            **dict.fromkeys(("create_date", "write_date"), now),
            "invoice_partner_display_name": partner.display_name,
            "dunning_posted_on": env.company.root_id._dunning_today().isoformat(),
        }
        width = len(move["name"]) - len(move["sequence_prefix"])
        self.name, self.new_name = move["name"], f"{move['sequence_prefix']}{number:0{width}}"
        self.factor = vals["invoice_line_ids"][0][2]["price_unit"] / move["amount_total"]

    def row(self, row):
        return {column: self.value(column, value) for column, value in row.items()}

    def value(self, column, value):
        if value is None:
            return None
        if column in AMOUNTS:
            return round(value * self.factor, 2)
        if value == self.name:
            return self.new_name
        return self.columns.get(column, value)
