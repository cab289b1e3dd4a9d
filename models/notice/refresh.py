from odoo import api, fields

from ...tools.bulk import bulk_update, is_as
from ..plan.opening import Facts
from ..receivables.obstacle import Question


class NoticeRefresh:
    """Right before it leaves, a notice is read again: what is not owed any more is dropped from it (rules §5)."""

    __slots__ = ()

    def _recheck(self):
        """Withdraw notices whose items, or whose day, have changed since they were printed; they are about to leave."""
        for company, notices in self.grouped("company_id").items():
            today = company._dunning_today()
            verdicts = notices._get_verdicts(today)
            notices.filtered(lambda notice: notice._is_outdated(verdicts, today))._requeue()  # noqa: B023

    def _recheck_letters(self):
        """Withdraw letters that hold no more, right before they are printed: cancel empty ones, make the others anew.

        :return: dict from withdrawn notice to the reason in words
        """
        result = {}
        for company, notices in self.grouped("company_id").items():
            today = company._dunning_today()
            verdicts = notices._get_verdicts(today)
            for notice in notices.filtered(lambda notice: notice._is_outdated(verdicts, today)):  # noqa: B023
                result[notice] = notice._withdraw_letter(verdicts, today)
        return result

    def _withdraw_letter(self, verdicts, today):
        """Cancel the letter, or have it made anew, by the ``verdicts`` on its items; return the reason in words."""
        causes = [self._get_drop_cause(verdicts.get(line.move_line_id.id), today) for line in self.line_ids]
        if all(causes):
            self._cancel(causes[0])
            return causes[0]
        self._requeue()
        cause = next(filter(None, causes), self.env._("The amounts or the day have changed"))
        return self.env._("%(why)s. It is being made anew; print it in a minute.", why=cause)

    def _is_outdated(self, verdicts, today):
        self.ensure_one()
        return self.date != today or any(
            self._get_drop_cause(verdicts.get(line.move_line_id.id), today)
            or self.currency_id.compare_amounts(line.claim, verdicts[line.move_line_id.id].item.claim)
            for line in self.line_ids
        )

    def _get_verdicts(self, today, facts=None):
        """The engine's verdicts on the items of the notices, of one company, by journal item id.

        Each notice is judged as its run was: with or without the disputed items.

        :param dict facts: takes what was read (:class:`Facts`) by company, but for disputed items
        """
        reader = self.env["account.dunning.reader"]
        result = {}
        for include_disputed, notices in self.grouped(lambda notice: notice._includes_disputed()).items():
            customers, rules = reader._read_customers(
                Question(self.company_id, notices.partner_id._ids, today, self._ids, include_disputed)
            )
            assessments = reader._decide(self.company_id, customers, rules, today)
            if facts is not None and not include_disputed:
                facts[self.company_id] = Facts({customer.id: customer for customer in customers}, rules, today)
            wanted = set(notices.line_ids.move_line_id.ids)
            verdicts = (verdict for assessment in assessments.values() for verdict in assessment.verdicts)
            result.update((verdict.item.id, verdict) for verdict in verdicts if verdict.item.id in wanted)
        return result

    def _includes_disputed(self):
        """True where the notice duns disputed items, too. Hook."""
        self.ensure_one()
        return False

    def _after_refresh(self):
        """The items or amounts of notices that have not left are others now. Hook."""

    @api.model
    def _prepare_blank_totals(self):
        """The totals of a notice that asks for nothing but its items. Hook."""
        return {}

    def _refresh(self, facts=None):
        """Read the items again right before the notices leave, and return those that still have any.

        Settled and held items drop out, amounts and days are of today, the level is kept. A notice
        without items is cancelled with the cause.

        :param dict facts: see :meth:`_get_verdicts`
        """
        kept = self.browse()
        for company, notices in self.grouped("company_id").items():
            today = company._dunning_today()
            kept += notices._refresh_lines(notices._get_verdicts(today, facts), today)
        return kept

    def _refresh_lines(self, verdicts, today):
        """Refresh the lines from ``verdicts`` (by journal item id); returns the notices not empty."""
        updates, dropped, empty = {}, {}, self.browse()
        for notice in self:
            lines = notice.line_ids
            causes = {}
            for line in lines:
                verdict = verdicts.get(line.move_line_id.id)
                if cause := notice._get_drop_cause(verdict, today):
                    causes[line] = cause
                elif not is_as(line, vals := line._prepare_refreshed_vals(verdict, today)):
                    updates[line.id] = vals
            dropped.update(causes)
            if len(causes) == len(lines):
                empty += notice
        bulk_update(self.line_ids, updates)
        for notice in empty:
            notice._cancel(dropped.get(notice.line_ids[:1], ""))
        kept = self - empty
        kept._readdress()
        gone = self.env["account.dunning.notice.line"].concat(*dropped) & kept.line_ids
        gone.unlink()
        kept._update_totals(today)
        return kept

    def _readdress(self):
        """Address notices whose recipient was archived to the dunning contact, else to the invoice address."""
        self.recipient_id.fetch(["active"])  # a partner has hundreds of fields
        archived = self.filtered(lambda notice: not notice.recipient_id.active)
        for company, notices in archived.grouped("company_id").items():
            customers = notices.partner_id
            # the recipients of the company's notices, whoever causes it
            reader = self.env["account.dunning.reader"].sudo()
            contacts = reader._get_partner_values(company, customers.ids, "dunning_contact_id")
            addresses = customers._get_dunning_addresses() | contacts
            for notice in notices:
                recipient = customers.browse(addresses[notice.partner_id.id])
                document = notice.level_id._choose_document(recipient) or notice.document
                notice.write({**self._prepare_recipient_vals(company, recipient), "document": document})

    @api.model
    def _prepare_recipient_vals(self, company, recipient):
        """Values of a notice of ``company`` that say who gets it. Hook."""
        return {
            "recipient_id": recipient.id,
            "lang": recipient.lang or company.partner_id.lang or self.env.lang,
        }

    def _get_drop_cause(self, verdict, today):
        """Why the item of ``verdict`` drops out of the notice, in words, or None where it stays. Hook."""
        if verdict is None:
            return self.env._("Settled in the meantime")
        covered = verdict.item.covered_by(verdict.credit)
        if verdict.item.obstacle or covered:
            labels = self.env["account.dunning.reader"]._get_reason_labels()
            return labels.get(verdict.item.obstacle, verdict.item.obstacle) or labels["credits"]
        if self.reminder and verdict.item.due <= today:
            return self.env._("Fell due before the reminder left")
        if not self.reminder and verdict.item.due > today:
            return self.env._("Not due any more")
        return None

    def _update_totals(self, today):
        """Amounts, days and deadline of the notices from their lines, as of the date ``today``."""
        updates = {}
        blank = self._prepare_blank_totals()
        for notice in self:
            lines = notice.line_ids
            rounded = notice.currency_id.round
            dunned, credit = rounded(sum(lines.mapped("claim"))), rounded(sum(lines.mapped("amount_credit")))
            oldest = min(lines.mapped("due_date"))
            level = notice.level_id if notice.level_manual else max(lines.level_id, key=lambda level: level.days)
            document = notice.document
            if level != notice.level_id:
                document = level._choose_document(notice.recipient_id) or document
            updates[notice] = {
                "date": today,
                "level_id": level.id,
                "document": document,
                "deadline_date": fields.Date.add(today, days=level.deadline_days),
                "amount_dunned": dunned,
                "amount_credit": credit,
                "amount_total": rounded(dunned - credit),
                "oldest_due_date": oldest,
                "days_overdue": (today - oldest).days,
                "line_count": len(lines),
                **blank,
            }
        bulk_update(self, {notice.id: vals for notice, vals in updates.items() if not is_as(notice, vals)})
        self._inform()
        self._after_refresh()
