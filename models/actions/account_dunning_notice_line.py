from odoo import models


class AccountDunningNoticeLine(models.Model):
    """The actions of levels start when items reach them."""

    _inherit = "account.dunning.notice.line"

    def _after_raised(self):
        """Start the actions of the levels on the plans; a failing one is noted on the plan."""
        super()._after_raised()
        levels = self.level_id.filtered("action_ids")
        acting = self.filtered(lambda line: line.level_id in levels) if levels else self.browse()
        acting -= acting._get_started() if acting else acting
        for (level, user), lines in acting.grouped(lambda line: (line.level_id, line.notice_id.issued_by_id)).items():
            for action in level.action_ids:
                action._try_start(lines.plan_id, user)

    def _after_lowered(self):
        """Withdraw what the actions of the level still ask for, unless another notice of the step asks it too."""
        super()._after_lowered()
        for level, lines in (self - self._get_started()).grouped("level_id").items():
            lines.plan_id._withdraw_actions(level.action_ids)

    def _get_started(self):
        """The lines whose actions another notice of the same step has started.

        A step of a plan may consist of several notices of a run, in two currencies for example.
        A level that is repeated begins a new step.
        """
        others = self.search(
            [
                ("plan_id", "in", self.plan_id.ids),
                ("level_id", "in", self.level_id.ids),
                ("dunned", "=", True),
                ("notice_id", "not in", self.notice_id.ids),
                ("notice_id.run_id", "in", self.notice_id.run_id.ids),
                ("notice_id.state", "=", "sent"),
            ]
        )
        latest = {}
        for line in others:
            key = (line.notice_id.run_id, line.plan_id, line.level_id)
            latest[key] = max(latest.get(key, line.sent_on), line.sent_on)

        def is_started(line):
            day = latest.get((line.notice_id.run_id, line.plan_id, line.level_id))
            every = line.level_id.repeat_every
            return day and (not every or (line.sent_on - day).days < every)

        return self.filtered(is_started)
