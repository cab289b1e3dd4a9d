"""What the page of a customer shows to one person, as plain values for its template."""

from odoo import api
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.shipped import get_record
from ..base.names import OPEN_STATES
from ..receivables.obstacle import Question

UNDER_WAY = {"payment", "online", "payment_order"}  # obstacles: money is on its way, and is not asked for again
LEFT_ALONE = {"no_followup", "document", "start", "hold", "blocked"}  # obstacles: not ticked, but may be paid


class CaseShownToCustomer:
    __slots__ = ()

    def _sees_all(self, person):
        """Whether ``person`` speaks for the customer: others see what was written to themselves only."""
        self.ensure_one()
        return person in (self.partner_id, self.partner_id.dunning_contact_id)

    def _get_page_lines(self, person, sees_all):
        """The open items that ``person`` sees, the oldest first, debits and credits.

        :param sees_all: all of the customer, as core shows them to his users of the portal, too; else his notices' only
        """
        self.ensure_one()
        lines = self.env["account.move.line"]
        domain = (
            lines._get_open_item_domain()
            & Domain("partner_id", "=", self.partner_id.id)
            & Domain("company_id", "in", self.company_id._get_dunning_branches())
        )
        if not sees_all:
            domain &= Domain("id", "in", self._get_page_notices(person).line_ids.move_line_id.ids)
        return lines.search(domain, order="date_maturity, date, id")

    def _get_page_notices(self, person):
        """The notices whose letters ``person`` may open: all of the customer for whom he speaks, else his own."""
        domain = [("company_id", "=", self.company_id.id), ("partner_id", "=", self.partner_id.id)]
        if not self._sees_all(person):
            domain.append(("recipient_id", "=", person.id))
        return self.env["account.dunning.notice"].search([*domain, ("state", "=", "sent")], limit=60)

    def _get_page(self, person, sees_all):
        """All that the page shows to ``person``. Hook."""
        self.ensure_one()
        lines = self._get_page_lines(person, sees_all)
        notices = self._get_page_notices(person)
        return {
            "case": self,
            "company": self.company_id,
            "person": person,
            "sees_all": sees_all,
            "today": self.company_id._dunning_today(),
            "settings": self.company_id._get_dunning_settings(),
            "currencies": self._get_page_currencies(person, lines, notices),
            "notices": notices.filtered("attachment_id"),
            "promises": self._get_page_promises(person),
            "requests": self._get_open_requests(person),
            "reasons": self._get_page_reasons(),
            "coming": self._get_page_coming(),
            "collector": self.user_id.partner_id,
        }

    def _get_page_promises(self, person):
        """The open promises and agreements, for who speaks for the customer."""
        promises = self.promise_ids if self._sees_all(person) else self.promise_ids.browse()
        return promises.filtered(lambda promise: promise.state == "open")

    def _get_page_document(self, person, sees_all, kind, record_id=None):
        """A PDF that the page offers, as its name and content; None for whatever it does not offer.

        :param str kind: ``invoice``, ``notice`` or ``statement``
        """
        if kind == "statement" and sees_all:
            report = get_record(self.env, "account_dunning.action_report_statement")
            content, _type = report._render_qweb_pdf(report.report_name, self.partner_id.ids)
            return f"{self.partner_id._get_dunning_statement_name()}.pdf", content
        if kind == "notice":
            notice = self._get_page_notices(person).filtered(lambda notice: notice.id == record_id)
            letter = notice.attachment_id
            return (letter.name, letter.raw) if letter else None
        if kind == "invoice":
            moves = self._get_page_lines(person, sees_all).move_id.filtered(lambda move: move.is_invoice())
            move = moves.filtered(lambda move: move.id == record_id)
            found = move._get_invoice_legal_documents("pdf", allow_fallback=True) if move else None
            return (found["filename"], found["content"]) if found else None
        return None

    def _get_page_currencies(self, person, lines, notices):
        """What is open in each currency: rows of documents, credits, charges, what is asked for, and how to pay it."""
        states = self._get_page_states()
        result = []
        for currency, group in lines.grouped("currency_id").items():
            debits = group.filtered(lambda line: line.amount_residual_currency > 0)
            rows = [self._get_page_row(line, states.get(line.id, ())) for line in debits]
            charges = self._get_page_charges(currency, notices)
            ticked = debits.browse([row["line"].id for row in rows if row["ticked"]])
            credits = self._get_page_credits(ticked, group - debits)
            due = self._sum_page(currency, ticked, credits, charges)
            result.append(
                {
                    "currency": currency,
                    "documents": self._group_page_rows(rows),
                    "credits": group - debits,
                    "charges": charges,
                    "open": currency.round(
                        sum(group.mapped("amount_residual_currency")) + (charges["amount"] if charges else 0.0)
                    ),
                    "due": due,
                    "covered": bool(ticked) and not due,
                    "transfer": self._get_page_transfer(person, currency, due, ticked),
                }
            )
        return result

    def _get_page_states(self):
        """The codes of what keeps the customer's items out of dunning, by journal item id."""
        question = Question(self.company_id, tuple(self.partner_id.ids), self.company_id._dunning_today())
        [customer], _rules = self.env["account.dunning.reader"]._read_customers(question)
        return {item.id: item.obstacles for item in customer.items}

    def _get_page_row(self, line, codes):
        """One open debit: how it stands, what may be paid of it now, and whether that is ticked at first."""
        days = max((self.company_id._dunning_today() - line.dunning_due_date).days, 0)
        disputed = line.dunning_disputed
        contested = line.currency_id.compare_amounts(disputed, line.amount_residual_currency) >= 0
        agency = "agency" in line.dunning_item_state_ids.plan_id.mapped("collection_status")
        under_way = not UNDER_WAY.isdisjoint(codes)
        promised = bool(line.dunning_promise_id)
        left_alone = not LEFT_ALONE.isdisjoint(codes) and not promised
        return {
            "line": line,
            "days": days,
            "disputed": disputed,
            "contested": contested,
            "agency": agency,
            "under_way": under_way,
            "promise": line.dunning_promise_id,
            "payable": line._get_page_amount(),
            "can_pay": not (agency or under_way),
            "ticked": days > 0 and not (agency or under_way or contested or left_alone),
        }

    @api.model
    def _group_page_rows(self, rows):
        """The rows by document, in their order: dicts of entry, its rows, and whether it has instalments."""
        documents = {}
        for row in rows:
            documents.setdefault(row["line"].move_id, []).append(row)
        return [{"move": move, "rows": own} for move, own in documents.items()]

    def _get_page_reasons(self):
        """The reasons for which a customer may dispute."""
        reasons = self.env["account.dunning.reason"]
        return reasons.search([("company_id", "=", self.company_id.id), ("dispute", "=", True)])

    def _get_page_coming(self):
        """What comes next if nothing is paid, in a sentence; empty where nothing comes by itself."""
        plans = self.env["account.collection.plan"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "=", self.partner_id.id),
                ("state", "in", OPEN_STATES),
                ("next_level_id", "!=", False),
            ],
            order="next_date, id",
            limit=1,
        )
        if not plans:
            return ""
        return self.env._(
            "If nothing is paid, “%(level)s” follows on %(date)s.",
            level=plans.next_level_id.name,
            date=format_date(self.env, max(plans.next_date, self.company_id._dunning_today())),
        )

    def _get_page_transfer(self, person, currency, due, lines):
        """Bank details, reference and QR code of the transfer of ``due``, as the statement has them."""
        statements = self.env["account.dunning.statement"]
        return statements._get_payment(self.company_id, person, currency, due, lines.move_id)
