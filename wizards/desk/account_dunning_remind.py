from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.base.names import MANAGERS


class AccountDunningRemind(models.TransientModel):
    """Reminds one customer now: his notices are proposed, looked at and issued in one dialog."""

    _name = "account.dunning.remind"
    _description = "Remind a Customer Now"
    _inherit = ["account.dunning.dialog"]

    case_id = fields.Many2one("account.collection.case", required=True, readonly=True)
    notice_ids = fields.Many2many("account.dunning.notice", string="Notices", readonly=True)
    refusal = fields.Text(string="Why Not", readonly=True)

    @api.model
    def _open(self, case):
        """Open the dialog for a ``case`` with what is due: what waits already, else what a run for him proposes."""
        case._as_collector()
        notices = self._get_proposed(case)
        released = False
        if not notices:
            released = bool(case.sudo()._propose_now())  # the work proposes; a collector asks for it
            notices = self._get_proposed(case)
        if released and not notices:
            case.sudo()._drop_reminders()  # what this dialog has proposed just now
        dialog = self.sudo().create(  # its fields are closed to people
            {
                "case_id": case.id,
                "notice_ids": [fields.Command.set(notices.ids)],
                "refusal": False if notices else self._get_refusal(case, released),
            }
        )
        return dialog.with_env(self.env)._show(
            self.env._("Remind %(customer)s now", customer=case.partner_id.display_name)
        )

    @api.model
    def _get_refusal(self, case, released):
        """Why there is nothing to send today: the answer of *Why?* for each item, in words.

        :param released: whether something is due that a dunning manager releases
        """
        if released:
            return self.env._("What is due is of a level that a dunning manager releases.")
        why = self.env["account.dunning.why"].new(
            {
                "company_id": case.company_id.id,
                "partner_id": case.partner_id.id,
                "date": case.company_id._dunning_today(),
            }
        )
        lines = why._prepare_lines(why._get_verdicts())
        told = "\n".join(f"{line['name']} ({line['amount']}): {line['answer']}" for line in lines)
        return told or self.env._("Nothing is open.")

    @api.model
    def _get_proposed(self, case):
        domain = [
            ("partner_id", "=", case.partner_id.id),
            ("company_id", "=", case.company_id.id),
            ("state", "=", "proposed"),
        ]
        notices = self.env["account.dunning.notice"].search(domain)
        if self.env.user.has_group(MANAGERS):
            return notices
        return notices.filtered(
            lambda notice: not (notice.level_id.manual_release or notice.run_id.include_disputed)  # for managers
        )

    def action_issue(self):
        """Issue the notices: they leave within a minute."""
        self.ensure_one()
        case = self.case_id._as_collector()
        notices = (self.notice_ids & self._get_proposed(case)).sudo()  # of this customer only, checked above
        if not notices:
            raise UserError(self.env._("These notices are not proposed any more. Open the dialog once more."))
        if missing := case.company_id._get_dunning_missing():
            raise UserError(
                self.env._(
                    "The first letters of %(company)s wait for a dunning manager, since they would lack: %(missing)s.",
                    company=case.company_id.name,
                    missing=missing,
                )
            )
        notices._queue_by_person()

    def action_discard(self):
        """Drop what was proposed for this dialog only."""
        self.ensure_one()
        self.case_id._as_collector()._drop_reminders()

    def action_write(self):
        """Write to the customer instead: a friendly reminder, at no level."""
        self.ensure_one()
        return self.case_id.action_send()
