from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine import forecast
from ...models.base.names import COLLECTORS
from ...models.receivables.document import DUE
from ...models.receivables.obstacle import Question
from ...models.run.proposing import without_gc
from ...tools.bulk import bulk_insert

FORECAST_DAYS = 14
FORECAST_BATCH = 5000


class AccountDunningForecastLine(models.TransientModel):
    """What goes out in the next days if nobody pays: one row per notice.

    The list is made anew each time a user opens it, and is his alone. What is due already, or waits in
    a run, has today's date.
    """

    _name = "account.dunning.forecast.line"
    _description = "Upcoming Notice"
    _inherit = ["account.dunning.guard"]
    _order = "date, partner_id, level_id, id"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    date = fields.Date(required=True, readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, readonly=True, ondelete="cascade")
    type_id = fields.Many2one("account.dunning.type", string="Dunning Type", readonly=True, ondelete="cascade")
    level_id = fields.Many2one("account.dunning.level", readonly=True, ondelete="cascade")
    document = fields.Selection(
        [
            ("email", "E-mail"),
            ("letter", "Letter"),
            ("none", "No Document"),
            ("unreachable", "Cannot Be Reached"),
        ],
        string="Channel",
        readonly=True,
        help="How the notice leaves. Cannot be reached: the recipient has neither an e-mail nor a postal address.",
    )
    item_count = fields.Integer(string="Items", readonly=True)
    amount = fields.Monetary(readonly=True, aggregator=None, help="What is claimed, net of credits.")
    currency_id = fields.Many2one("res.currency", readonly=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="Collector", readonly=True, ondelete="cascade")
    plan_id = fields.Many2one(
        "account.collection.plan",
        string="Collection Plan",
        readonly=True,
        ondelete="cascade",
        help="Where all items of the row belong to one plan.",
    )

    @api.model
    def _open(self):
        """Make the list for the user's company anew, and open it."""
        company = self.env.company.root_id
        self._check_collector()
        # rows of a preview: nobody may write them
        self.sudo().search([("create_uid", "=", self.env.uid)]).unlink()
        # a preview of the whole company for its collectors
        self.sudo()._make(company, company._dunning_today())
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_dunning_forecast_action_window")
        return {**action, "domain": [("create_uid", "=", self.env.uid), ("company_id", "=", company.id)]}

    @api.model
    def _check_collector(self):
        self._check_role(COLLECTORS, self.env._("Only collectors may see the upcoming notices."))

    @api.model
    def _make(self, company, today):
        """Write the rows of ``company`` (a root company) from ``today`` on; in batches of customers."""
        partner_ids, decided = self._find_customers(company, today), {}
        self.env.cr.execute("SET LOCAL jit = off")  # to compile the queries takes longer than they do
        for start in range(0, len(partner_ids), FORECAST_BATCH):
            with without_gc():
                self._make_batch(company, partner_ids[start : start + FORECAST_BATCH], today, decided)

    @api.model
    def _find_customers(self, company, today):
        """The ids of the customers of whom anything is, or becomes, due for a notice or reminder in the days ahead."""
        reader = self.env["account.dunning.reader"]
        horizon = fields.Date.add(today, days=FORECAST_DAYS + reader._get_horizon_days(company))
        condition = reader._open_item_condition(company)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                f"""SELECT line.partner_id FROM account_move_line line
                    WHERE %s AND line.reconciled IS NOT TRUE AND line.amount_residual_currency > 0
                      AND {DUE} <= %s
                    UNION
                   SELECT line.partner_id FROM (%s) AS returned
                     JOIN account_move_line line ON line.id = returned.line_id
                    WHERE %s
                    ORDER BY 1""",
                condition,
                horizon,
                reader._returned_query(SQL("TRUE")),
                condition,
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _make_batch(self, company, partner_ids, today, decided):
        """Write the rows of some customers, with a constant number of queries.

        :param dict decided: what the engine has decided by day, from batch to batch
        """
        own = self.env["account.dunning.notice"].search(
            Domain("company_id", "=", company.id)
            & Domain("partner_id", "in", partner_ids)
            & Domain("state", "in", ("proposed", "queued", "to_print"))
        )
        question = Question(company, tuple(partner_ids), today, tuple(own.ids))
        customers, rules = self.env["account.dunning.reader"]._read_customers(question)
        until = fields.Date.add(today, days=FORECAST_DAYS)
        rounding = company.currency_id.rounding
        steps = [step for customer in customers for step in forecast(customer, rules, today, until, rounding, decided)]
        rows = zip(steps, self._get_collectors(company, steps), self._get_documents(steps), strict=True)
        bulk_insert(self, [self._prepare_vals(company, *row) for row in rows])

    @api.model
    def _prepare_vals(self, company, step, user_id, document):
        """Values of the row for a ``step`` (:class:`engine.Forecast`). Hook."""
        plans = {verdict.item.plan for verdict in step.verdicts}
        return {
            "company_id": company.id,
            "date": step.day,
            "partner_id": step.customer,
            "type_id": step.type,
            "level_id": step.level.id,
            "document": document,
            "item_count": len(step.verdicts),
            "amount": self.env["res.currency"].browse(step.currency).round(step.amount),
            "currency_id": step.currency,
            "user_id": user_id,
            "plan_id": (plans.pop() if len(plans) == 1 else None) or False,
        }

    @api.model
    def _get_collectors(self, company, steps):
        """The id of the collector of each step: of the plan, else of the customer, else the invoice's salesperson."""
        leading = [step.verdicts[0].item for step in steps]
        plans = self.env["account.collection.plan"].browse({item.plan for item in leading if item.plan})
        plans.fetch(["user_id"])
        by_plan = {plan.id: plan.user_id.id for plan in plans}
        partner_ids = list({step.customer for step in steps})
        by_partner = self.env["account.dunning.reader"]._get_partner_values(company, partner_ids, "dunning_user_id")
        lines = self.env["account.move.line"].browse({item.id for item in leading})
        lines.fetch(["move_id"])
        lines.move_id.fetch(["invoice_user_id"])
        by_item = {line.id: line.move_id.invoice_user_id.id for line in lines}
        return [
            by_plan.get(item.plan) or by_partner.get(step.customer) or by_item[item.id]
            for step, item in zip(steps, leading, strict=True)
        ]

    @api.model
    def _get_documents(self, steps):
        """How each step leaves, as its notice would: a value of ``document``."""
        levels = self.env["account.dunning.level"]
        recipients = self.env["account.dunning.run"]._get_recipients(steps)
        return [
            levels.browse(step.level.id)._choose_document(recipient) or "unreachable"
            for step, recipient in zip(steps, recipients, strict=True)
        ]

    def action_open_plan(self):
        """Open the collection plan."""
        self.ensure_one()
        return self.plan_id._get_records_action()

    def action_open_customer(self):
        """Open the customer."""
        self.ensure_one()
        return self.partner_id._get_records_action()
