import logging

from odoo import api, fields
from odoo.fields import Domain

from ...tools.attempt import attempt

_logger = logging.getLogger(__name__)


class HoldReview:
    """Holds that are to be looked at again: their owners are asked, once."""

    __slots__ = ()

    @api.depends("reason_id")
    def _compute_user_id(self):
        """The reason's owner, unless somebody was chosen; without one whoever puts on hold."""
        for (reason, company), holds in self.grouped(lambda hold: (hold.reason_id, hold.company_id)).items():
            owner = reason and reason._get_owner_for(company)
            for hold in holds:
                new = not hold._origin
                if owner and (not hold.user_id or (new and hold.user_id == self.env.user)):
                    hold.user_id = owner
                else:
                    hold.user_id = hold.user_id or (new and self.env.user)

    @api.depends("reason_id")
    def _compute_review_date(self):
        """As many days after the beginning as the reason says, but not in the past, unless a day was chosen."""
        for hold in self:
            days = hold.reason_id.review_days
            if not days or hold.review_date or hold.ended_on:
                hold.review_date = hold.review_date
                continue
            begin = max(filter(None, (hold.date_from, hold.company_id._dunning_today())))
            review = fields.Date.add(begin, days=days)
            hold.review_date = review if not hold.date_until or review <= hold.date_until else False

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
