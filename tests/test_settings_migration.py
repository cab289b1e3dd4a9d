"""Settings that were columns of the company become a record of their own (19.0.1.6.0)."""

from odoo.tests import tagged

from .common import DunningCommon

OLD_TYPES = "account_dunning_invoice_type_res_company_rel"
# What no release had as a column of the company.
LATER = (
    *("last_read", "night_policy", "accountant_id", "contact_", "promise_", "agreement_", "desk_", "page_"),
    *("fee_agreed", "deducts_tax", "default_ground", "general_", "cash_expected", "parent_type"),
)


@tagged("post_install", "-at_install")
class TestSettingsMigration(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other")["company"]
        cls.branch = cls.env["res.company"].create({"name": "Branch", "parent_id": cls.company.id})
        cls.settings.write(
            {
                "mode": "customer",
                "balance_id": cls.shipped("balance_overdue").id,
                "max_levels": 7,
                "auto_issue": True,
                "issue_user_id": cls.manager.id,
                "letter_sent": "made",
                "start_date": "2026-02-03",
                "write_off_account_id": cls.company_data["default_account_expense"].id,
                "write_off_tax": True,
                "return_fee_account_id": cls.company_data["default_account_expense"].id,
                "last_night": "2026-05-31",
            }
        )
        cls.settings.charges = "booked"
        cls.settings.invoice_type_ids += cls.shipped("invoice_type_receipt")
        cls.stored = [
            name
            for name, field in cls.settings._fields.items()
            if field.store and field.column_type and name not in ("id", "company_id") and not name.startswith(LATER)
        ]
        field = cls.settings._fields["invoice_type_ids"]
        cls.relation, cls.column1, cls.column2 = field.relation, field.column1, field.column2

    def read_settings(self):
        """The rows by company, and the invoice types by company."""
        cr = self.env.cr
        cr.execute(f"SELECT company_id, {', '.join(self.stored)} FROM account_dunning_settings ORDER BY company_id")
        rows = cr.fetchall()
        cr.execute(
            f"""SELECT settings.company_id, array_agg(types.{self.column2} ORDER BY types.{self.column2})
                  FROM account_dunning_settings settings
                  JOIN {self.relation} types ON types.{self.column1} = settings.id
                 GROUP BY settings.company_id ORDER BY settings.company_id"""
        )
        return rows, cr.fetchall()

    def take_back(self, without=()):
        """The schema of 19.0.1.5.0: columns of the company, and a dialog with the name of the settings."""
        cr = self.env.cr
        self.env.flush_all()
        for name in self.stored:
            if name in without or name in ("create_uid", "create_date", "write_uid", "write_date"):
                continue
            kind = self.settings._fields[name].column_type[1]
            old = "dunning_day" if name == "last_night" else f"dunning_{name}"
            cr.execute(f"ALTER TABLE res_company ADD COLUMN {old} {kind}")
            cr.execute(
                f"""UPDATE res_company company SET {old} = settings.{name}
                      FROM account_dunning_settings settings
                     WHERE settings.company_id = split_part(company.parent_path, '/', 1)::int"""
            )
        cr.execute(f"CREATE TABLE {OLD_TYPES} (res_company_id int, account_dunning_invoice_type_id int)")
        cr.execute(
            f"""INSERT INTO {OLD_TYPES} SELECT company.id, types.{self.column2}
                  FROM {self.relation} types
                  JOIN account_dunning_settings settings ON settings.id = types.{self.column1}
                  JOIN res_company company
                    ON settings.company_id = split_part(company.parent_path, '/', 1)::int"""
        )
        cr.execute(f"DROP TABLE {self.relation}, account_dunning_settings")
        cr.execute("CREATE TABLE account_dunning_settings (id serial PRIMARY KEY, company_id int)")
        cr.execute("INSERT INTO account_dunning_settings (company_id) VALUES (%s), (%s)", (self.company.id,) * 2)

    def migrate(self):
        self.migration("19.0.1.6.0", "pre-settings").migrate(self.env.cr, "19.0.1.5.0")

    def find_old_columns(self):
        self.env.cr.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = 'res_company' AND column_name LIKE 'dunning_%'"
        )
        return self.env.cr.fetchall()

    def test_nothing_is_lost(self):
        self.env.flush_all()
        before = self.read_settings()
        self.assertEqual(len(dict(before[1])[self.company.id]), 2)
        self.take_back()
        self.migrate()
        rows, types = self.read_settings()
        log = {self.stored.index(name) + 1 for name in ("create_uid", "create_date", "write_uid", "write_date")}
        self.assertEqual(types, before[1])
        self.assertEqual(
            [[value for index, value in enumerate(row) if index not in log] for row in rows],
            [[value for index, value in enumerate(row) if index not in log] for row in before[0]],
        )
        self.assertNotIn(self.branch.id, [row[0] for row in rows])
        self.assertFalse(self.find_old_columns())

    def test_older_releases_lack_some(self):
        """What they have not, gets its default when the module is loaded."""
        self.take_back(without=("mode", "balance_id", "issue_user_id"))
        self.env.cr.execute(f"DROP TABLE {OLD_TYPES}")
        self.migrate()
        self.env.cr.execute("SELECT * FROM account_dunning_settings WHERE company_id = %s", self.company.ids)
        row = self.env.cr.dictfetchone()
        self.assertEqual((row["max_levels"], row["letter_sent"]), (7, "made"))
        self.assertNotIn("mode", row)
        self.env.cr.execute(f"SELECT count(*) FROM {self.relation}")
        self.assertEqual(self.env.cr.fetchone(), (0,))
        self.assertFalse(self.find_old_columns())
