from odoo import fields, models

from ...engine.money import total
from ...tools.bulk import bulk_insert


class AccountDunningNoticeInfo(models.Model):
    """An open item that a notice shows and does not dun: a snapshot, made anew until the notice leaves."""

    _name = "account.dunning.notice.info"
    _description = "Informational Line of a Dunning Notice"
    _order = "notice_id, section, due_date, id"

    notice_id = fields.Many2one("account.dunning.notice", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="notice_id.company_id")
    currency_id = fields.Many2one(related="notice_id.currency_id")
    section = fields.Selection(
        [("due", "Also Due"), ("not_due", "Not Yet Due"), ("credit", "Credit or Payment")], required=True
    )
    move_line_id = fields.Many2one(
        "account.move.line", string="Journal Item", index="btree_not_null", ondelete="set null"
    )
    name = fields.Char(string="Number")
    date = fields.Date()
    due_date = fields.Date()
    amount_original = fields.Monetary(string="Original Amount")
    amount_residual = fields.Monetary(string="Open Amount")


class NoticeInfo:
    """What a notice shows besides its items, where its level says so."""

    __slots__ = ()

    def _inform(self):
        """Read what the letters show besides their items anew, for notices that have not left. Set-based."""
        # rows follow the work: nobody may write them
        for company, notices in self.sudo().grouped("company_id").items():
            if self.env["account.dunning.level"]._is_informing(company.id):
                for day, group in notices.grouped("date").items():
                    group._store_info(company, day)

    def _store_info(self, company, day):
        """Exchange the informational lines of the notices, of one company and date, for those of now."""
        self.info_ids.unlink()
        showing = self.filtered(lambda notice: notice.level_id._get_sections())
        if showing:
            rows = self.env["account.dunning.statement"]._read_open_items(company, showing.partner_id.ids, day)
            bulk_insert(
                self.env["account.dunning.notice.info"],
                [
                    vals
                    for notice in showing
                    for vals in notice._prepare_info_vals(rows.get((notice.partner_id.id, notice.currency_id.id), []))
                ],
            )

    def _prepare_info_vals(self, rows):
        """Values of the informational lines for open items (``rows`` as the statement reads them). Hook.

        Invoices of charges are none of them: the letter lists them as charges.
        """
        self.ensure_one()
        sections, own = self.level_id._get_sections(), set(self.line_ids.move_line_id.ids)
        result = []
        for row in rows:
            section = "not_due" if row["due"] >= self.date else "due"
            section = "credit" if row["residual"] < 0 else section
            hidden = section != "credit" and (row["charge"] or (row["held"] and not self.level_id.statement))
            if section in sections and row["id"] not in own and not hidden:
                result.append(
                    {
                        "notice_id": self.id,
                        "section": section,
                        "move_line_id": row["id"],
                        "name": row["name"],
                        "date": row["date"],
                        "due_date": row["due"],
                        "amount_original": row["original"],
                        "amount_residual": row["residual"],
                    }
                )
        return result

    # the letter

    def _get_info(self, section):
        """The informational lines of a ``section``, in the order in which they are printed. Hook."""
        return self.info_ids.filtered(lambda info: info.section == section).sorted(
            lambda info: (info.due_date, info.name or "", info.id)
        )

    def _get_info_sections(self):
        """The sections below the table of items: pairs of title and informational lines. Hook."""
        pairs = [
            (self.env._("Also due"), self._get_info("due")),
            (self.env._("Not yet due"), self._get_info("not_due")),
        ]
        return [(title, lines) for title, lines in pairs if lines]

    def _get_unused_credit(self):
        """What of the credits that are shown one by one is not set off against the items of this notice."""
        self.ensure_one()
        shown = -total(self._get_info("credit").mapped("amount_residual"))
        return self.currency_id.round(shown - self.amount_credit)

    def _get_claims(self):
        """What the notice claims besides its items: amounts. Hook."""
        return []

    def _get_balance(self):
        """All that is open, credits taken off, with the charges of this notice."""
        self.ensure_one()
        lines = self.line_ids
        return self.currency_id.round(
            total(
                [
                    *self.info_ids.mapped("amount_residual"),
                    *lines.mapped("claim"),
                    *lines.mapped("amount_contested"),
                    *self._get_claims(),
                ]
            )
        )
