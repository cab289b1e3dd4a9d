"""What users delete or merge is looked for in the big tables by an index, not by reading all of them."""

from odoo.tests import TransactionCase, tagged

BIG = (
    "account_collection_plan",
    "account_dunning_charge",
    "account_dunning_item",
    "account_dunning_skipped",
    "account_dunning_notice",
    "account_dunning_notice_line",
)
# Nobody deletes a company or a currency; types, levels and reasons that were used cannot be, or are archived.
KEPT = ("res_company", "res_currency", "account_dunning_type", "account_dunning_level", "account_dunning_reason")

# The references without an index that has all rows with a value.
WITHOUT_INDEX = """
SELECT table_.relname || '.' || field.attname
  FROM pg_constraint reference
  JOIN pg_class table_ ON table_.oid = reference.conrelid
  JOIN pg_class target ON target.oid = reference.confrelid
  JOIN pg_attribute field ON field.attrelid = table_.oid AND field.attnum = reference.conkey[1]
 WHERE reference.contype = 'f' AND table_.relname IN %s AND target.relname NOT IN %s
   AND field.attname NOT IN ('create_uid', 'write_uid')
   AND NOT EXISTS (SELECT 1 FROM pg_index
                    WHERE indrelid = table_.oid AND indkey[0] = field.attnum
                      AND (indpred IS NULL
                           OR pg_get_expr(indpred, indrelid) = '(' || field.attname || ' IS NOT NULL)'))
"""


@tagged("post_install", "-at_install")
class TestIndexes(TransactionCase):
    def test_references_to_what_users_delete(self):
        self.env.cr.execute(WITHOUT_INDEX, [BIG, KEPT])
        self.assertEqual(self.env.cr.fetchall(), [])
