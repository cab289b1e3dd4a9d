from odoo import api, fields
from odoo.fields import Domain


class NoticeWaiting:
    """Notices whose customers may not be reached now: they leave later, with the date, amounts and deadline of then.

    Another day: the notice waits in the queue until then. A later hour of the day: its e-mail does. A reminder waits no
    longer than until the day before the due date.
    """

    __slots__ = ()

    @api.model
    def _get_ready_domain(self):
        """Domain of notices that wait for no day."""
        return Domain("wait_until", "=", False) | Domain("wait_until", "<=", fields.Datetime.now())

    def _wait(self):
        """Leave those of the queued notices for later whose customers may be reached on another day only.

        :return: the others, and for those whose e-mails may leave at a later hour only :class:`NextContact` by notice
        """
        waiting, hours = self._get_waiting()
        later = {notice: found for notice, found in waiting.items() if found.day > notice.company_id._dunning_today()}
        for notice, found in later.items():
            notice.write({"wait_until": found.moment, "wait_reason": found.why})
        for moment in {found.moment for found in later.values()}:
            self.env["ir.cron"]._trigger_dunning(moment)
        rest = self.filtered(lambda notice: notice not in later)
        return rest, {notice: found for notice, found in hours.items() if notice in rest}

    def _get_waiting(self):
        """What the rules say of the notices that make documents: :class:`NextContact` by notice.

        :return: of all that wait, and of those e-mails among them that do
        """
        waiting, hours = {}, {}
        for (company, document), notices in self._group_by_channel().items():
            days = self.env["account.dunning.contact.days"]
            email = document == "email"
            for reminder, group in notices.grouped("reminder").items():
                last = group._get_last_days() if reminder else None
                found = days._get_next_contacts(company, group.partner_id, last=last, hours=email)
                moved = {notice: found[notice.partner_id.id] for notice in group if notice.partner_id.id in found}
                waiting.update(moved)
                hours.update(moved if email else {})
        return waiting, hours

    def _group_by_channel(self):
        """The notices that make documents by company and channel, where the company has any rules."""
        documents = self.filtered(lambda notice: notice.document != "none")
        groups = documents.grouped(lambda notice: (notice.company_id, notice.document))
        return {key: group for key, group in groups.items() if key[0]._get_dunning_settings()._has_contact_rules()}

    def _get_last_days(self):
        """The last day on which each reminder is of use, by customer: the one before the first of its due dates."""
        days = {}
        for notice in self:
            last = fields.Date.add(notice.oldest_due_date, days=-1)
            days[notice.partner_id.id] = min(last, days.get(notice.partner_id.id, last))
        return days

    def _delay_mails(self, hours):
        """Have the e-mails of notices leave at the hours that ``hours`` (:class:`NextContact` by notice) say."""
        for notice, found in hours.items():
            if notice.mail_id:
                notice._delay_mail(notice.mail_id, found)
                notice.write({"wait_until": found.moment, "wait_reason": found.why})

    def _delay_mail(self, mail, found):
        """Have an e-mail to the customer leave when he may be reached, as ``found`` (:class:`NextContact`) says."""
        mail.scheduled_date = fields.Datetime.to_string(found.moment)
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger(found.moment)
