from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.bulk import bulk_insert


class AccountDunningSkipped(models.Model):
    """What a run left out: one row per customer, reason and currency.

    What nights leave out is carried over: a row stands for all of them from ``run_id`` on, before that of ``until_id``.
    """

    _name = "account.dunning.skipped"
    _description = "Left Out of a Dunning Run"
    _order = "reason, partner_id, id"

    run_id = fields.Many2one("account.dunning.run", required=True, index=True, ondelete="cascade")
    until_id = fields.Integer(help="The id of the first nightly run that does not leave this out any more.")
    company_id = fields.Many2one(related="run_id.company_id")
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="cascade")
    reason = fields.Selection("_get_reasons", required=True)
    item_count = fields.Integer(string="Items", aggregator="sum")
    currency_id = fields.Many2one("res.currency", required=True)
    amount = fields.Monetary(string="Overdue", aggregator=None)
    note = fields.Char()

    _standing = models.Index("(partner_id) WHERE until_id IS NULL")

    @api.model
    def _get_reasons(self):
        """The obstacles of the registry, and what else keeps a customer or an item out of a run."""
        return list(self.env["account.dunning.reader"]._get_reason_labels().items())

    @api.depends("partner_id", "reason")
    def _compute_display_name(self):
        labels = self.env["account.dunning.reader"]._get_reason_labels()
        for row in self:
            row.display_name = f"{row.partner_id.display_name}: {labels.get(row.reason, '')}"

    def action_open_items(self):
        """Show the open items of the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_move_line_open_items_action")
        return {
            **action,
            "domain": [
                *self.env["account.move.line"]._get_open_item_domain(),
                ("partner_id", "=", self.partner_id.id),
            ],
        }

    # carried over from night to night

    @api.model
    def _get_domain(self, run):
        """Domain of what ``run`` left out."""
        if not run.nightly:
            return Domain("run_id", "=", run.id)
        nights = (
            Domain("company_id", "=", run.company_id.id) & Domain("nightly", "=", True) & Domain("id", "<=", run.id)
        )
        standing = Domain("until_id", "=", False) | Domain("until_id", ">", run.id)
        return Domain("run_id", "any", nights) & standing

    @api.model
    def _count(self, runs):
        """How many rows the runs have, by run id; one query."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT run.id, COUNT(*)
                     FROM account_dunning_run run
                     JOIN account_dunning_run first
                       ON first.id = run.id OR run.nightly AND first.nightly AND first.company_id = run.company_id
                                               AND first.id < run.id
                     JOIN account_dunning_skipped skipped ON skipped.run_id = first.id
                    WHERE run.id = ANY(%s) AND (skipped.until_id IS NULL OR skipped.until_id > run.id)
                    GROUP BY run.id""",
                runs.ids,
            )
        )
        return dict(rows)

    @api.model
    def _read_standing(self, company, partner_ids):
        """What stands of customers since the nights of ``company``: by partner id (id, run id, what it says)."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT skipped.id, skipped.run_id, skipped.partner_id, skipped.reason, skipped.currency_id,
                          skipped.item_count, skipped.amount::float, skipped.note
                     FROM account_dunning_skipped skipped
                     JOIN account_dunning_run run ON run.id = skipped.run_id AND run.nightly AND run.company_id = %s
                    WHERE skipped.partner_id = ANY(%s) AND skipped.until_id IS NULL""",
                company.id,
                list(partner_ids),
            )
        )
        result = defaultdict(list)
        for row_id, run_id, partner_id, *said in rows:
            result[partner_id].append((row_id, run_id, tuple(said)))
        return result

    @api.model
    def _say(self, vals):
        """What a row with the values ``vals`` says of its customer, as :meth:`_read_standing` reads it."""
        return (vals["reason"], vals["currency_id"], vals["item_count"], vals["amount"], vals["note"] or None)

    @api.model
    def _exchange(self, run, partner_ids, vals_list):
        """Let ``vals_list`` be all that stands of the customers since the night ``run``; what stands already stays."""
        new = defaultdict(list)
        for vals in vals_list:
            new[vals["partner_id"], self._say(vals)].append(vals)
        gone = []
        for partner_id, rows in self._read_standing(run.company_id, partner_ids).items():
            for row_id, run_id, said in rows:
                if same := new.get((partner_id, said)):
                    same.pop()
                else:
                    gone.append((row_id, run_id))
        self._end(run, SQL("id = ANY(%s)", [row_id for row_id, _run_id in gone]) if gone else None)
        bulk_insert(self, [vals for group in new.values() for vals in group])

    @api.model
    def _end_of(self, run, which):
        """Nothing stands any more of the customers, from the night ``run`` on; ``which``: SQL condition by column."""
        nights = SQL("SELECT id FROM account_dunning_run WHERE nightly AND company_id = %s", run.company_id.id)
        self._end(run, SQL("until_id IS NULL AND run_id IN (%s) AND %s", nights, which("partner_id")))

    @api.model
    def _end(self, run, condition):
        """The rows that fulfil ``condition`` stand no more from the night ``run`` on: its own go."""
        if condition is None:
            return
        self.env.flush_all()
        self.env.cr.execute(SQL("DELETE FROM account_dunning_skipped WHERE run_id >= %s AND %s", run.id, condition))
        self.env.cr.execute(SQL("UPDATE account_dunning_skipped SET until_id = %s WHERE %s", run.id, condition))
        self.invalidate_model(flush=False)

    @api.model
    def _hand_on(self, run):
        """The night ``run`` is about to be deleted: what stands since it stands since the next one.

        :return: whether there is a next one
        """
        nights = Domain("company_id", "=", run.company_id.id) & Domain("nightly", "=", True) & Domain("id", ">", run.id)
        following = run.search(nights, order="id", limit=1)
        self.env.flush_all()
        columns = ("run_id", "until_id") if following else ("until_id",)  # without a next one its own rows go with it
        for column in map(SQL.identifier, columns):
            next_id = following.id or None
            self.env.cr.execute(
                SQL("UPDATE account_dunning_skipped SET %s = %s WHERE %s = %s", column, next_id, column, run.id)
            )
        self.invalidate_model(flush=False)
        return bool(following)
