from typing import NamedTuple

from odoo import api
from odoo.fields import Domain
from odoo.tools import config, format_amount, format_date


class Fact(NamedTuple):
    """How a step stands: ``text`` says it to people, in sentences; ``short`` in a few words."""

    done: bool
    short: str
    text: str


class StartFacts:
    """How each step stands, found out from what is there.

    All of it is read as superuser: a manager of the company may know, and need not be allowed to read mail servers,
    bank accounts or all contacts.
    """

    __slots__ = ()

    def _find_facts(self):
        """How each step stands (:class:`Fact`), by its name and in their order."""
        self.ensure_one()
        # read only, see above
        start = self.sudo().with_company(self.company_id)
        return {
            "company": start._find_company(),
            "bank": start._find_bank(),
            "sender": start._find_sender(),
            "reach": start._find_reach(),
            "ladder": start._find_ladder(),
            "mail": start._find_mail(),
            "old": start._find_old(),
            "run": start._find_run(),
        }

    def _find_company(self):
        company = self.company_id
        missing = []
        if company.uses_default_logo:
            missing.append(self.env._("logo"))
        if not self.env["account.dunning.notice"]._has_postal_address(company.partner_id):
            missing.append(self.env._("address"))
        if missing:
            words = ", ".join(missing)
            return Fact(
                False,
                self.env._("Missing: %(what)s", what=words),
                self.env._("%(company)s still lacks: %(what)s.", company=company.name, what=words),
            )
        line = company._get_dunning_sender_line()
        return Fact(True, company.city, self.env._("Your letters come from: %(sender)s", sender=line))

    def _find_bank(self):
        company = self.company_id
        bank = company._get_dunning_bank_account(self.env["account.move"], company.currency_id)
        if not bank:
            return Fact(
                False,
                self.env._("None yet"),
                self.env._("There is no account to pay to: letters would not say where the money is to go."),
            )
        code = bank._get_dunning_qr(1.0, company.currency_id, "1", company.partner_id)
        text = (
            self.env._("Letters ask to pay to %(account)s, and have a QR code for it.", account=bank.acc_number)
            if code
            else self.env._(
                "Letters ask to pay to %(account)s, without a QR code: Odoo makes none for this kind of account, "
                "country and currency.",
                account=bank.acc_number,
            )
        )
        return Fact(True, bank.acc_number, text)

    def _find_sender(self):
        company = self.company_id
        server = bool(self.env["ir.mail_server"].search_count([], limit=1))
        own = config["smtp_server"] not in ("localhost", "127.0.0.1", "", False, None)
        if not company.email:
            return Fact(
                False, self.env._("No e-mail"), self.env._("%(company)s has no e-mail address.", company=company.name)
            )
        text = [self.env._("E-mails come from %(address)s, and answers go there.", address=company.email_formatted)]
        if not (server or own):
            text.append(
                self.env._(
                    "Odoo has no outgoing mail server: e-mails are handed to this machine itself, and many never "
                    "arrive."
                )
            )
        return Fact(server or own, company.email if server or own else self.env._("No mail server"), " ".join(text))

    def _find_reach(self):
        customers, missing = self._get_unreached()
        if not customers:
            return Fact(True, self.env._("Nobody is overdue"), self.env._("Nobody is overdue: there is none to reach."))
        if not missing:
            text = self.env._("All %(count)s customers with overdue items can be reached.", count=customers)
            return Fact(True, self.env._("All can be reached"), text)
        return Fact(
            False,
            self.env._("%(count)s of %(all)s", count=len(missing), all=customers),
            self.env._(
                "%(count)s of %(all)s customers with overdue items have neither an e-mail nor a postal address.",
                count=len(missing),
                all=customers,
            ),
        )

    def _find_ladder(self):
        dunning_type = self._get_type()
        if not dunning_type:
            text = self.env._("The company has no dunning type yet: without one nothing is dunned.")
            return Fact(False, self.env._("No type"), text)
        days = ", ".join(str(days) for days in dunning_type.level_ids.mapped("days"))
        text = self.env._(
            "Customers are dunned by “%(type)s”: %(days)s days after the due date.", type=dunning_type.name, days=days
        )
        return Fact(bool(self.ladder) or self._has_dunned(), dunning_type.name, text)

    def _find_mail(self):
        if not self.mailed_on:
            return Fact(False, self.env._("Not sent yet"), self.env._("No test e-mail was sent yet."))
        day = format_date(self.env, self.mailed_on)
        return Fact(True, day, self.env._("The last test e-mail left on %(day)s.", day=day))

    def _find_old(self):
        start_date = self.company_id._get_dunning_settings().start_date
        count, amount = self._sum_overdue()
        if start_date:
            day = format_date(self.env, start_date)
            return Fact(
                True,
                self.env._("From %(day)s", day=day),
                self.env._("Items due before %(day)s are not dunned.", day=day),
            )
        if not count:
            text = self.env._("Nothing is overdue: there are no old items.")
            return Fact(True, self.env._("Nothing is overdue"), text)
        text = self.env._(
            "All %(count)s overdue items are dunned: %(amount)s, the oldest due on %(day)s.",
            count=count,
            amount=amount,
            day=format_date(self.env, self._get_oldest()),
        )
        return Fact(bool(self.old_chosen), self.env._("All items"), text)

    def _find_run(self):
        company = self.company_id
        if company._has_sent_dunning():
            return Fact(True, self.env._("Sent"), self.env._("The first letters have left. Good luck!"))
        waiting = self.env["account.dunning.notice"].search_count(
            [("company_id", "=", company.id), ("state", "=", "proposed")]
        )
        text = [self.env._("No letter has left yet.")]
        if waiting:
            text.append(self.env._("%(count)s notices wait to be looked through.", count=waiting))
        if missing := company._get_dunning_missing():
            text.append(self.env._("They would lack: %(missing)s.", missing=missing))
        short = self.env._("%(count)s to review", count=waiting) if waiting else self.env._("Not yet")
        return Fact(False, short, " ".join(text))

    # what is overdue

    def _get_overdue_domain(self):
        """Domain of the overdue items of the company's documents that are dunned, however old."""
        company = self.company_id
        documents = company._get_dunning_settings()._get_move_domain()
        return (
            self.env["account.move.line"]._get_open_item_domain()
            & Domain("company_id", "in", company._get_dunning_branches())
            & Domain("amount_residual", ">", 0)
            & Domain("dunning_due_date", "<", company._dunning_today())
            & Domain("move_id", "any", documents)
        )

    def _sum_overdue(self, *conditions):
        """How many items are overdue under the ``conditions`` (domains), and how much it is, in words."""
        domain = Domain.AND([self._get_overdue_domain(), *conditions])
        # sums, see above
        [(count, amount)] = (
            self.env["account.move.line"].sudo()._read_group(domain, [], ["__count", "amount_residual:sum"])
        )
        return count, format_amount(self.env, amount or 0.0, self.company_id.currency_id)

    def _get_oldest(self):
        items = self.env["account.move.line"].search(self._get_overdue_domain(), order="date_maturity", limit=1)
        return items.dunning_due_date

    def _get_unreached(self):
        """How many customers have items that are overdue and dunned, and who of them can be reached by no way.

        :return: a number, and whom the letters would go to (contacts)
        """
        domain = self._get_overdue_domain()
        if start_date := self.company_id._get_dunning_settings().start_date:
            domain &= Domain("dunning_due_date", ">=", start_date)
        lines = self.env["account.move.line"]._read_group(domain, ["partner_id"])
        customers = self.env["res.partner"].union(*(partner for [partner] in lines)).commercial_partner_id
        addresses = customers._get_dunning_addresses()
        recipients = self.env["res.partner"].browse(
            {customer.dunning_contact_id.id or addresses[customer.id] for customer in customers}
        )
        notices = self.env["account.dunning.notice"]
        missing = recipients.filtered(lambda partner: not (partner.email or notices._has_postal_address(partner)))
        return len(customers), missing

    def action_open_unreached(self):
        """List whom no letter would reach, to fill in their addresses."""
        _count, missing = self._as_manager().with_company(self.company_id)._get_unreached()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.res_partner_unreached_action")
        return {**action, "domain": [("id", "in", missing.ids)]}

    # old items

    @api.depends("company_id")
    def _compute_start_date(self):
        for start in self:
            start.start_date = start.company_id._get_dunning_settings().start_date

    def _inverse_start_date(self):
        """The settings ask themselves who may do that."""
        for start in self:
            start.company_id._get_dunning_settings().with_env(self.env).start_date = start.start_date

    @api.depends("start_date", "step")
    def _compute_old_items(self):
        """What the date leaves out, and what it keeps; read only where it is shown."""
        for start in self:
            if start.step != "old":
                start.old_items = False
                continue
            whole = start.sudo().with_company(start.company_id)  # sums, see above
            day = start.start_date
            parts = [
                (self.env._("Dunned"), whole._sum_overdue(*(Domain("dunning_due_date", ">=", d) for d in [day] if d)))
            ]
            if day:
                parts.insert(0, (self.env._("Left out"), whole._sum_overdue(Domain("dunning_due_date", "<", day))))
            start.old_items = self.env["ir.qweb"]._render(
                "account_dunning.start_old_items", {"parts": parts, "day": day}
            )

    def action_set_date(self):
        """Items are dunned from the date on that was saved with the form; without one, all are."""
        start = self._as_manager()
        start.old_chosen = True
        start._go_on()
