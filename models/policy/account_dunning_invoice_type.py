from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import Query


class AccountDunningInvoiceType(models.Model):
    _name = "account.dunning.invoice.type"
    _description = "Dunning Invoice Type"
    _inherit = ["account.dunning.shipped.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    move_type = fields.Selection(
        [("out_invoice", "Customer Invoice"), ("out_receipt", "Sales Receipt"), ("entry", "Journal Entry")],
        string="Document",
        required=True,
        default="out_invoice",
    )
    debit_note = fields.Boolean(
        help="Only invoices that were made as a debit note for another invoice; otherwise only those that were not."
    )
    journal_ids = fields.Many2many(
        "account.journal",
        string="Journals",
        # What can be chosen is said by the view: a domain here would hide a journal that no longer matches, and an
        # empty field would mean all.
        context={"active_test": False},
        help="Empty: all journals; for journal entries all miscellaneous journals.",
    )

    def copy_data(self, default=None):
        """Keep the journals of the company that gets the copy. A copy that loses all is archived: none means all."""
        vals_list = super().copy_data(default)
        company = self.env["res.company"].browse((default or {}).get("company_id"))
        for invoice_type, vals in zip(self, vals_list, strict=True):
            if company and invoice_type.company_id != company:
                vals.update(invoice_type._get_journal_vals(company))
        return vals_list

    def _get_journal_vals(self, company):
        """Values of ``journal_ids`` and ``active`` for a copy in ``company``: see :meth:`copy_data`."""
        journals = self.journal_ids.filtered(lambda journal: journal.company_id.root_id == company)
        return {
            "journal_ids": [fields.Command.set(journals.ids)],
            "active": self.active and bool(journals or not self.journal_ids),
        }

    @api.constrains("company_id", "journal_ids")
    def _check_journals(self):
        for invoice_type in self.filtered("company_id"):
            if invoice_type.sudo().journal_ids.company_id.root_id - invoice_type.company_id:  # a constraint sees all
                raise ValidationError(
                    self.env._("The journals of “%(type)s” must be those of its company.", type=invoice_type.name)
                )

    def write(self, vals):
        """Refuse a change by which an open plan loses the type on which it rests."""
        if not {"active", "move_type", "debit_note", "journal_ids"} & set(vals):
            return super().write(vals)
        settings = self._get_settings()
        with settings._keep_invoice_types():
            result = super().write(vals)
        self._check_settings(settings)
        return result

    def unlink(self):
        settings = self._get_settings()
        with settings._keep_invoice_types():
            result = super().unlink()
        self._check_settings(settings)
        return result

    def _get_settings(self):
        """The settings of the companies that dun these types."""
        # a type in use anywhere stays, also where the user does not see the company
        return self.env["account.dunning.settings"].sudo().search([("invoice_type_ids", "in", self.ids)])

    def _check_settings(self, settings):
        """Refuse that companies are left without an invoice type to dun."""
        left = settings.filtered(lambda one: not one.invoice_type_ids.filtered("active"))
        if left:
            raise UserError(
                self.env._(
                    "%(companies)s would be left without an invoice type to dun. "
                    "Choose another one in the dunning settings first.",
                    companies=", ".join(left.company_id.mapped("name")),
                )
            )

    def _get_move_domain(self):
        """Domain on ``account.move`` of the documents that any of these types take. Hook.

        Its SQL may join to the document what it refers to, as the fields of Odoo do: by LEFT JOIN, with their aliases.
        """
        return Domain.OR(invoice_type._get_own_move_domain() for invoice_type in self)

    def _get_own_move_domain(self):
        self.ensure_one()
        domain = Domain("move_type", "=", self.move_type)
        if self.move_type == "out_invoice":
            domain &= Domain("debit_origin_id", "!=" if self.debit_note else "=", False)
        if self.journal_ids:
            domain &= Domain("journal_id", "in", self.journal_ids.ids)
        elif self.move_type == "entry":
            domain &= Domain("journal_id.type", "=", "general")
        return domain

    def _get_move_query(self):
        """The same as a query for the SQL alias ``move``, whose clauses can stand in another one."""
        # only a condition; the query it joins is restricted to its company
        moves = self.env["account.move"].sudo().with_context(active_test=False)
        query = Query(moves.env, "move", moves._table_sql)
        # only a condition; the query it joins is restricted to its company
        query.add_where(self.sudo()._get_move_domain().optimize_full(moves)._to_sql(moves, "move", query))
        return query
