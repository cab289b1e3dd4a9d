"""What tests of simulations begin with."""

from odoo.fields import Command

from .common import ChargesCommon


class SimulationCommon(ChargesCommon):
    """:class:`ChargesCommon` with simulations: ``self.simulate()`` makes one and does all its work."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.simulations = cls.env["account.dunning.simulation"]
        cls.classPatch(type(cls.env["ir.cron"]), "_commit_progress", lambda *_args, **_values: 60)

    def make(self, changed=None, **values):
        """A simulation of the company; ``changed`` are values by level that the copy of its type has instead."""
        simulation = self.simulations.create(
            {
                "name": "Test",
                "company_id": self.company.id,
                "date_from": "2026-04-01",
                "date_to": "2026-06-01",
                "type_ids": [Command.create({"type_id": self.dunning_type.id})],
                **values,
            }
        )
        for level, vals in (changed or {}).items():
            simulation.type_ids.level_ids.filtered(lambda copy: copy.level_id == level).write(vals)  # noqa: B023
        return simulation

    def work_off(self):
        """Do what the scheduled action does, until nothing is left."""
        self.simulations.sudo()._cron_simulate()
        self.env.invalidate_all()

    def simulate(self, changed=None, **values):
        simulation = self.make(changed, **values)
        simulation.action_start()
        self.work_off()
        self.assertEqual((simulation.state, simulation.failure), ("done", False))
        return simulation

    def rows(self, simulation, policy="live", *names):
        """What a policy would have sent: (day, number of the invoice, level) and further fields."""
        lines = simulation.line_ids.filtered(lambda line: line.policy == policy)
        return sorted((str(line.day), line.number, line.level, *(line[name] for name in names)) for line in lines)

    def read_sent(self, first="1900-01-01"):
        """What has left in fact, in the same form."""
        lines = self.env["account.dunning.notice.line"].search([("notice_id.state", "=", "sent")])
        return sorted(
            (str(line.sent_on), line.name, line.level_id.name) for line in lines if str(line.sent_on) >= first
        )
