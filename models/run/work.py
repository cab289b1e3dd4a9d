from odoo import api

from ...tools.attempt import CONFLICTS
from ..base.ir_cron import WORKER

MAX_TRIES = 5


class RunWork:
    """Who does the work of the runs, chunk by chunk, each in a transaction of its own.

    Each of the scheduled actions is a worker, since Odoo never runs one twice at once. Workers skip what another one
    has locked.
    """

    __slots__ = ()

    @api.model
    def _set_workers(self, count):
        """Have ``count`` workers, at least one: copy the scheduled action, or delete copies."""
        workers = self.env["ir.cron"]._get_dunning_workers()
        workers[max(count, 1) :].unlink()
        for number in range(len(workers) + 1, count + 1):
            copy = workers[:1].copy({"name": f"{workers[:1].name} ({number})", "active": True})
            # the update of the module keeps it, its uninstallation removes it
            self.env["ir.model.data"].sudo()._update_xmlids(
                [{"xml_id": f"{WORKER}_{number}", "record": copy, "noupdate": True}]
            )

    # scheduled actions

    @api.model
    def _cron_continue(self):
        """Scheduled action: go on with every run that proposes, and with the queue of notices."""
        cron = self.env["ir.cron"]
        for step in (self.env["account.dunning.backlog"]._catch_up, self.env["account.dunning.notice"]._sweep_mails):
            self._replay(step)
            cron._commit_progress()  # what comes next may have to begin anew
        if self._leave_work():
            return
        while self._replay(self._continue_next):
            remaining = self._count_work()
            if not cron._commit_progress(1, remaining=remaining) or not remaining:
                return
        cron._commit_progress(remaining=0)  # what is left is in the hands of other workers

    @api.model
    def _leave_work(self):
        """Leave the work to somebody else; True if somebody has it. Hook."""
        return False

    @api.model
    def _replay(self, step):
        """Do ``step``, anew in a new transaction where another one has changed the same rows meanwhile."""
        tries_left = MAX_TRIES
        while True:
            try:
                result = step()
                self.env.flush_all()
                return result
            except CONFLICTS:
                self.env.cr.rollback()
                tries_left -= 1
                if not tries_left:
                    raise

    @api.model
    def _continue_next(self):
        """Do the next chunk of work: of customers, or of notices. False where nothing is left for this worker."""
        chunk = self.env["account.dunning.run.chunk"]._take()
        chunk._propose()
        notices = self.env["account.dunning.notice"]
        return self._finish_proposed() or bool(chunk) or bool(notices._issue_next()) or self._finish_issued()

    @api.model
    def _finish_proposed(self):
        """Finish runs whose chunks are all done. The worker of the last chunk may not see that the others are."""
        runs = self.search([("state", "=", "proposing"), ("chunk_ids", "not any", [("done", "=", False)])])
        runs = runs.try_lock_for_update()
        for run in runs:
            run._finish_proposing()
        return bool(runs)

    @api.model
    def _finish_issued(self):
        """Finish runs whose notices have all left, in a transaction that has issued nothing itself.

        Two workers that issue the last notices at the same time do not see those of one another.
        """
        runs = self._get_issued().try_lock_for_update()
        runs._update_state()
        return bool(runs)

    @api.model
    def _get_issued(self):
        return self.search([("state", "=", "issuing"), ("notice_ids", "not any", [("state", "=", "queued")])])

    @api.model
    def _count_work(self):
        """How much is left to do, in chunks at least; 0 where nothing is."""
        notices = self.env["account.dunning.notice"]
        return (
            self.search_count([("state", "=", "proposing")])
            or notices.search_count(notices._get_queue_domain())
            or len(self._get_issued())
        )
