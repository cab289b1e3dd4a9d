import base64
from collections import Counter

from odoo import fields
from odoo.tools import format_amount, format_date

from ...engine.money import total
from ...tools.sheet import write_sheets

NO_CLAIM = ("excluded", "cancelled")  # notices in these states are listed, and count in no total
NOTICE_FIELDS = (
    *("name", "partner_id", "recipient_id", "level_id", "currency_id", "document", "state", "sent_on", "failure"),
    *("cancel_reason", "line_count", "amount_dunned", "amount_credit", "amount_charges", "amount_total"),
)
LINE_FIELDS = (
    *("notice_id", "plan_id", "level_id", "previous_level_id", "name", "due_date", "days_overdue"),
    *("amount_original", "claim", "amount_contested", "amount_credit"),
)


def _sort_key(partner):
    return ((partner.complete_name or "").casefold(), partner.id)


class RunReport:
    """What a run did, customer by customer: a PDF, and a file for a spreadsheet program with the same content."""

    __slots__ = ()

    def _compute_report_table(self):
        self.report_table = False  # of a new record
        for run in self.filtered("create_date"):
            run.report_table = base64.b64encode(write_sheets(run._get_report_sheets()))

    def action_download_report(self):
        """Download what the run did as a file for a spreadsheet program."""
        self.ensure_one()
        name = f"{self.name.replace('/', '-')}.xlsx"
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/report_table/{name}?download=true",
        }

    # reading, with one query for each model

    def _fetch_report_notices(self):
        """The notices of the run in the order of their customers, with all that the report says about them."""
        self.ensure_one()
        notices = self.env["account.dunning.notice"].search_fetch([("run_id", "=", self.id)], NOTICE_FIELDS)
        (notices.partner_id | notices.recipient_id).fetch(["complete_name"])
        return notices.sorted(lambda notice: (_sort_key(notice.partner_id), notice.id))

    def _fetch_report_lines(self, notices):
        """The lines of the notices by notice, the oldest due date first."""
        lines = self.env["account.dunning.notice.line"].search_fetch([("notice_id", "in", notices.ids)], LINE_FIELDS)
        (lines.level_id | lines.previous_level_id | notices.level_id).fetch(["name"])
        return lines.sorted(lambda line: (line.due_date, line.id)).grouped("notice_id")

    def _get_labels(self, model, field_name):
        """The values of a selection field in words, in the user's language."""
        return dict(self.env[model]._fields[field_name]._description_selection(self.env))

    # the rows, with typed values by the titles of their columns; the spreadsheet shows them, and in parts the PDF

    def _get_report_facts(self, notices, lines):
        """The terms of the run: pairs of label and text. Hook."""
        states, counts = self._get_labels("account.dunning.notice", "state"), Counter(notices.mapped("state"))
        plans = self.env["account.collection.plan"].union(*(group.plan_id for group in lines.values()))
        days = sorted(filter(None, notices.mapped("sent_on")))
        made = fields.Datetime.context_timestamp(self, self.create_date).date()
        facts = [
            (self.env._("Company"), self.company_id.name),
            (self.env._("Run"), self.name),
            (self.env._("Date"), format_date(self.env, self.date)),
            (self.env._("Status"), self._get_labels(self._name, "state")[self.state]),
            (self.env._("Dunning Mode"), self._get_mode_label(plans)),
            (self.env._("Made By"), self.env._("Nightly, by itself") if self.nightly else self.create_uid.name),
            (self.env._("Made On"), format_date(self.env, made)),
            (self.env._("Read in Full Because"), self.read_all),
            (
                self.env._("Sent On"),
                " – ".join(format_date(self.env, day) for day in dict.fromkeys(days[:1] + days[-1:])),
            ),
            (self.env._("Dunning Types"), ", ".join(self.type_ids.mapped("name")) or self.env._("All")),
            (self.env._("Levels"), ", ".join(self.level_ids.mapped("name")) or self.env._("All")),
            (self.env._("Customers"), ", ".join(self.partner_ids.mapped("display_name")) or self.env._("All")),
            (self.env._("Disputed Items"), self.env._("Included") if self.include_disputed else ""),
            (self.env._("Notices"), ", ".join(f"{counts[state]} {states[state]}" for state in states if counts[state])),
        ]
        return [(label, text) for label, text in facts if text]

    def _get_mode_label(self, plans):
        """The mode in which the run dunned: that of its ``plans``, since the company may have another one by now."""
        return self._get_labels("account.dunning.settings", "mode")[
            plans[:1].mode or self.company_id._get_dunning_settings().mode
        ]

    def _get_report_totals(self, notices):
        """What is claimed, for each currency by level, and in all."""
        claims = notices.filtered(lambda notice: notice.state not in NO_CLAIM)
        rows = []
        for currency, group in claims.sorted(lambda notice: notice.currency_id.name).grouped("currency_id").items():
            by_level = group.sorted(lambda notice: (notice.level_id.days, notice.level_id.id)).grouped("level_id")
            rows += [self._get_total_row(currency, level.name, part) for level, part in by_level.items()]
            rows.append(self._get_total_row(currency, self.env._("All levels"), group))
        return rows

    def _get_total_row(self, currency, title, notices):
        def add(field_name):
            return currency.round(total(notices.mapped(field_name)))

        return {
            self.env._("Currency"): currency.name,
            self.env._("Level"): title,
            self.env._("Notices"): len(notices),
            self.env._("Items"): sum(notices.mapped("line_count")),
            self.env._("Overdue"): add("amount_dunned"),
            self.env._("Credits"): -add("amount_credit"),
            self.env._("Charges"): add("amount_charges"),
            self.env._("Total"): add("amount_total"),
        }

    def _get_notice_rows(self, notices):
        """One row for each notice. Hook."""
        documents = self._get_labels("account.dunning.notice", "document")
        states = self._get_labels("account.dunning.notice", "state")
        return [
            {
                self.env._("Customer"): notice.partner_id.complete_name,
                self.env._("Notice"): notice.name,
                self.env._("Level"): notice.level_id.name,
                self.env._("Recipient"): notice.recipient_id.complete_name,
                self.env._("Channel"): documents[notice.document],
                self.env._("Status"): states[notice.state],
                self.env._("Sent On"): notice.sent_on,
                self.env._("Remark"): notice.failure or notice.cancel_reason,
                self.env._("Items"): notice.line_count,
                self.env._("Overdue"): notice.amount_dunned,
                **dict(notice._get_report_sums()),
                self.env._("Total"): notice.amount_total,
                self.env._("Currency"): notice.currency_id.name,
            }
            for notice in notices
        ]

    def _get_line_rows(self, notice, lines):
        """One row for each line of a notice. Hook."""
        return [
            {
                self.env._("Customer"): notice.partner_id.complete_name,
                self.env._("Notice"): notice.name,
                self.env._("Invoice"): line.name,
                self.env._("Due Date"): line.due_date,
                self.env._("Days Overdue"): line.days_overdue,
                self.env._("Level Before"): line.previous_level_id.name,
                self.env._("Level"): line.level_id.name,
                self.env._("Amount"): line.amount_original,
                self.env._("Open"): line.claim,
                self.env._("Contested"): line.amount_contested,
                self.env._("Credits"): -line.amount_credit,
                self.env._("Currency"): notice.currency_id.name,
            }
            for line in lines
        ]

    def _get_skipped_rows(self):
        """One row for each customer, reason and currency that the run left out."""
        names = ("partner_id", "reason", "item_count", "currency_id", "amount", "note")
        skipped = self.env["account.dunning.skipped"].search_fetch(
            self.env["account.dunning.skipped"]._get_domain(self), names
        )
        skipped.partner_id.fetch(["complete_name"])
        labels = self.env["account.dunning.reader"]._get_reason_labels()
        return [
            {
                self.env._("Customer"): row.partner_id.complete_name,
                self.env._("Reason"): labels[row.reason],
                self.env._("Items"): row.item_count,
                self.env._("Overdue"): row.amount,
                self.env._("Currency"): row.currency_id.name,
                self.env._("Note"): row.note,
            }
            for row in skipped.sorted(lambda row: (labels[row.reason], _sort_key(row.partner_id), row.id))
        ]

    # the documents

    def _get_report_sheets(self):
        """The rows of the spreadsheet by the names of its sheets. Hook."""
        notices = self._fetch_report_notices()
        lines = self._fetch_report_lines(notices)
        facts = self._get_report_facts(notices, lines)
        return {
            self.env._("Run"): [{self.env._("Run"): label, self.name: text} for label, text in facts],
            self.env._("Totals"): self._get_report_totals(notices),
            self.env._("Notices"): self._get_notice_rows(notices),
            self.env._("Items"): [
                row for notice in notices for row in self._get_line_rows(notice, lines.get(notice, ()))
            ],
            self.env._("Left Out"): self._get_skipped_rows(),
        }

    def _get_report(self):
        """What the PDF says, as a dict of texts that are ready to print. Hook."""
        notices = self._fetch_report_notices()
        lines = self._fetch_report_lines(notices)
        states = self._get_labels("account.dunning.notice", "state")
        documents = self._get_labels("account.dunning.notice", "document")
        return {
            "facts": self._get_report_facts(notices, lines),
            "totals": self._format_table(self._get_report_totals(notices)),
            "customers": [
                (
                    partner.complete_name,
                    [notice._get_report_block(lines.get(notice, ()), states, documents) for notice in group],
                )
                for partner, group in notices.grouped("partner_id").items()
            ],
            "skipped": self._format_table(self._get_skipped_rows()),
        }

    def _format_table(self, rows):
        """The rows as a table of texts, amounts in their own currency: its columns (title, class) and cells by row."""
        column = self.env._("Currency")
        currencies = {currency.name: currency for currency in self.env["res.currency"].search([])}

        def text(row, value):
            return format_amount(self.env, value, currencies[row[column]]) if isinstance(value, float) else value

        return {
            "columns": [
                (title, "text-end" if isinstance(value, (int, float)) and value is not False else "")
                for title, value in (rows[0].items() if rows else ())
            ],
            "rows": [[text(row, value) for value in row.values()] for row in rows],
        }
