"""Cases are brought up to date: each night all of a company, and at once those of whom something has changed."""

import json
import logging

from odoo import api
from odoo.tools import split_every

from ...engine import Case, rank, shift
from ...tools.attempt import attempt
from ...tools.bulk import bulk_insert, bulk_update
from .facts import BROKEN_LATELY

_logger = logging.getLogger(__name__)

TOUCHED = "account_dunning.customers"
CHUNK = 5000  # customers whose facts are in memory at once


class CaseRefreshing:
    """What is stored in cases follows the facts, whoever changes them."""

    __slots__ = ()

    @api.model
    def _refresh(self, company, partner_ids=None, asked=False):
        """Bring the cases of ``company`` (a root company) up to date, and open those that are missing; in sets.

        :param partner_ids: ids of commercial partners; None for all customers
        :param asked: whether they get a case although they need none
        :return: the cases of those customers
        """
        self = self.sudo()  # cases follow the work; who may see them is asked elsewhere
        if partner_ids is None:
            self._learn(company)
            chunks = split_every(CHUNK, self._find_customers(company), list)
            return self.concat(*(self._refresh(company, chunk) for chunk in chunks))
        facts = self._read_facts(company, partner_ids, asked)
        settings, today = company._get_dunning_settings(), company._dunning_today()
        rules = settings._get_score_rules()
        values = [self._prepare_refreshed_vals(row, rules, settings, today) for row in facts]
        return self._store(company, facts, values)

    @api.model
    def _learn(self, company):
        """Note what is known of all customers of ``company`` together, by which each of them is ranked. Hook."""
        company._get_dunning_settings().desk_median = self._read_median(company)

    @api.model
    def _store(self, company, facts, values):
        """Store the ``values`` of each of the ``facts``: new cases are inserted, of the others those that differ."""
        new = [
            {"company_id": company.id, "currency_id": company.currency_id.id, "partner_id": row.partner_id, **vals}
            for row, vals in zip(facts, values, strict=True)
            if not row.case_id
        ]
        known = {row.case_id: vals for row, vals in zip(facts, values, strict=True) if row.case_id}
        bulk_update(self, known, compare=True)
        return self.browse(known) + bulk_insert(self, new)

    @api.model
    def _touch_customers(self, pairs):
        """Note customers (pairs of ids of root company and commercial partner) whose cases follow before the commit."""
        precommit = self.env.cr.precommit
        touched = precommit.data.get(TOUCHED)
        if touched is None:
            touched = precommit.data[TOUCHED] = set()
            precommit.add(self.sudo()._refresh_touched)  # cases follow the work, whoever does it
        touched.update(pairs)

    def _touch(self):
        """Bring these cases up to date before the commit, with all else that concerns their customers."""
        if self:
            self._touch_customers({(case.company_id.id, case.partner_id.id) for case in self})

    def _refresh_touched(self):
        """Judge the promises of touched customers, and bring their cases up to date.

        A failure blocks nothing: the next night repairs it.
        """
        pairs = self.env.cr.precommit.data.pop(TOUCHED, set())
        for company_id in {company_id for company_id, _partner in pairs}:
            partner_ids = [partner_id for own, partner_id in pairs if own == company_id]
            with attempt(self.env) as outcome:
                self.env["account.dunning.promise"]._judge_customers(company_id, partner_ids)
                self._refresh(self.env["res.company"].browse(company_id), partner_ids)
            if outcome.error:
                _logger.error("Collection cases could not be brought up to date", exc_info=outcome.error)

    @api.model
    def _prepare_refreshed_vals(self, row, rules, settings, today):
        """The columns of a case, of its facts (``row``) and where the engine ranks it."""
        standing = rank(self._to_engine(row, settings, today), rules)
        skipped = bool(row.skip_until and row.skip_until > today)
        next_on, next_step = self._get_next_step(row)
        return {
            "user_id": row.collector_id or row.plan_user_id or False,
            "amount_overdue": row.overdue,
            "amount_not_due": row.not_due,
            "amount_credits": row.credits,
            "amount_total": settings.company_id.currency_id.round(row.overdue + row.not_due - row.credits),
            "amount_outside": row.outside,
            "aged_1": row.aged_1,
            "aged_31": row.aged_31,
            "aged_61": row.aged_61,
            "aged_91": row.aged_91,
            "amount_promised": row.promised,
            "amount_disputed": row.disputed,
            "amount_held": row.held,
            "oldest_due_date": row.oldest_due or False,
            "level_id": row.level_id or False,
            "contact_id": row.contact_id or False,
            "contact_on": row.contact_on or False,
            "next_on": next_on or False,
            "next_step": next_step or False,
            "score": standing.score,
            "reasons": json.dumps([[each.rule, each.fact, each.points, each.value] for each in standing.reasons]),
            "queue": standing.queue,
            "next_action": standing.action,
            "on_desk": standing.due_today or (standing.on_desk and not skipped),
            "skip_until": (skipped and row.skip_until) or False,
            "skip_reason": (skipped and row.skip_reason) or False,
        }

    @api.model
    def _to_engine(self, row, settings, today):
        """The facts about a customer (``row``) as a value of the engine."""
        contacted = (today - row.contact_on).days if row.contact_on else None
        news = row.returned_on and row.returned_on > shift(today, -BROKEN_LATELY)
        seen = row.contact_on and row.returned_on and row.contact_on >= row.returned_on
        return Case(
            overdue=row.overdue,
            credits=row.credits,
            promised=row.promised,
            disputed=row.disputed + row.held,
            minimum=row.minimum or 0.0,
            median=settings.desk_median,
            days_overdue=(today - row.oldest_due).days if row.oldest_due else 0,
            broken=row.broken,
            contacted=contacted,
            call_back=bool(row.call_back_on and row.call_back_on <= today),
            returned=bool(row.returned or news) and not seen,
            activity_due=bool(row.activity_on and row.activity_on <= today),
            promise_today=row.promise_on == today,
            promise_soon=row.promise_on in (today, shift(today, 1)),
            review_due=bool(row.review_on and row.review_on <= today),
            failed=row.failed,
            called_since=bool(row.broken_on and row.contact_on and row.contact_on >= row.broken_on),
            wants_copy=bool(row.wants_copy),
            level_due=bool(row.next_notice and row.next_notice <= today),
            ladder_ended=bool(row.ladder_ended),
            page_opened=bool(row.page_opened_on and row.page_opened_on > shift(today, -BROKEN_LATELY)),
        )

    @api.model
    def _get_next_step(self, row):
        """What comes next of itself or is to be done, as (date, step): the earliest, or (None, None)."""
        steps = (
            (row.call_back_on, "call_back"),
            (row.promise_on, "promise"),
            (row.activity_on, "activity"),
            (row.review_on, "review"),
            (row.next_notice, "notice"),
        )
        found = [step for step in steps if step[0]]
        return min(found, key=lambda step: step[0]) if found else (None, None)

    @api.model
    def _cron_refresh(self):
        """Scheduled action: bring the cases of each company up to date once a day, when its own day has begun."""
        runs = self.env["account.dunning.run"]
        for company in runs._get_nightly_companies():
            if company._get_dunning_settings().desk_day != company._dunning_today():
                runs._replay(lambda company=company: self._refresh_day(company))
                self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _refresh_day(self, company):
        """The refresh of today for ``company``. What fails is logged, and tried again an hour later."""
        with attempt(self.env, alone=True) as outcome:
            self.env["account.dunning.promise"]._judge_due(company)
            self._refresh(company)
            company._get_dunning_settings().desk_day = company._dunning_today()
        if outcome.error:
            _logger.error("The desk of %s could not be brought up to date", company.name, exc_info=outcome.error)
