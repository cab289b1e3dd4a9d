import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.attempt import attempt_parts, get_error_text

_logger = logging.getLogger(__name__)

MOST_HOURS = 24


class AccountDunningBacklog(models.Model):
    """Journal items whose debt has changed, but whose plans could not follow in the same transaction.

    A payment never fails because of dunning. What went wrong is logged, and the items wait here for the next scheduled
    minute, then longer each time that it goes wrong again.
    """

    _name = "account.dunning.backlog"
    _description = "Journal Items Whose Collection Plans Have to Follow"
    _log_access = False
    _order = "id"

    move_line_id = fields.Many2one("account.move.line", required=True, index=True, ondelete="cascade")
    tries = fields.Integer()
    next_try = fields.Datetime(required=True)
    failure = fields.Char()

    @api.model
    def _keep(self, line_ids, error):
        """Keep the journal items for the next scheduled minute."""
        now, failure = fields.Datetime.now(), get_error_text(error)
        lines = self.env["account.move.line"].browse(line_ids).exists()
        self.create([{"move_line_id": line.id, "next_try": now, "failure": failure} for line in lines])
        self.env["ir.cron"]._trigger_dunning()
        self.env.flush_all()

    @api.model
    def _catch_up(self):
        """Let the plans of the items follow whose time has come; those that fail again wait longer."""
        plans = self._find_overlooked()
        attempt_parts(self.env, plans, lambda plans: plans._settle(), self._keep_plan, alone=True)
        rows = self.search([("next_try", "<=", fields.Datetime.now())]).try_lock_for_update()
        attempt_parts(self.env, rows, self._follow_up, self._put_off, alone=True)

    @api.model
    def _find_overlooked(self):
        """New plans without debt: a payment was made while they were opened, and neither could see the other."""
        suspects = self._get_suspect_condition()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT plan.id FROM account_collection_plan plan
                    WHERE plan.state = 'ongoing' AND plan.opened_on >= %s AND %s
                      AND EXISTS (SELECT 1 FROM account_dunning_item item WHERE item.plan_id = plan.id)
                      AND NOT EXISTS (SELECT 1 FROM account_dunning_item item
                                        JOIN account_move_line line ON line.id = item.move_line_id
                                       WHERE item.plan_id = plan.id AND line.reconciled IS NOT TRUE)
                      AND NOT EXISTS (SELECT 1 FROM account_dunning_item item
                                        JOIN account_dunning_backlog kept ON kept.move_line_id = item.move_line_id
                                       WHERE item.plan_id = plan.id)""",
                fields.Date.subtract(fields.Date.today(), days=2),
                suspects,
            )
        )
        return self.env["account.collection.plan"].browse(row[0] for row in rows)

    @api.model
    def _get_suspect_condition(self):
        """SQL condition for those plans (the alias ``plan``) alone that a payment may have missed. Hook."""
        return SQL("TRUE")

    @api.model
    def _look_soon(self):
        """Have the workers look in a minute: plans were opened."""
        for worker in self.env["ir.cron"]._get_dunning_workers()[:1]:
            worker._trigger(fields.Datetime.add(fields.Datetime.now(), minutes=1))

    @api.model
    def _keep_plan(self, plan, error):
        """Keep the items of a ``plan`` that cannot settle, beside those that wait already."""
        _logger.error("Collection plan %s cannot follow its debt", plan.id, exc_info=error)
        self._keep(plan.item_state_ids.move_line_id.ids, error)

    @api.model
    def _follow_up(self, rows):
        self.env["account.collection.plan"]._settle_lines(rows.move_line_id.ids)
        rows.unlink()

    @api.model
    def _put_off(self, row, error):
        """Keep ``row`` for later: one minute, then twice as long each time, a day at most."""
        _logger.error("The collection plans of journal item %s cannot follow it", row.move_line_id.id, exc_info=error)
        minutes = min(2**row.tries, MOST_HOURS * 60)
        row.write(
            {
                "tries": row.tries + 1,
                "next_try": fields.Datetime.add(fields.Datetime.now(), minutes=minutes),
                "failure": get_error_text(error),
            }
        )
        for worker in self.env["ir.cron"]._get_dunning_workers()[:1]:
            worker._trigger(row.next_try)
