from datetime import timedelta

from odoo import api, fields

LIVE_STATES = ("wait_dependencies", "pending", "enqueued", "started")
LOOK_AGAIN = timedelta(minutes=1)
PATIENCE = timedelta(hours=1)


class RunQueueJob:
    """All that knows OCA's ``queue_job``: where it is installed, its jobs do the work of the runs.

    Each scheduled action that is a worker has a job, one at a time. It does one chunk and queues the next job, in the
    same transaction, until it finds no work. The scheduled actions watch: they queue a job where none is left, also
    after one that failed or was cancelled, and work by themselves where the queue stands still.
    """

    __slots__ = ()

    @api.model
    def _leave_work(self):
        """Have a job work for this scheduled action, if there is work; for each worker, where this is none of them."""
        if "queue.job" not in self.env:
            return super()._leave_work()
        if not self._count_work():
            return True
        workers = self.env["ir.cron"]._get_dunning_workers()
        workers = workers.filtered(lambda worker: worker.id == self.env.context.get("cron_id")) or workers
        left = [self._leave_to_job(worker) for worker in workers]
        return all(left)

    @api.model
    def _leave_to_job(self, worker):
        """Queue the job of ``worker`` if it has none. False if the one that it has is old: the queue stands still.

        A job that is at work may have looked before there was something to do: the worker looks again soon.
        """
        now = fields.Datetime.now()
        job = self.env["queue.job"].search(
            [("identity_key", "=", self._get_job_key(worker)), ("state", "in", LIVE_STATES)], order="id", limit=1
        )
        if not job:
            self._queue_job(worker)
        elif job.state == "started":
            worker._trigger(now + LOOK_AGAIN)
        return not job or job.date_created > now - PATIENCE

    @api.model
    def _get_job_key(self, worker):
        return f"account_dunning_worker_{worker.id}"

    @api.model
    def _queue_job(self, worker):
        self.with_delay(identity_key=self._get_job_key(worker), description=worker.name)._job_continue(worker)

    @api.model
    def _job_continue(self, worker):
        """Job of ``worker``: do one chunk, and queue the next job. The queue repeats it after a conflict."""
        if self._continue_next() and worker.exists():
            self._queue_job(worker)
