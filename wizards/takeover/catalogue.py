"""The tables of other modules, as far as they are there: read by SQL, since the modules may be gone."""

from odoo.tools import SQL

# What the tables of ours say with the columns that other modules left in them.
PARTNER, MOVE, ITEM, COMPANY = "res_partner", "account_move", "account_move_line", "res_company"


class Catalogue:
    """Reads tables for a root ``company``; a column that is missing is read as None.

    What is kept by company (jsonb by its id) is read for that company alone.
    """

    def __init__(self, company, tables):
        self.env = company.env
        self.company = company
        # rows of branches are taken over with those of their head office
        self.company_ids = company.env["res.company"].sudo().search([("id", "child_of", company.id)]).ids
        self.columns = self._read_columns([*tables, PARTNER, MOVE, ITEM, COMPANY])

    def _read_columns(self, tables):
        """The type of each column by table and column, of the ``tables`` that are there."""
        rows = self.env.execute_query(
            SQL(
                """SELECT class.relname, attribute.attname, format_type(attribute.atttypid, NULL)
                     FROM pg_class class
                     JOIN pg_attribute attribute ON attribute.attrelid = class.oid
                    WHERE class.relnamespace = current_schema::regnamespace AND class.relkind IN ('r', 'p')
                      AND class.relname = ANY(%s) AND attribute.attnum > 0 AND NOT attribute.attisdropped""",
                list(tables),
            )
        )
        found = {}
        for table, column, kind in rows:
            found.setdefault(table, {})[column] = kind
        return found

    def has(self, table, *columns):
        """True where the ``table`` is there, with all the ``columns``."""
        return table in self.columns and not set(columns).difference(self.columns[table])

    def column(self, table, name, alias="t"):
        """A column as SQL, NULL where it is missing."""
        return SQL.identifier(alias, name) if self.has(table, name) else SQL("NULL")

    def own(self, table, name, cast, alias="t"):
        """A column that may be kept by company, as SQL of the type ``cast``: int, text, date, float or bool."""
        column = self.column(table, name, alias)
        if self.has(table, name) and self.columns[table][name] == "jsonb":
            column = SQL("%s->>%s", column, str(self.company.id))
        return SQL("(%s)::%s", column, SQL(cast))

    def fetch(self, query):
        """The rows of a query, as dicts."""
        # what other modules wrote in this transaction is read, too
        self.env.flush_all()
        return self.env.execute_query_dict(query)

    def read_partners(self, names):
        """Customers with any of the columns ``names`` (by name: the type), as dicts with id, name and commercial_id."""
        return self._read_marked(
            PARTNER,
            names,
            SQL("t.name AS name, t.commercial_partner_id AS commercial_id"),
            SQL("(t.company_id IS NULL OR t.company_id = ANY(%s))", self.company_ids),
        )

    def read_moves(self, names):
        """Posted customer invoices that are open, with any of the columns ``names``; id and name besides."""
        return self._read_marked(
            MOVE,
            names,
            SQL("t.name AS name, t.commercial_partner_id AS partner_id"),
            SQL(
                "t.company_id = ANY(%s) AND t.state = 'posted' AND t.move_type <> 'entry' AND EXISTS ("
                " SELECT 1 FROM account_move_line line JOIN account_account account ON account.id = line.account_id"
                " WHERE line.move_id = t.id AND NOT line.reconciled AND account.account_type = 'asset_receivable')",
                self.company_ids,
            ),
        )

    def _read_marked(self, table, names, also, where):
        known = {name: cast for name, cast in names.items() if self.has(table, name)}
        if not known:
            return []
        columns = [SQL("%s AS %s", self.own(table, name, cast), SQL.identifier(name)) for name, cast in known.items()]
        columns += [SQL("NULL AS %s", SQL.identifier(name)) for name in names if name not in known]
        marked = SQL(" OR ").join(
            self.own(table, name, cast) if cast == "bool" else SQL("%s IS NOT NULL", self.own(table, name, cast))
            for name, cast in known.items()
        )
        return self.fetch(
            SQL(
                "SELECT t.id, %s, %s FROM %s t WHERE %s AND (%s) ORDER BY t.id",
                also,
                SQL(", ").join(columns),
                SQL.identifier(table),
                where,
                marked,
            )
        )

    def open_items(self):
        """SQL of what joins and restricts the journal items ``line`` to open receivables of the company."""
        return SQL(
            """JOIN account_account account ON account.id = line.account_id
                                            AND account.account_type = 'asset_receivable'
               WHERE line.company_id = ANY(%s) AND line.parent_state = 'posted'
                 AND line.reconciled IS NOT TRUE AND line.balance > 0""",
            self.company_ids,
        )
