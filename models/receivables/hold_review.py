import logging

from odoo import api
from odoo.fields import Domain

from ...tools.attempt import attempt

_logger = logging.getLogger(__name__)


class HoldReview:
    """Holds that are to be looked at again: their owners are asked, once."""

    __slots__ = ()

    @api.model
    def _get_review_domain(self, today):
        """Domain of the holds in force that are to be looked at again on the date ``today``."""
        return self._get_active_domain(today) & Domain("review_date", "<=", today)

    @api.model
    def _ask_reviews(self):
        """Scheduled action: ask the owners, once, to review the holds whose day has come."""
        for company in self.env["res.company"]._get_companies_in_time():
            domain = self._get_review_domain(company._dunning_today())
            due = self.search(domain & Domain("company_id", "=", company.id) & Domain("review_asked", "=", False))
            for owner, holds in due.grouped(lambda hold: hold._get_reviewer()).items():
                with attempt(self.env) as outcome:
                    holds._ask_review(owner)
                if outcome.error:
                    _logger.error("%s could not be asked to review holds", owner.name, exc_info=outcome.error)

    def _get_reviewer(self):
        """The user who is asked to review the hold: its owner, else the customer's collector, else nobody. Hook."""
        self.ensure_one()
        owners = self.user_id + self.commercial_partner_id.with_company(self.company_id).dunning_user_id
        return owners.filtered("active")[:1]

    def _ask_review(self, owner):
        """An activity for ``owner`` on each of the holds, on the day of its review."""
        if not owner:
            return
        for day, holds in self.grouped("review_date").items():
            holds.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=day,
                summary=self.env._("Review the hold"),
                user_id=owner.id,
            )
        self.review_asked = True

    def _get_review_activities(self):
        """The activities that ask for a review."""
        # activities of others, made by us
        return self.sudo().activity_ids.filtered("automated")
