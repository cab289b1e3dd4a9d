"""What the form of a plan shows of other records."""

from collections import defaultdict

from odoo import api
from odoo.tools import SQL

from ..base.names import OPEN_STATES

MESSAGES_SHOWN = 50

# The plans of the customer of each plan, in its company, of those that the user may read.
THEIRS = """
SELECT own.id AS shown_id, other.*
  FROM account_collection_plan own
  JOIN account_collection_plan other ON other.partner_id = own.partner_id AND other.company_id = own.company_id
 WHERE own.id = ANY(%s) AND other.id IN %s
"""

# The latest of what was written in the chatters ``talk``, by plan. What core told one person only is not for others.
MESSAGES = """
SELECT shown_id, 'message', ARRAY_AGG(id ORDER BY id DESC)
  FROM (SELECT talk.shown_id, message.id,
               ROW_NUMBER() OVER (PARTITION BY talk.shown_id ORDER BY message.id DESC) AS place
          FROM (%s) talk
          JOIN mail_message message ON message.model = talk.model AND message.res_id = talk.res_id
         WHERE message.message_type <> 'user_notification') message
 WHERE place <= %s
 GROUP BY shown_id
"""

# Holds on the customer first, then those on the invoice, then those on items of it; the newest first.
HOLDS = """
SELECT found.plan_id, 'hold',
       ARRAY_AGG(hold.id ORDER BY hold.partner_id IS NULL, hold.move_id IS NULL, hold.id DESC)
  FROM (SELECT plan.id AS plan_id, plan.company_id, hold.id
          FROM account_collection_plan plan
          JOIN account_dunning_hold hold ON hold.partner_id = plan.partner_id OR hold.move_id = plan.move_id
                                         OR hold.move_line_id = plan.move_line_id
         WHERE plan.id = ANY(%(plans)s)
         UNION
        SELECT plan.id, plan.company_id, hold.id
          FROM account_collection_plan plan
          JOIN account_move_line line ON line.move_id = plan.move_id
          JOIN account_dunning_hold hold ON hold.move_line_id = line.id
         WHERE plan.id = ANY(%(plans)s) AND plan.move_line_id IS NULL) found
  JOIN account_dunning_hold hold ON hold.id = found.id AND hold.company_id = found.company_id
 GROUP BY found.plan_id
"""

# What is to be done in the plans ``theirs``, the next first. Who may read a plan may read that.
ACTIVITIES = """
SELECT theirs.shown_id, 'activity', ARRAY_AGG(activity.id ORDER BY activity.date_deadline, activity.id)
  FROM (%s) theirs
  JOIN mail_activity activity ON activity.res_model = 'account.collection.plan' AND activity.res_id = theirs.id
 WHERE activity.active GROUP BY theirs.shown_id
"""

DONE = """
SELECT res_id, 'done', ARRAY_AGG(id ORDER BY id) FROM mail_message
 WHERE model = 'account.collection.plan' AND res_id = ANY(%s) AND mail_activity_type_id IS NOT NULL
 GROUP BY res_id
"""


class PlanShown:
    """What the form shows of other records: one query finds all of it, to which the rooms add."""

    __slots__ = ()

    def _compute_shown(self):
        self._show(self._find_shown(self._get_shown_queries()))

    @api.model
    def _find_shown(self, queries):
        """What the ``queries`` find: the ids of records by kind and id of the plan."""
        self.env.flush_all()
        found = defaultdict(lambda: defaultdict(list))
        for plan_id, kind, ids in self.env.execute_query(SQL(" UNION ALL ").join(SQL("(%s)", sql) for sql in queries)):
            found[kind][plan_id] = ids
        return found

    def _get_shown_queries(self):
        """SQL queries of what the form shows of other records: id of the plan, kind (text), array of ids. Hook."""
        readable = self._search([]).subselect()
        theirs = SQL(THEIRS, self.ids, readable)
        talk = SQL(" UNION ").join(self._get_talk_queries(SQL("(%s)", theirs)))
        plans = SQL(
            """SELECT shown_id, 'plan', ARRAY_AGG(id ORDER BY state = ANY(%s) DESC, leading_due_date, id)
                 FROM (%s) theirs GROUP BY shown_id""",
            list(OPEN_STATES),
            theirs,
        )
        return [
            plans,
            SQL(ACTIVITIES, theirs),
            SQL(MESSAGES, talk, MESSAGES_SHOWN),
            SQL(HOLDS, plans=self.ids),
            SQL(DONE, self.ids),
        ]

    @api.model
    def _get_talk_queries(self, theirs):
        """SQL queries of where the plans ``theirs`` are talked about: ``shown_id``, model, id of a record. Hook."""
        return [SQL("SELECT shown_id, 'account.collection.plan' AS model, id AS res_id FROM %s theirs", theirs)]

    def _show(self, found):
        """Set what follows from the records that were ``found`` (see :meth:`_find_shown`). Hook."""
        # who reads the plan reads its chatter, and what keeps it out of dunning
        self.filtered("next_level_id").type_id.level_ids.mapped("name")  # of all at once
        activities = self.env["mail.activity"].sudo().browse(id_ for ids in found["activity"].values() for id_ in ids)
        activities.mapped("summary")  # all that core would read anew when it has asked who may read them
        done, holds = self.env["mail.message"].sudo(), self.env["account.dunning.hold"].sudo()
        for plan in self:
            key = plan._origin.id
            plan.customer_plan_ids = plan.browse(found["plan"][key]) or plan._origin
            plan.customer_activity_ids = tuple(found["activity"][key])
            plan.customer_message_ids = tuple(found["message"][key])
            plan.hold_banner = plan._get_active_hold(holds.browse(found["hold"][key]))._get_banner()
            plan.timeline = plan._render_timeline(done.browse(found["done"][key]))

    def _get_active_hold(self, holds):
        """The one of ``holds`` that keeps the debt out of dunning today, in the user's language; or none."""
        return holds.filtered("active_now")[:1].with_env(self.env)

    def _is_on_hold(self):
        """Whether a hold on the customer, or on what the plan is about, is in force."""
        self.ensure_one()
        holds = self.env["account.dunning.hold"].sudo()  # a yes or no
        found = self._find_shown([SQL(HOLDS, plans=self.ids)])
        return bool(self._get_active_hold(holds.browse(found["hold"][self.id])))
