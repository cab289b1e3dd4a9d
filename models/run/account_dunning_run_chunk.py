from bisect import bisect, bisect_left

from odoo import api, fields, models
from odoo.tools import SQL

ITEMS_PER_CHUNK = 60000
LAST_ID = 2**31 - 1


class AccountDunningRunChunk(models.Model):
    """A share of the customers of a run that proposes: one transaction's work.

    Chunks are ranges of ids that leave out no customer, all with about the same number of items: ``ITEMS_PER_CHUNK`` at
    most, and those of one customer more, since none is divided. Workers take them with ``SKIP LOCKED``, so that
    several can propose for one run; what a worker did not finish is taken up again.
    """

    _name = "account.dunning.run.chunk"
    _description = "Chunk of a Dunning Run"
    _log_access = False
    _order = "id"

    run_id = fields.Many2one("account.dunning.run", required=True, index=True, ondelete="cascade")
    first_id = fields.Integer(required=True)
    last_id = fields.Integer(required=True)
    customers = fields.Integer(required=True)
    candidates = fields.Json(help="The ids of the customers whom a night reads, where it does not read all.")
    passed = fields.Json(help="The ids of those whom it would read if anything of them were due.")
    done = fields.Boolean()

    @api.model
    def _divide(self, run):
        """Make the chunks of ``run`` anew."""
        run.chunk_ids.unlink()
        candidates = run._find_candidates()
        self.env.flush_all()
        self._advise_planner()
        self.env.cr.execute(
            SQL(
                """INSERT INTO account_dunning_run_chunk (run_id, first_id, last_id, customers, candidates)
                   SELECT %(run)s, COALESCE(LAG(MAX(partner_id)) OVER (ORDER BY chunk) + 1, 0),
                          CASE WHEN LEAD(chunk) OVER (ORDER BY chunk) IS NULL THEN %(last)s ELSE MAX(partner_id) END,
                          COUNT(*), CASE WHEN %(few)s THEN jsonb_agg(partner_id ORDER BY partner_id) END
                     FROM (SELECT partner_id, FLOOR((position - 1) * CEIL(total / %(size)s) / total) AS chunk
                             FROM (SELECT partner_id, SUM(COUNT(*)) OVER (ORDER BY partner_id) AS position,
                                          SUM(COUNT(*)) OVER () AS total
                                     FROM (%(customers)s) AS customers GROUP BY partner_id) AS counted) AS divided
                    GROUP BY chunk ORDER BY chunk""",
                run=run.id,
                last=LAST_ID,
                size=ITEMS_PER_CHUNK,
                few=candidates is not None,
                customers=run._customer_query(candidates),
            )
        )
        if run.nightly and not self.env.cr.rowcount:  # those of whom nothing is due are looked at, too
            self.create({"run_id": run.id, "first_id": 0, "last_id": LAST_ID, "customers": 0})
        run.invalidate_recordset(["chunk_ids"])
        if candidates is not None:
            run.chunk_ids._pass_over(candidates)

    def _pass_over(self, candidates):
        """Keep with each chunk whom of the ``candidates`` (ids) it is to pass over: nothing of them is due."""
        due = {partner_id for chunk in self for partner_id in chunk.candidates or ()}
        left = sorted({*candidates} - due)
        for chunk in self:
            chunk.passed = left[bisect_left(left, chunk.first_id) : bisect(left, chunk.last_id)]

    @api.model
    def _take(self):
        """Lock and return a chunk that no other worker is at; none where nothing is left.

        Of a company's runs, which may want the same items, one proposes at a time.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT chunk.id FROM account_dunning_run_chunk chunk
                     JOIN account_dunning_run run ON run.id = chunk.run_id AND run.state = 'proposing'
                    WHERE chunk.done IS NOT TRUE
                      AND NOT EXISTS (SELECT 1 FROM account_dunning_run earlier
                                       WHERE earlier.company_id = run.company_id AND earlier.id < run.id
                                         AND earlier.state = 'proposing')
                    ORDER BY chunk.id LIMIT 1 FOR NO KEY UPDATE OF chunk SKIP LOCKED"""
            )
        )
        return self.browse(row[0] for row in rows)

    def _propose(self):
        """Propose for the customers of the chunk (one, which has been taken, or none)."""
        if not self:
            return
        self._advise_planner()
        if self.run_id._reads_all():
            self.run_id._propose_range(self.first_id, self.last_id)
        else:
            self.run_id._propose_candidates(self.candidates or [], self.passed or [])
        self.done = True

    @api.model
    def _advise_planner(self):
        """Tell PostgreSQL, for this transaction, how to answer the big queries.

        Not compiled, which takes longer than it saves; and by an index where few rows are asked for: what a chunk reads
        is in memory, where a page is found as quickly as the next one.
        """
        self.env.cr.execute("SET LOCAL jit = off; SET LOCAL random_page_cost = 1.1")
