from odoo import api, fields, models

from ...tools.prefetch import PREFETCH
from ..base.names import COLLECTORS


class AccountMove(models.Model):
    """Invoices and credit notes that book the charges of a notice."""

    _inherit = "account.move"

    dunning_notice_id = fields.Many2one(
        "account.dunning.notice",
        groups=COLLECTORS,
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        help="The notice whose charges this invoice books; it is never dunned itself, but listed as charges.",
        prefetch=PREFETCH,
    )

    def _post_dunning_charges(self):
        """Post invoices of charges, but those that OCA's ``account_move_tier_validation`` wants validated: drafts."""
        waiting = self.filtered("need_validation") if "need_validation" in self._fields else self.browse()
        (self - waiting)._post(soft=False)

    @api.model
    def _open_dunning_charges(self, notices):
        """Show the invoices that book the charges of ``notices``, and the credit notes about them."""
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        domain = [("dunning_notice_id", "in", notices.ids)]
        return {**action, "name": self.env._("Invoices of Charges"), "domain": domain, "context": {"create": False}}

    def _get_dunning_open_day(self):
        """The day on which the charges that the invoice books are taken back: today, else the day after what is closed.

        The tax lock counts where the invoice bears tax.
        """
        self.ensure_one()
        today = self.company_id._dunning_today()
        locks = self._get_violated_lock_dates(today, bool(self._affect_tax_report()))
        return fields.Date.add(locks[-1][0], days=1) if locks else today

    def _get_plans(self):
        return super()._get_plans() | self.dunning_notice_id.line_ids.plan_id

    @api.depends("dunning_notice_id.line_ids.plan_id")
    def _compute_collection_plan_id(self):
        return super()._compute_collection_plan_id()

    def _get_dunning_banner(self, plan):
        if self.dunning_notice_id:
            return self.env._("Charges of the dunning notice %(notice)s.", notice=self.dunning_notice_id.name)
        return super()._get_dunning_banner(plan)
