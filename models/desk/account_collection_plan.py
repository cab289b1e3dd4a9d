from odoo import api, fields, models
from odoo.tools import SQL


class AccountCollectionPlan(models.Model):
    """Cases and promises follow plans, and what is owed."""

    _inherit = "account.collection.plan"

    close_reason = fields.Selection(
        selection_add=[("insolvent", "Customer insolvent"), ("deceased", "Customer deceased")],
        ondelete={"insolvent": "set null", "deceased": "set null"},
    )

    def _after_change(self):
        super()._after_change()
        self.env["account.collection.case"]._touch_customers(
            {(plan.company_id.id, plan.partner_id.id) for plan in self}
        )

    @api.model
    def _get_touched_queries(self, line_ids):
        cases = SQL(
            """SELECT 'case', own.id FROM account_collection_case own
                 JOIN account_move_line line ON line.partner_id = own.partner_id WHERE line.id = ANY(%s)""",
            line_ids,
        )
        return [*super()._get_touched_queries(line_ids), cases]

    @api.model
    def _follow_touched(self, found):
        """The cases of the customers follow."""
        super()._follow_touched(found)
        self.env["account.collection.case"].browse(found["case"])._touch()

    @api.model
    def _merge_customers(self, src_partners, dst_partner):
        """The cases of the customers are joined, too."""
        super()._merge_customers(src_partners, dst_partner)
        self.env["account.collection.case"]._join(src_partners, dst_partner)

    @api.model
    def _get_customer_models(self):
        return (*super()._get_customer_models(), "account.collection.case")

    @api.model
    def _after_customer_change(self, companies, customers):
        super()._after_customer_change(companies, customers)
        self.env["account.collection.case"]._touch_customers(
            {(company.id, partner.id) for company in companies for partner in customers}
        )

    def action_send(self):
        """Open the composer about what the plan is about."""
        self.ensure_one()
        self.check_access("read")
        case = self.env["account.collection.case"]._get_for(self.company_id, self.partner_id)
        items = case.item_ids & (self._get_document_lines() | self.item_state_ids.move_line_id)
        return case._open_send(items or case._get_overdue_items())

    def action_open_case(self):
        """Open the customer's case."""
        self.ensure_one()
        self.check_access("read")
        return self.env["account.collection.case"]._get_for(self.company_id, self.partner_id)._get_records_action()
