from odoo import fields

from .common import DunningCommon, StubLetters


class DeskCommon(StubLetters, DunningCommon):
    """:class:`DunningCommon` with a case: customer a owes 1,000 since 12 days, a collector works on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.stage.invoice(cls.partner_a, 12, 1000)
        cls.cases = cls.env["account.collection.case"]
        cls.case = cls.cases._get_for(cls.company, cls.partner_a)
        cls.promises = cls.env["account.dunning.promise"]

    def outcome(self, name):
        """What the company has of the shipped outcome ``name``."""
        return self.env["account.dunning.outcome"].sudo()._get_shipped(name, self.company)

    def refresh(self):
        """What the scheduled action of the desk does."""
        self.cases._refresh_day(self.company)
        self.cases.invalidate_model()

    def commit(self):
        """What is done before a commit."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.invalidate_all()

    def log(self, outcome, case=None, **values):
        """Log a contact as the collector; its values as the dialog gives them."""
        case = (case or self.case).with_user(self.collector)
        action = case.action_log_call()
        dialog = (
            self.env["account.dunning.log"]
            .with_user(self.collector)
            .with_context(**action["context"])
            .create({"outcome_id": self.outcome(outcome).id, **values})
        )
        result = dialog.action_save()
        self.commit()
        return result

    def promise(self, *parts, case=None, moves=None, **values):
        """A promise of ``parts``, pairs of days from today and amount; about ``moves`` where they are given."""
        if moves:
            values["item_ids"] = [(6, 0, [self.item(move).id for move in moves])]
        commands = [
            fields.Command.create({"date": fields.Date.add(self.today, days=days), "amount": amount})
            for days, amount in parts
        ]
        self.log("outcome_promises", case, part_ids=commands, **values)
        return self.promises.search([("case_id", "=", (case or self.case).id)], order="id desc", limit=1)

    def night(self):
        """What the night does about promises and cases, and then a run."""
        runs = self.env["account.dunning.run"].sudo()
        runs._prepare_night()
        runs._start_nightly(self.company)
        self.work()
        self.refresh()
