import logging
from collections import defaultdict

from odoo import api, fields
from odoo.tools import SQL

from ...engine import Step, Tariff, charge, compare, simulate
from ...tools.attempt import attempt, get_error_text
from ..run.proposing import without_gc
from .policy import Policy

_logger = logging.getLogger(__name__)

CRON = "account_dunning.ir_cron_dunning_simulations"
CHUNK_ITEMS = 4000  # of the customers of a chunk, about
SIDES = ("live", "changed")


class SimulationWork:
    """How a simulation works: chunk by chunk of customers, each a transaction of its own, in a scheduled action."""

    __slots__ = ()

    def _start(self):
        for simulation in self:
            simulation.write(
                {"state": "running", "failure": False, "policy": simulation._get_policy_checksum(), "totals": False}
            )
        # who starts a simulation need not be allowed to see scheduled actions
        self.env.ref(CRON).sudo()._trigger()

    def _forget(self):
        """Throw away what was found."""
        self.env.flush_all()
        self.env.cr.execute(SQL("DELETE FROM account_dunning_simulation_line WHERE simulation_id = ANY(%s)", self.ids))
        self.env["account.dunning.simulation.line"].invalidate_model(flush=False)
        self.invalidate_recordset(["line_ids", "line_count"], flush=False)
        self.write(
            {
                "cursor": 0,
                "done_count": 0,
                "customer_count": 0,
                "received": False,
                "totals": False,
                "failure": False,
                "finished_at": False,
            }
        )

    def _get_policy_checksum(self):
        return self.company_id._get_dunning_settings()._get_policy()

    @api.model
    def _cron_simulate(self):
        """Scheduled action: go on with the simulations that are at work, the oldest first."""
        cron, runs = self.env["ir.cron"], self.env["account.dunning.run"]
        work = {}
        while runs._replay(lambda: self._continue_next(work)):
            remaining = self.search_count([("state", "=", "running")])
            if not cron._commit_progress(1, remaining=remaining) or not remaining:
                return
        cron._commit_progress(remaining=0)

    @api.model
    def _continue_next(self, work):
        """Do the next chunk; False where nothing is left. ``work`` keeps what the chunks of a simulation share."""
        simulation = self.search([("state", "=", "running")], order="id", limit=1)
        if not simulation:
            return False
        with attempt(self.env, alone=True) as outcome:
            key = (simulation.id, simulation.cursor)
            if work.get("key") != key:
                work |= simulation._prepare_work()
            simulation._do_chunk(work)
            work["key"] = (simulation.id, simulation.cursor)
        if outcome.error:
            _logger.warning("The simulation %s failed", simulation.id, exc_info=outcome.error)
            work.clear()
            simulation.write({"state": "failed", "failure": get_error_text(outcome.error).splitlines()[0][:500]})
        return True

    def _prepare_work(self):
        """What all chunks share: the ``customers`` to come (id, number of items), both policies, how customers pay."""
        company, since = self.company_id, self._get_start()
        reader = self.env["account.dunning.simulation.reader"]
        customers = reader._find_customers(company, since, self.date_to, self.cursor)
        self.customer_count = self.done_count + len(customers)
        history = None
        if self.payments == "forecast":
            history = self.env["account.dunning.payment.forecast"]._read_history(company, self._get_day_before())
        live = self._get_live_policy()
        changed = self._get_live_policy()
        for each in self.type_ids:
            each._change(changed)
        return {
            "customers": customers[::-1],
            "policies": (live, changed),
            "history": history,
        }

    def _get_live_policy(self):
        """The dunning types of the company as they are."""
        types = self.env["account.dunning.type"].search([("company_id", "=", self.company_id.id)])
        policy = Policy()
        for each in types:
            policy.rules[each.id] = each._to_rule()
            policy.endings[each.id] = each.unrecovered_days
            policy.interest_rules[each.id] = each._to_interest_rule(1.0)
        for level in types.level_ids.filtered("active"):
            policy.names[level.id], policy.documents[level.id] = level.name, level.document
            policy.fees[level.id] = level._to_fee(1.0)
            if level.interest:
                policy.interest.add(level.id)
        return policy

    def _do_chunk(self, work):
        """Look at the next customers, and store what either policy sends to them."""
        customers, chunk, items = work["customers"], [], 0
        while customers and (not chunk or items + customers[-1][1] <= CHUNK_ITEMS):
            partner_id, count = customers.pop()
            chunk.append(partner_id)
            items += count
        if chunk:
            self.env.cr.execute("SET LOCAL jit = off")  # to compile the queries takes longer than they do
            self._look_at(chunk, work)
            self.write({"cursor": chunk[-1], "done_count": self.done_count + len(chunk)})
        if not customers:
            self.write({"state": "done", "finished_at": fields.Datetime.now(), "totals": self._read_totals()})

    @without_gc()
    def _look_at(self, partner_ids, work):
        accounts = self.env["account.dunning.simulation.reader"]._read_accounts(
            self.company_id, partner_ids, self._get_start(), self.date_to, self.payments, work["history"]
        )
        received = {side: dict((self.received or {}).get(side, {})) for side in SIDES}
        rows = []
        work |= {"decided": ({}, {}), "channels": {}, "recipients": self._read_recipients(accounts)}
        for account in accounts:
            played = [self._play(account, index, work) for index in range(len(SIDES))]
            for side, (_account, simulated) in zip(SIDES, played, strict=True):
                for each in simulated.received:
                    if each.day >= self.date_from:
                        rung = str(each.rung)
                        received[side][rung] = received[side].get(rung, 0.0) + each.amount
            rows += self._prepare_rows(played, work)
        self.env["account.dunning.simulation.line"]._keep(rows)
        self.received = received

    def _play(self, account, index, work):
        """The account as a policy sees it, and what the engine says of it."""
        policy, company = work["policies"][index], self.company_id
        account = policy.take(account)
        simulated = simulate(
            account,
            policy.rules,
            self._get_start(),
            self.date_to,
            company.currency_id.rounding,
            work["decided"][index],
            policy.endings,
            lambda proposal: bool(self._get_channel(proposal, policy, work)),
        )
        return account, simulated

    @api.model
    def _read_recipients(self, accounts):
        """Whoever may get a notice, by id; and the invoice address of each customer, by the customer's id."""
        partners = self.env["res.partner"]
        addresses = partners.browse([account.id for account in accounts])._get_dunning_addresses()
        contacts = {course.item.contact for account in accounts for course in account.items}
        ids = {*addresses.values(), *contacts, *(account.contact for account in accounts)} - {None}
        recipients = partners.browse(ids)
        recipients.fetch(["email", "street", "zip", "city"])
        return {recipient.id: recipient for recipient in recipients}, addresses

    def _get_channel(self, notice, policy, work):
        """How a notice leaves: a value of ``document``, or False."""
        recipients, addresses = work["recipients"]
        key = policy.documents[notice.level.id], notice.recipient or addresses[notice.customer]
        known = work["channels"]
        if key not in known:
            document, recipient_id = key
            levels = self.env["account.dunning.level"]
            known[key] = levels._choose_document_for(document, recipients[recipient_id])
        return known[key]

    def _prepare_rows(self, played, work):
        """Values of the lines of a customer, of both policies."""
        steps, charges = [], []
        for (account, simulated), policy in zip(played, work["policies"], strict=True):
            notices = simulated.notices
            courses = {course.item.id: course for course in account.items}
            tariff = Tariff(policy.fees, policy.interest, policy.interest_rules)
            charges.append(charge(notices, courses, tariff, self.company_id.currency_id.rounding))
            steps.append([(n, verdict) for n, notice in enumerate(notices) for verdict in notice.verdicts])
        as_steps = [
            [Step(verdict.item.id, played[side][1].notices[n].day, verdict.level.id) for n, verdict in steps[side]]
            for side in range(len(SIDES))
        ]
        differences = compare(*as_steps)
        rows = []
        for side, name in enumerate(SIDES):
            account, simulated = played[side]
            seen = set()
            contacted = bool(account.last_notices)
            for (n, verdict), difference in zip(steps[side], differences[side], strict=True):
                notice = simulated.notices[n]
                leading = n not in seen
                seen.add(n)
                if notice.day < self.date_from:
                    contacted = True
                    continue
                vals = self._prepare_row(notice, verdict, difference, side, work)
                document = vals["document"]
                rows.append(
                    {
                        **vals,
                        "policy": name,
                        "notices": int(leading),
                        "first_contacts": int(leading and not contacted),
                        "charges": charges[side][n] if leading else 0.0,
                        "cost": self.letter_cost if leading and document == "letter" else 0.0,
                    }
                )
                contacted = True
        return rows

    def _prepare_row(self, notice, verdict, difference, side, work):
        """Values of the line for one item of a ``notice``."""
        policy, other = work["policies"][side], work["policies"][1 - side]
        there = difference.other
        return {
            "simulation_id": self.id,
            "company_id": self.company_id.id,
            "day": notice.day,
            "partner_id": notice.customer,
            "move_line_id": verdict.item.id,
            "number": verdict.item.number,
            "type_id": notice.type,
            "level": policy.names[verdict.level.id],
            "difference": difference.kind,
            "other_day": there and there.day,
            "other_level": there and other.names[there.level],
            "days_later": (notice.day - there.day).days if there else 0,
            "document": self._get_channel(notice, policy, work),
            "amount": self.company_id.currency_id.round(verdict.item.company_claim),
        }

    @api.model
    def _sum_received(self, received):
        """What came in late before each level, by the number of levels reached: running sums."""
        sums, result = 0.0, defaultdict(float)
        for rung in sorted(map(int, received)):
            sums += received[str(rung)]
            result[rung] = sums
        return dict(result)
