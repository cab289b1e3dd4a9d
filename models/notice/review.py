from odoo import fields
from odoo.exceptions import UserError

from ..base.names import PENDING_STATES


class NoticeReview:
    """What a person may do with notices."""

    __slots__ = ()

    def action_issue(self):
        """Queue the proposed notices; the scheduled action renders and sends them.

        Before the first letters of a company that lacks what they show, a dialog asks.
        """
        notices = self._get_issuable()
        return notices.with_env(self.env)._ask_before_first() or notices._queue_by_person()

    def _ask_before_first(self):
        """The dialog that asks whoever issues the first notices of a company, or None where they may go on. Hook."""
        return None

    def _issue_proposed(self):
        """Queue the proposed notices, whatever their company lacks."""
        self._get_issuable()._queue_by_person()

    def _get_issuable(self):
        """The proposed notices, for a manager; an error where there are none."""
        notices = self._as_manager().filtered(lambda notice: notice.state == "proposed")
        if not notices:
            raise UserError(self.env._("None of the selected notices is proposed, so there is nothing to issue."))
        return notices

    def action_retry(self):
        """Queue failed notices once more."""
        notices = self._as_manager().filtered(lambda notice: notice.state == "failed")
        notices._confirm_bounces()
        notices._queue_by_person()

    def action_print_instead(self):
        """Make a letter of a failed or proposed e-mail."""
        notices = self._as_manager().filtered(lambda notice: notice.state == "failed" and notice.document == "email")
        for notice in notices:
            if not self._has_postal_address(notice.recipient_id):
                raise UserError(
                    self.env._("%(recipient)s has no postal address.", recipient=notice.recipient_id.display_name)
                )
        notices._confirm_bounces()
        notices.write({"document": "letter"})
        notices._queue_by_person()

    def action_cancel(self):
        """Cancel notices that have not left; their items may be proposed again."""
        reason = self.env._("Cancelled by %(user)s", user=self.env.user.name)
        notices = self._as_manager().filtered(lambda notice: notice.state in PENDING_STATES)
        notices._confirm_bounces()
        notices._cancel_by_person(reason)

    def action_exclude(self):
        """Open the wizard that excludes the notices until a date."""
        return self.env["account.dunning.exclude"]._open(self, notice_ids=self)

    def action_move_level(self):
        """Open the wizard that moves the notices to another level of their type."""
        return self.env["account.dunning.move.level"]._open(self)

    def action_preview(self):
        """Show the letter as PDF; a notice that was not issued bears the mark *draft*."""
        self.ensure_one()
        if self.attachment_id:
            return {
                "type": "ir.actions.act_url",
                "url": f"/web/content/{self.attachment_id.id}",
                "target": "new",
            }
        return {
            "type": "ir.actions.act_url",
            "url": f"/report/pdf/{self._get_report().report_name}/{self.id}",
            "target": "new",
        }

    def action_print(self):
        """Open the wizard that prints the letters and asks whether they were printed."""
        return self.env["account.dunning.print"]._open(self)

    def action_export(self):
        """Open the dialog that hands the letters to a print service: a ZIP with their PDFs and a table."""
        return self.env["account.dunning.print.export"]._open(self)

    def _is_for_print_service(self):
        """Whether the notice is a letter that waits to be printed, or one that counts as sent since it was made."""
        self.ensure_one()
        if self.document != "letter" or not self.attachment_id:
            return False
        made = self.company_id._get_dunning_settings().letter_sent == "made"
        return self.state == "to_print" or (made and self.state == "sent")

    def action_open_plans(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_collection_plan_action")
        return {**action, "domain": [("id", "in", self.line_ids.plan_id.ids)], "context": {}}

    def action_open_partner_items(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_move_line_open_items_action")
        domain = [
            *self.env["account.move.line"]._get_open_item_domain(),
            ("partner_id", "=", self.partner_id.id),
        ]
        return {**action, "domain": domain}

    def _move_to_level(self, level):
        """Give proposed notices and their lines the ``level`` that a person chose."""
        notices = self._as_manager()
        if any(n.state != "proposed" or n.reminder or n.type_id != level.type_id for n in notices):
            raise UserError(self.env._("Only proposed notices can be moved, to another level of their dunning type."))
        for notice in notices:
            recipient = notice.recipient_id
            notice.write(
                {
                    "level_id": level.id,
                    "level_manual": True,
                    "document": level._choose_document(recipient) or notice.document,
                    "deadline_date": fields.Date.add(notice.date, days=level.deadline_days),
                }
            )
            notice.line_ids.write({"level_id": level.id, "reason": "person"})
        notices._inform()
        notices._after_refresh()

    def _confirm_printed(self, moment=None):
        """A person printed the letters now, or at ``moment`` (UTC): they count as sent on that day.

        A letter that bears another day is made anew, with interest and deadline of the day on which it will leave.
        """
        # callers have checked the rights; states follow the work
        letters = self.sudo().filtered(lambda notice: notice.state == "to_print")
        for company, notices in letters.grouped("company_id").items():
            day = company._dunning_today(moment)
            printed = notices.filtered(lambda notice: notice.date == day)  # noqa: B023
            printed._note_printed()
            printed._set_sent(day)
            (notices - printed)._requeue()
