from odoo import api, fields, models
from odoo.tools import SQL


class AccountDunningSnapshotItem(models.Model):
    """An open item as it was at the end of a month; people see it as a row of ``account.dunning.figure.item``."""

    _name = "account.dunning.snapshot.item"
    _description = "Open Item of a Month"
    _log_access = False

    snapshot_id = fields.Many2one("account.dunning.snapshot", required=True, index=True, ondelete="cascade")
    move_line_id = fields.Many2one("account.move.line", index="btree_not_null", ondelete="set null")
    partner_id = fields.Many2one("res.partner", index="btree_not_null", ondelete="set null")
    user_id = fields.Many2one("res.users", ondelete="set null")
    number = fields.Char()
    due = fields.Date()
    bucket = fields.Integer(aggregator=None)
    amount = fields.Float()
    disputed = fields.Float()
    promised = fields.Float()
    held = fields.Float()
    agency = fields.Float()

    @api.model
    def _keep(self, snapshot):
        """Keep what is open on the day of ``snapshot``, with one statement."""
        columns = "snapshot_id move_line_id partner_id user_id number due bucket amount disputed promised held agency"
        query = self.env["account.dunning.ledger"]._get_row_query(
            snapshot.company_id, snapshot.day, SQL("%s", snapshot.id)
        )
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "INSERT INTO account_dunning_snapshot_item (%s) %s",
                SQL(", ").join(map(SQL.identifier, columns.split())),
                query,
            )
        )
        self.invalidate_model()
