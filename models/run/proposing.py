import gc
import logging
from collections import defaultdict
from contextlib import contextmanager

from odoo import fields
from odoo.tools import SQL, float_round

from ...tools.attempt import attempt_parts, get_error_text
from ...tools.bulk import bulk_insert, bulk_update
from ..base.names import OPEN_STATES
from ..receivables.document import DUE

_logger = logging.getLogger(__name__)


@contextmanager
def without_gc():
    """Make many objects that all stay, without looking for cycles among them time and again.

    Odoo's ``tools.gc.disabling_gc`` does the same, but leaves the collector off after an error.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class RunProposing:
    """How a run proposes: it reads, lets the engine decide, and writes notices and what was left out (rules §5)."""

    __slots__ = ()

    def _customer_query(self, candidates=None):
        """Query for the customers to assess: with an item due, an open plan, or a notice proposed by this run.

        Reminders look ahead, by as many days as the earliest of them. ``candidates``: ids of partners, of whom alone it
        asks; None for all.
        """
        reader = self.env["account.dunning.reader"]
        horizon = fields.Date.add(self.date, days=reader._get_horizon_days(self.company_id))
        open_item = reader._open_item_condition(self.company_id)
        partner_ids = self.partner_ids.commercial_partner_id.ids or None if candidates is None else candidates
        only, of_debits = SQL(), SQL("TRUE")
        if partner_ids is not None:
            only, of_debits = (
                SQL(text, partner_ids) for text in ("AND line.partner_id = ANY(%s)", "debit.partner_id = ANY(%s)")
            )
        return SQL(
            f"""SELECT line.partner_id FROM account_move_line line
                WHERE %s %s AND line.reconciled IS NOT TRUE AND line.amount_residual_currency > 0
                  AND {DUE} <= %s
                UNION ALL
               SELECT line.partner_id FROM (%s) AS returned JOIN account_move_line line ON line.id = returned.line_id
                WHERE %s %s
                UNION ALL
               SELECT partner_id FROM account_collection_plan line
                WHERE company_id = %s AND state IN ('ongoing', 'paused') %s
                UNION ALL
               SELECT partner_id FROM account_dunning_notice WHERE run_id = %s AND state = 'proposed'""",
            open_item,
            only,
            horizon,
            reader._returned_query(of_debits),
            open_item,
            only,
            self.company_id.id,
            only,
            self.id,
        )

    def _propose_batch(self, partner_ids):
        """Propose for customers; where that fails, for each half, so that only the bad one is left out."""
        propose = without_gc()(self._propose)
        attempt_parts(self.env, partner_ids, propose, self._leave_out_failed, alone=True)

    def _leave_out_failed(self, partner_ids, error):
        _logger.info("Proposing for partner %s failed", partner_ids, exc_info=error)
        self._skip(partner_ids, [self._prepare_error_vals(partner_ids[0], error)])
        if self.nightly:
            self.env["account.dunning.change"]._mark(self.company_id, partner_ids)

    def _propose(self, partner_ids):
        """Assess the customers and store the proposals and what is left out."""
        plans = self.env["account.collection.plan"].search_fetch(
            [("partner_id", "in", partner_ids), ("company_id", "=", self.company_id.id), ("state", "in", OPEN_STATES)],
            ["state", "mode"],
        )
        self._find_followed(plans, partner_ids)._settle(look_ahead=False)
        proposed = self.env["account.dunning.notice"].search(
            [("run_id", "=", self.id), ("partner_id", "in", partner_ids), ("state", "=", "proposed")]
        )
        kept = proposed.filtered("level_manual")  # a person chose the level: they are only brought up to date
        own = proposed - kept
        assessments = self.env["account.dunning.reader"]._assess(
            self.company_id, partner_ids, self.date, own.ids, self.include_disputed, self.level_ids.ids
        )
        type_ids = set(self.type_ids.ids)
        proposals = [
            proposal
            for assessment in assessments.values()
            for proposal in assessment.proposals
            if not type_ids or proposal.type in type_ids
        ]
        skipped = self._store_proposals(proposals, own)
        skipped += self._prepare_skipped_vals(assessments, set(kept.line_ids.move_line_id.ids))
        self._skip(partner_ids, skipped)
        if self.nightly:
            self.env["account.dunning.look"]._store_assessed(self.company_id, assessments)
        if plans and self.date == self.company_id._dunning_today() and not self.include_disputed:
            ongoing = plans.filtered(lambda plan: plan.state == "ongoing")
            ongoing._look_ahead(assessments)
        kept._refresh()

    def _store_proposals(self, proposals, own):
        """Write proposals as notices: over the run's own ones of the same key, else as new ones.

        Notices in ``own`` that nothing proposes any more go. Returns values of what has no address.
        """
        notice_vals, skipped = self._prepare_notice_vals(proposals)
        by_key = own._get_ids_by_proposal_key()
        lines, updates, inserts = {}, {}, []
        for vals, proposal in notice_vals:
            notice_id = by_key and by_key.pop(own._get_proposal_key(vals), None)
            if notice_id:
                updates[notice_id] = vals
                lines[notice_id] = proposal
            else:
                inserts.append((vals, proposal))
        own.line_ids.unlink()
        own.browse(by_key.values()).unlink()
        bulk_update(own, updates)
        created = bulk_insert(own, [vals for vals, _proposal in inserts])
        lines.update(zip(created.ids, [proposal for _vals, proposal in inserts], strict=True))
        self.env["account.dunning.notice.line"]._insert_proposed(lines, self.date)
        levels = self.env["account.dunning.level"]
        if levels._is_informing(self.company_id.id):
            own.browse(lines)._inform()
        self._after_proposed(own.browse(lines))
        return skipped

    def _after_proposed(self, notices):
        """The run has made ``notices`` and their lines, or made them anew. Hook."""

    def _prepare_notice_vals(self, proposals):
        """Values of the notices for ``proposals``. Hook.

        :return: a list of (values, proposal), and a list of left-out values of those that can
            be sent neither by e-mail nor by post
        """
        levels = self.env["account.dunning.level"].browse({proposal.level.id for proposal in proposals})
        levels = {level.id: (level, self._prepare_level_vals(level)) for level in levels}
        result, skipped = [], []
        for proposal, recipient in zip(proposals, self._get_recipients(proposals), strict=True):
            level, vals = levels[proposal.level.id]
            document = level._choose_document(recipient)
            if document:
                own = self._prepare_one_notice_vals(proposal, recipient)
                result.append(({**vals, **own, "document": document}, proposal))
            else:
                skipped.append(
                    self._prepare_one_skipped_vals(
                        proposal.customer,
                        "address",
                        proposal.currency,
                        proposal.verdicts,
                        recipient.display_name if recipient.id != proposal.customer else False,
                    )
                )
        return result, skipped

    def _prepare_level_vals(self, level):
        """What the run's notices of a level have in common: values. Hook."""
        return {
            "run_id": self.id,
            "company_id": self.company_id.id,
            "level_id": level.id,
            "type_id": level.type_id.id,
            "reminder": level.reminder,
            "level_manual": False,
            "state": "proposed",
            "date": self.date,
            "deadline_date": fields.Date.add(self.date, days=level.deadline_days),
            **self.env["account.dunning.notice"]._prepare_blank_totals(),
        }

    def _prepare_one_notice_vals(self, proposal, recipient):
        """What a notice has of its own: values. Hook."""
        oldest = proposal.verdicts[0].item
        dunned = float_round(proposal.dunned, precision_rounding=oldest.rounding)
        credit = proposal.credit
        credit = float_round(credit, precision_rounding=oldest.rounding) if credit else 0.0
        return {
            "partner_id": proposal.customer,
            "currency_id": proposal.currency,
            **self.env["account.dunning.notice"]._prepare_recipient_vals(self.company_id, recipient),
            "oldest_due_date": oldest.due,
            "days_overdue": oldest.days_overdue(self.date),
            "amount_dunned": dunned,
            "amount_credit": credit,
            "amount_total": float_round(dunned - credit, precision_rounding=oldest.rounding) if credit else dunned,
            "line_count": len(proposal.verdicts),
        }

    def _get_recipients(self, proposals):
        """The partners who get the proposals, in their order: the engine's recipient, else the invoice address."""
        partners = self.env["res.partner"]
        missing = partners.browse({p.customer for p in proposals if not p.recipient})
        addresses = missing._get_dunning_addresses()
        ids = [proposal.recipient or addresses[proposal.customer] for proposal in proposals]
        recipients = partners.browse(set(ids))
        recipients.fetch(["email", "street", "zip", "city", "lang", "name"])
        by_id = {partner.id: partner for partner in recipients}
        return [by_id[partner_id] for partner_id in ids]

    def _prepare_skipped_vals(self, assessments, in_run=()):
        """Values of what is overdue but left out, one per customer, reason and currency. Hook.

        ``in_run`` holds the ids of items that are in a notice of this run all the same. What is at another level than
        the run is for is listed of customers who get a notice: it is missing there.
        """
        groups = defaultdict(list)
        today, type_ids = self.date, set(self.type_ids.ids)
        listed = self.env["account.dunning.reader"]._get_reason_labels()
        for assessment in assessments.values():
            partial = bool(assessment.proposals)
            for verdict in assessment.verdicts:
                reason = self._get_skipped_reason(verdict, partial, listed)
                in_this_run = verdict.item.id in in_run
                wanted = not type_ids or verdict.item.type in type_ids
                grace_days = verdict.rule.grace_days if verdict.rule else 0
                if reason and not in_this_run and wanted and verdict.item.days_overdue(today) > grace_days:
                    groups[assessment.customer, reason, verdict.item.currency].append(verdict)
        return [
            self._prepare_one_skipped_vals(partner_id, reason, currency, verdicts)
            for (partner_id, reason, currency), verdicts in groups.items()
        ]

    def _get_skipped_reason(self, verdict, partial, listed):
        """Why the run lists the item of ``verdict`` as left out, or None.

        ``partial`` says that the customer gets a notice all the same; ``listed`` are the codes of all reasons.
        """
        if verdict.level:
            other = self.level_ids and verdict.level.id not in self.level_ids.ids
            return "other_level" if other and partial else None
        return verdict.reason if verdict.reason in listed else None

    def _prepare_one_skipped_vals(self, partner_id, reason, currency_id, verdicts, note=False):
        amount = sum(verdict.item.residual for verdict in verdicts)
        return {
            "run_id": self.id,
            "partner_id": partner_id,
            "reason": reason,
            "item_count": len(verdicts),
            "currency_id": currency_id,
            "amount": self.env["res.currency"].browse(currency_id).round(amount),
            "note": note,
        }

    def _prepare_error_vals(self, partner_id, error):
        text = get_error_text(error)
        return self._prepare_one_skipped_vals(partner_id, "error", self.currency_id.id, (), text)

    def _skip(self, partner_ids, vals_list):
        """Write what is left out of the customers, with values ``vals_list``."""
        rows = self.env["account.dunning.skipped"]
        if self.nightly:
            rows._exchange(self, partner_ids, vals_list)
        else:
            bulk_insert(rows, vals_list)
