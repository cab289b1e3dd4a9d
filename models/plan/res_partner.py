from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

from ..base.names import COLLECTORS, OPEN_STATES


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "account.dunning.status.mixin"]

    collection_plan_ids = fields.One2many("account.collection.plan", "partner_id", groups=COLLECTORS)
    dunning_hold_ids = fields.One2many("account.dunning.hold", "partner_id", groups=COLLECTORS)
    collection_plan_count = fields.Integer(compute="_compute_collection_plan_count", groups=COLLECTORS)
    overdue_amount = fields.Monetary(
        string="Overdue",
        compute="_compute_overdue_amount",
        search="_search_overdue_amount",
        groups=COLLECTORS,
        help="Open items past their due date, in the company's currency.",
    )
    dunning_balances = fields.Html(
        string="Customer Balances",
        compute="_compute_dunning_balances",
        sanitize=False,
        groups=COLLECTORS,
        help="What the customer owes the current company, as each customer balance counts it.",
    )
    dunning_on_hold = fields.Boolean(
        string="Dunning on Hold",
        compute="_compute_dunning_on_hold",
        search="_search_dunning_on_hold",
        groups=COLLECTORS,
    )

    def _compute_collection_plan_count(self):
        plans = self.env["account.collection.plan"]
        counts = dict(
            plans._read_group(
                [("partner_id", "in", self.commercial_partner_id.ids), ("state", "in", OPEN_STATES)],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.collection_plan_count = counts.get(partner.commercial_partner_id, 0)

    @api.depends_context("company")
    def _compute_overdue_amount(self):
        lines = self.env["account.move.line"]
        domain = self._get_overdue_item_domain() & Domain("partner_id", "in", self.commercial_partner_id.ids)
        amounts = dict(lines._read_group(domain, ["partner_id"], ["amount_residual:sum"]))
        for partner in self:
            partner.overdue_amount = amounts.get(partner.commercial_partner_id, 0.0)

    def _search_overdue_amount(self, operator, value):
        if operator not in (">", ">=", "<", "<="):
            return NotImplemented
        groups = self.env["account.move.line"]._read_group(
            self._get_overdue_item_domain(),
            ["partner_id"],
            having=[("amount_residual:sum", operator, value)],
        )
        return Domain("id", "in", [partner.id for (partner,) in groups])

    @api.model
    def _get_overdue_item_domain(self):
        """Domain of the open debit items past their due date in the current company and its branches."""
        root = self.env.company.root_id
        return (
            self.env["account.move.line"]._get_open_item_domain()
            & Domain("company_id", "child_of", root.id)
            & Domain("amount_residual", ">", 0)
            & Domain("dunning_due_date", "<", root._dunning_today())
        )

    @api.depends_context("company", "lang")
    def _compute_dunning_balances(self):
        """Each customer balance with its amount, as a table."""
        company = self.env.company.root_id
        customers = self.commercial_partner_id.ids
        balances = self.env["account.dunning.balance"].search_fetch([("company_id", "=", company.id)])
        amounts = balances._get_all_amounts(company, customers, company._dunning_today())
        row = Markup("<tr><td>%s</td><td class='text-end'>%s</td></tr>")
        for partner in self:
            customer = partner.commercial_partner_id._origin.id
            rows = (
                row % (balance.name, formatLang(self.env, values.get(customer, 0.0), currency_obj=company.currency_id))
                for balance, values in amounts.items()
            )
            partner.dunning_balances = Markup("<table class='table table-sm mb-0'>%s</table>") % Markup("").join(rows)

    @api.depends("dunning_hold_ids.active_now")
    @api.depends_context("company")
    def _compute_dunning_on_hold(self):
        company = self.env.company.root_id
        for partner in self:
            holds = partner.commercial_partner_id.dunning_hold_ids
            partner.dunning_on_hold = any(hold.company_id == company and hold.active_now for hold in holds)

    def _search_dunning_on_hold(self, operator, value):
        if operator != "in":
            return NotImplemented
        holds = self.env["account.dunning.hold"]
        company = self.env.company.root_id
        active = holds._get_active_domain(company._dunning_today()) & Domain("company_id", "=", company.id)
        return Domain("dunning_hold_ids", "any", active)

    # the collection status and the credit stop, in the current company

    @api.depends_context("company")
    @api.depends("commercial_partner_id", "collection_plan_ids.collection_status")
    def _compute_collection_status(self):
        return super()._compute_collection_status()

    @api.model
    def _get_statuses_query(self):
        return SQL(
            """SELECT own.partner_id AS key, own.collection_status AS status FROM account_collection_plan own
                WHERE own.collection_status IS NOT NULL AND own.company_id = %s""",
            self.env.company.root_id.id,
            to_flush=self.env["account.collection.plan"]._fields["collection_status"],
        )

    @api.model
    def _get_status_key(self, alias):
        return SQL.identifier(alias, "commercial_partner_id", to_flush=self._fields["commercial_partner_id"])

    def _get_dunning_addresses(self):
        """The id of each customer's invoice address, by the customer's id: where notices go that nobody else gets."""
        return {partner.id: partner.address_get(["invoice"])["invoice"] for partner in self}

    def action_open_dunning_items(self):
        """Show the open items of the customer."""
        self.ensure_one()
        self.env["account.dunning.item"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_move_line_open_items_action")
        lines = self.env["account.move.line"]
        domain = lines._get_open_item_domain() & Domain("partner_id", "=", self.commercial_partner_id.id)
        return {**action, "domain": list(domain), "context": {"search_default_overdue": 1}}

    def action_open_collection_plans(self):
        self.ensure_one()
        self.env["account.collection.plan"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_collection_plan_action")
        return {**action, "domain": [("partner_id", "=", self.commercial_partner_id.id)], "context": {}}

    def action_open_dunning_plan(self):
        """Open a collection plan for the customer by hand (customer-based), or one for each overdue invoice."""
        self.ensure_one()
        plans = self.env["account.collection.plan"]
        plans.check_access("write")
        company = self.env.company.root_id
        items = (
            self.env["account.move.line"]
            # ids only, of the current company
            .sudo()
            .search(self._get_overdue_item_domain() & Domain("partner_id", "=", self.commercial_partner_id.id))
        )
        # plans are opened by their work only; the rights are checked above
        return plans.sudo()._open_by_hand(company, items)._get_records_action()

    def action_dunning_why(self):
        """Explain what dunning does with the customer's items today, and what comes next."""
        self.ensure_one()
        return self.env["account.dunning.why"]._open(self.env.company.root_id, self.commercial_partner_id, None, self)

    def action_dunning_hold(self):
        """Open a new hold for the customer."""
        self.ensure_one()
        return self.env["account.dunning.hold"]._open_new(
            {"default_partner_id": self.commercial_partner_id.id}, self.env.company
        )

    def action_open_dunning_holds(self):
        """Show what keeps the customer, or something of his, out of dunning."""
        self.ensure_one()
        holds = self.env["account.dunning.hold"]
        return holds.search([("commercial_partner_id", "=", self.commercial_partner_id.id)])._open_list()
