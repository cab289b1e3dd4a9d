"""The one entry to a plan: whatever changes about it or about its debt, it is settled."""

from ...tools.bulk import bulk_update, get_stored, is_as
from ..base.names import OPEN_STATES


class Reading:
    """What the reader says of customers: asked once for each day, however many parts of a settling want to know."""

    def __init__(self, env):
        self._reader, self._known = env["account.dunning.reader"], {}

    def ask(self, company, partner_ids, day):
        """The assessments of customers of ``company`` on ``day``, by partner id; there may be others among them."""
        known = self._known.setdefault((company, day), {})
        missing = [partner_id for partner_id in partner_ids if partner_id not in known]
        if missing:
            known.update(self._reader._assess(company, missing, day))
        return known


class PlanSettling:
    __slots__ = ()

    def _settle(self, withdraw=False, look_ahead=True):
        """Bring the plans in line with what is owed. Whoever changes anything about plans calls this, and only this.

        In this order: items join and leave; notices on their way are withdrawn; the debt gives amount, level and
        status, closes plans and reopens them; the engine says what comes next; all is written with one statement;
        consequences follow (:meth:`_after_change`). A constant number of queries.

        :param withdraw: a step of a person has changed the plans: what waits to be sent about them does not hold
        :param look_ahead: whether to find what comes next; a run does that by itself, from what it has read
        """
        if not self:
            return
        self = self.with_prefetch()  # read together, in whatever way they were found
        self.env.flush_all()
        self._release_moved()
        reading = Reading(self.env)
        debts = self._get_debts(reading)
        if withdraw and self._withdraw_notices():
            reading = Reading(self.env)
            debts = self._get_debts(reading)
        back = self.filtered(lambda plan: not debts[plan.id].exists)._return_transfers()
        back._settle(look_ahead=look_ahead)
        plans = self - back
        if plans._reopen_returned(debts):
            reading = Reading(self.env)
        endings = plans._get_endings(debts)
        values = plans._prepare_settled_vals(debts, endings)
        if look_ahead:
            going_on = plans.filtered(lambda plan: plan.state in OPEN_STATES and plan not in endings)
            for plan, vals in going_on._get_next_vals(reading).items():
                values[plan].update(vals)
        plans._write_settled(values)
        plans._tell_endings(endings)
        self._after_change()

    def _reopen_returned(self, debts):
        """Reopen recovered plans that are in debt again, at the levels of their ``debts`` (by id); return them."""
        returned = self.filtered(lambda plan: plan.state == "recovered" and debts[plan.id].exists)
        returned._write_settled({plan: plan._prepare_debt_vals(debts[plan.id]) for plan in returned})
        returned._reopen()
        return returned

    def _prepare_settled_vals(self, debts, endings):
        """Values by plan: what its debt says, of ``debts`` by id, and how it ends, of ``endings`` by plan."""
        days = {company: company._dunning_today() for company in self.company_id}
        values = {plan: plan._prepare_debt_vals(debts[plan.id]) for plan in self}
        for plan, (state, reason) in endings.items():
            closed = {**plan._prepare_closed_vals(state, reason), "closed_on": days[plan.company_id]}
            values[plan].update(closed if state else {"collection_status": False})
        return values

    def _write_settled(self, values):
        """Write ``values`` (by plan) with one statement; plans of which all is so already are not written."""
        changed = {plan: vals for plan, vals in values.items() if not is_as(plan, vals)}
        names = list(dict.fromkeys(name for vals in changed.values() for name in vals))
        bulk_update(
            self,
            {
                plan.id: {name: vals[name] if name in vals else get_stored(plan, name) for name in names}
                for plan, vals in changed.items()
            },
        )

    def _tell_endings(self, endings):
        """What follows of ``endings`` (pairs of state and reason by plan), once they are written."""
        ended = self.filtered(lambda plan: plan in endings and endings[plan][0])
        for (_state, reason), plans in ended.grouped(endings.get).items():
            plans._after_close(reason)

    def _after_change(self):
        """The plans' debt, level or state has changed: who acts on it is told. Hook."""
