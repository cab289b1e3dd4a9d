from collections import Counter, defaultdict

from odoo.tools import SQL

from ...tools.extended import get_own_names, is_overridden
from .marks import WATCHED

# What of the reader does not decide: obstacles, which are asked one by one, and words. All else of it does.
TELLING = {"_get_obstacles", "_get_reason_labels", "_read_uncounted_money", "_get_money_query", "_describe_money"}
# The methods of other models that decide which customers are read, and what is said of them.
DECIDING = {
    "account.dunning.balance": {"_get_all_amounts", "_get_amounts", "_get_item_condition", "_get_item_domain"},
    "account.dunning.type": {"_to_rule", "_splits_by_level"},
    "account.dunning.level": {"_to_rule"},
    "account.dunning.run": {
        "_customer_query",
        "_get_skipped_reason",
        "_prepare_notice_vals",
        "_prepare_one_skipped_vals",
        "_prepare_skipped_vals",
        "_propose",
        "_store_proposals",
    },
}
# What invoice types, and customer balances, may ask of documents and of items: triggers or the checksum tell of it.
MOVE_PATHS = {"move_type", "debit_origin_id", "journal_id", "journal_id.type"}
LINE_PATHS = {"account_id", "company_id", "currency_id", *(f"move_id.{path}" for path in MOVE_PATHS)}
PLAIN_OPERATORS = {"=", "!=", "in", "not in"}


def is_watched(domain, paths):
    """Whether ``domain`` asks nothing but ``paths``, and these plainly."""
    conditions = list(domain.iter_conditions())
    return all(one.field_expr in paths and one.operator in PLAIN_OPERATORS for one in conditions)


class RunReading:
    """Which customers a run reads.

    A run by hand reads all who come into question. So does a night where it has to; else it reads those of whom it may
    say anything else than the night before, which cost what is due, not what is open.
    """

    __slots__ = ()

    def _choose_reading(self, anew=False):
        """Choose, for a night that begins, whether to read all customers; ``anew``: a person wants that."""
        settings = self.company_id._get_dunning_settings()
        policy = settings._get_policy()
        reason = self.env._("a person asked for it") if anew else self._find_reason_for_all(settings, policy)
        self.write({"read_all": reason, "policy": policy})
        if reason:
            settings.night_policy = False  # until all were read: should this night not end, the next one is as this

    def _find_reason_for_all(self, settings, policy):
        """Why this night has to read all customers, in words, or False."""
        if not settings.night_policy:
            return self.env._("no earlier night has read all of them")
        if self.date < settings.last_read:
            return self.env._("the night before was on a later day")
        if settings.night_policy != policy:
            return self.env._("types, levels, settings, journals or installed modules have changed")
        if not self.env["account.dunning.change"]._is_watching():
            return self.env._("the database does not tell of changes; the module has to be updated")
        return self._find_untracked(settings)

    def _find_untracked(self, settings):
        """What decides on customers and tells no one when it changes, in words, or False. Hook."""
        reader = self.env["account.dunning.reader"]
        deciding = DECIDING | {reader._name: get_own_names(reader) - TELLING}
        if any(is_overridden(self.env[name], methods) for name, methods in deciding.items()):
            return self.env._("another module has its say in how customers are read")
        unwatched = [obstacle.label for obstacle in self._get_unwatched()]
        if unwatched:
            return self.env._("nothing tells when this changes: %(obstacles)s", obstacles=", ".join(unwatched))
        if settings.mode == "customer" and not is_watched(settings._get_balance()._get_item_domain(), LINE_PATHS):
            return self.env._("the customer balance asks for what may change unnoticed")
        if not is_watched(settings.invoice_type_ids._get_move_domain(), MOVE_PATHS):
            return self.env._("the invoice types have conditions of another module")
        return False

    def _get_unwatched(self):
        """The obstacles that may come and go without a mark."""
        return [
            obstacle
            for obstacle in self.env["account.dunning.reader"]._get_obstacles()
            if obstacle.watched is None or {*obstacle.watched} - WATCHED.keys()
        ]

    def _reads_all(self):
        return not self.nightly or bool(self.read_all)

    def _find_candidates(self):
        """The ids of the customers whom a night that begins has to read; None: all.

        Of whom anything changes from now on keeps his mark for the next one.
        """
        if self._reads_all():
            return None
        return sorted(self.env["account.dunning.look"]._find_ready(self.company_id, self.date))

    def _find_followed(self, plans, partner_ids):
        """Those of the ``plans`` whose debt may have changed: of an invoice-based night, those of marked customers."""
        if self._reads_all() or self.company_id._get_dunning_settings().mode == "customer":
            return plans
        marked = self.env["account.dunning.change"]._find(self.company_id, partner_ids)
        return plans.filtered(lambda plan: plan.partner_id.id in marked) if marked else plans.browse()

    def _propose_candidates(self, partner_ids, passed):
        """Propose for the customers ``partner_ids``; the night has nothing to do with those in ``passed``."""
        if passed:
            self._pass_over(lambda column: SQL("%s = ANY(%s)", SQL(column), passed))
        if partner_ids:
            self._propose_batch(partner_ids)

    def _propose_range(self, first_id, last_id):
        """Propose for all customers with ids from ``first_id`` to ``last_id``."""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT partner_id FROM (%s) AS found WHERE partner_id BETWEEN %s AND %s ORDER BY partner_id",
                self._customer_query(),
                first_id,
                last_id,
            )
        )
        partner_ids = [row[0] for row in rows]
        if self.nightly:
            text = "%s BETWEEN %s AND %s AND %s <> ALL(%s)"
            self._pass_over(lambda column: SQL(text, SQL(column), first_id, last_id, SQL(column), partner_ids))
        if partner_ids:
            self._propose_batch(partner_ids)

    def _pass_over(self, which):
        """The night has nothing to do with customers; ``which``: SQL condition for their ids, by the column's name."""
        self.env["account.dunning.look"]._pass_over(self.company_id, self.date, which)
        self.env["account.dunning.skipped"]._end_of(self, which)

    def _find_calm(self, partner_ids):
        """Those of the customers of whom nothing has changed since this night has read them."""
        return {*partner_ids} - self.env["account.dunning.change"]._find(self.company_id, partner_ids)

    def _look_again(self, partner_ids):
        """What this night, of today, proposed to customers has left: the next one need not read them for that.

        Who would get anything else, or of whom anything else would be left out, is read by it.
        """
        if not partner_ids:
            return
        assessments = self.env["account.dunning.reader"]._assess(self.company_id, sorted(partner_ids), self.date)
        rows = self.env["account.dunning.skipped"]
        calm = {key: assessment for key, assessment in assessments.items() if not assessment.proposals}
        said = defaultdict(list)
        for vals in self._prepare_skipped_vals(calm):
            said[vals["partner_id"]].append(rows._say(vals))
        standing = rows._read_standing(self.company_id, calm)
        same = {
            key: assessment
            for key, assessment in calm.items()
            if Counter(said[key]) == Counter(row[-1] for row in standing.get(key, ()))
        }
        self.env["account.dunning.look"]._store_assessed(self.company_id, same)

    def _end_reading(self):
        """All were read who had to be: the next night may go on from here."""
        self.company_id._get_dunning_settings().write({"night_policy": self.policy, "last_read": self.date})
