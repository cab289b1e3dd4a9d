import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ...models.base.names import MANAGERS
from ...tools.bulk import bulk_insert, bulk_update
from ...tools.sheet import write_sheets
from ...tools.tables import TableError, read_table
from .account_dunning_import_check import LineCheck

MAX_LINES = 50000


class AccountDunningImport(models.TransientModel):
    """Enters the levels that invoices reached in another system, from a file, without sending anything.

    First the file is checked and each line is listed with what is wrong with it; then the right lines
    are imported, all in one transaction.
    """

    _name = "account.dunning.import"
    _description = "Import Levels Reached"
    _inherit = ["account.dunning.dialog"]
    _transient_max_hours = 24  # the file may have to be corrected

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company.root_id
    )
    file = fields.Binary(attachment=False, help="CSV or XLSX, with the columns Invoice, Due Date, Level and Date.")
    filename = fields.Char()
    template = fields.Binary(compute="_compute_template")
    checked = fields.Boolean(readonly=True)
    line_ids = fields.One2many("account.dunning.import.line", "import_id", readonly=True)
    right_count = fields.Integer(compute="_compute_counts")
    wrong_count = fields.Integer(compute="_compute_counts")
    leave_out = fields.Boolean(string="Leave Out the Wrong Lines")

    @api.depends("checked")
    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = self.env._("Import Levels Reached")

    @api.depends("line_ids.error")
    def _compute_counts(self):
        lines = self.env["account.dunning.import.line"]
        counts = {
            (wizard.id, wrong): count
            for wizard, wrong, count in lines._read_group(
                [("import_id", "in", self.ids)], ["import_id", "wrong"], ["__count"]
            )
        }
        for wizard in self:
            wizard.right_count = counts.get((wizard.id, False), 0)
            wizard.wrong_count = counts.get((wizard.id, True), 0)

    def _compute_template(self):
        """An empty table to fill in, and beside it the levels that can be named in it."""
        columns = self._get_columns()
        for wizard in self:
            types = self.env["account.dunning.type"].search([("company_id", "=", wizard.company_id.id)])
            levels = types.level_ids.filtered(lambda level: not level.reminder)
            name, days = self.env._("Level"), self.env._("Days After Due")
            rows = [{name: f"{level.type_id.name} / {level.name}", days: level.days} for level in levels]
            sheets = {
                self.env._("Levels Reached"): [{headings[0]: None for headings in columns.values()}],
                self.env._("Levels"): rows or [{name: None, days: None}],
            }
            wizard.template = base64.b64encode(write_sheets(sheets))

    @api.model
    def _get_columns(self):
        """The columns of the file: the names that stand for each, the proposed one first; required ones first. Hook."""
        return {
            "invoice": [self.env._("Invoice"), "Invoice", "Invoice Number", "Number"],
            "level": [self.env._("Level"), "Level", "Level Reached", "Dunning Level"],
            "date": [self.env._("Date"), "Date", "Last Notice", "Notice Date"],
            "due": [self.env._("Due Date"), "Due Date", "Due"],
        }

    # buttons

    def action_template(self):
        """Download the table to fill in."""
        self.ensure_one()
        self.check_access("read")
        name = self.env._("levels-reached.xlsx")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/template/{name}?download=true",
            "target": "download",
        }

    def action_check(self):
        """Read the file and list its lines, with what is wrong; nothing else is written."""
        self.ensure_one()
        self._check_user()
        self.line_ids.unlink()
        lines = self._read_lines()
        check = LineCheck(self.company_id, lines)
        bulk_insert(self.line_ids, [{**line, **check.results[line["number"]]} for line in lines])
        self.sudo().checked = True  # a field that the work alone writes
        return self._show(self.env._("Import Levels Reached"), dialog_size="extra-large")

    def action_back(self):
        """Choose another file."""
        self.ensure_one()
        self.line_ids.unlink()
        # fields that the work alone writes; the dialog is the user's own
        self.sudo().write({"checked": False, "file": False, "filename": False, "leave_out": False})
        return self._show(self.env._("Import Levels Reached"), dialog_size="extra-large")

    def action_import(self):
        """Enter the levels of the right lines. They are checked once more, since what is owed may have changed."""
        self.ensure_one()
        self._check_user()
        names = ("number", "invoice", "due", "level", "date_text")
        check = LineCheck(self.company_id, self.line_ids.sorted("number").read(names, load=None))
        wrong = [(number, result["error"]) for number, result in check.results.items() if result["wrong"]]
        if wrong and not self.leave_out:
            raise UserError(
                self.env._(
                    "%(count)s lines are wrong, the first of them is line %(number)s: %(error)s Put the file right "
                    "and read it again, or leave out the wrong lines.",
                    count=len(wrong),
                    number=wrong[0][0],
                    error=wrong[0][1],
                )
            )
        if not check.right:
            raise UserError(self.env._("There is no line to import."))
        plans = self._import(check)
        self.line_ids.unlink()
        self.sudo().write({"checked": False, "file": False})  # see action_back
        action = self.env["ir.actions.act_window"]._for_xml_id("account_dunning.account_collection_plan_action")
        return {
            **action,
            "name": self.env._("Imported Levels"),
            "domain": [("id", "in", plans.ids)],
            "context": {},
            "target": "main",
        }

    def _check_user(self):
        self._check_role(MANAGERS, self.env._("Only dunning managers may import levels."))
        if self.company_id not in self.env.user.company_ids.root_id:
            raise AccessError(self.env._("You may not work in the company %(company)s.", company=self.company_id.name))

    # reading

    def _read_lines(self):
        """The lines of the file as values of its lines, without what is found out about them.

        :raises UserError: where the file as a whole cannot be used
        """
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        try:
            rows = read_table(base64.b64decode(self.file))
        except TableError as error:
            raise UserError(self._get_file_message(error)) from error
        columns = self._find_columns(rows[0][1] if rows else [])
        if not rows[1:]:
            raise UserError(self.env._("The file has no line below its headings."))
        if len(rows) - 1 > MAX_LINES:
            raise UserError(self.env._("The file has more than %(count)s lines. Split it.", count=MAX_LINES))
        lines = []
        for number, cells in rows[1:]:
            values = {key: cells[index] if index < len(cells) else "" for key, index in columns.items()}
            lines.append(
                {
                    "import_id": self.id,
                    "number": number,
                    "invoice": values["invoice"],
                    "due": values.get("due", ""),
                    "level": values["level"],
                    "date_text": values["date"],
                }
            )
        return lines

    def _get_file_message(self, error):
        messages = {
            "old": self.env._("This is an old Excel file. Save it as XLSX or CSV, and choose it again."),
            "large": self.env._(
                "The file is too large, or has cells far outside of the table. Delete what does not belong to it, or "
                "split it, and choose it again."
            ),
            "damaged": self.env._("The file is damaged, or is no table. Save it as XLSX or CSV, and choose it again."),
        }
        return messages[error.args[0]]

    def _find_columns(self, headings):
        """The position of each column by its key; a missing one is refused, unknown ones are passed over."""
        positions = {}
        for index, heading in reversed(list(enumerate(headings))):
            positions[heading.casefold()] = index
        result = {}
        for key, names in self._get_columns().items():
            found = [positions[name.casefold()] for name in names if name.casefold() in positions]
            if found:
                result[key] = found[0]
            elif key != "due":
                raise UserError(
                    self.env._(
                        "The file has no column “%(column)s”. Its first line must name the columns Invoice, Level and "
                        "Date, and for invoices with several instalments Due Date; the order does not matter.",
                        column=names[0],
                    )
                )
        return result

    # writing the levels

    def _import(self, check):
        """Write the levels of the right lines and open the plans; returns the plans (sudo)."""
        # levels are written by their work only; the rights are checked above
        items = self.env["account.dunning.item"].sudo()
        right = {result["move_line_id"]: result for result in check.right}
        # levels are written by their work only; the rights are checked above
        lines = self.env["account.move.line"].sudo().browse(right)
        plans = self._open_plans(check, lines, right)
        known = items.search([("move_line_id", "in", lines.ids)])
        vals = {line.id: self._prepare_item_vals(line, right[line.id], plans) for line in lines}
        bulk_update(items, {item.id: vals.pop(item.move_line_id.id) for item in known})
        bulk_insert(items, list(vals.values()))
        # plans are opened by their work only
        plans = self.env["account.collection.plan"].sudo().concat(*plans.values())
        plans._settle(withdraw=True)
        return plans

    def _prepare_item_vals(self, line, result, plans):
        """Values of the dunning state of the receivable ``line``. Hook."""
        # found by name within the company
        level = self.env["account.dunning.level"].sudo().browse(result["level_id"])
        plan = plans.get(self._get_key(line))
        return {
            "company_id": self.company_id.id,
            "move_line_id": line.id,
            "move_id": line.move_id.id,
            "partner_id": line.partner_id.id,
            "plan_id": plan.id if plan else False,
            "level_id": level.id,
            "last_notice_date": result["date"],
            "deadline_days": result.get("deadline_days", level._get_printed_days()),
            "times": 1,
        }

    def _get_key(self, line):
        """What the plan of the receivable ``line`` is about, by the dunning mode."""
        return self.env["account.collection.plan"]._get_key(self.company_id, line.move_id, line, line.partner_id)

    def _open_plans(self, check, lines, right):
        """The open plans of the receivable ``lines`` by their keys; those that are missing are opened.

        A customer who is not in debt as a whole gets none in customer-based dunning.
        """
        # plans are opened by their work only
        model = self.env["account.collection.plan"].sudo()
        groups = lines.grouped(self._get_key)
        plans = model._find_open(self.company_id, lines.partner_id.ids)
        plans = {key: plan for key, plan in plans.items() if key in groups}
        notes = {key: self._get_note(group, right) for key, group in groups.items()}
        joined = model.concat(*plans.values())
        joined._note([notes[key] for key in plans])
        # found by name within the company
        types = self.env["account.dunning.type"].sudo()
        by_invoice = self.company_id._get_dunning_settings().mode == "invoice"
        vals_list, keys = [], []
        for key, group in groups.items():
            line = min(group, key=lambda item: (item.dunning_due_date, item.id))
            if key not in plans and (by_invoice or check.in_debt(line.partner_id.id)):
                dunning_type = types.browse(right[line.id]["type_id"])
                vals_list.append(model._prepare_plan_vals(model._get_opening(self.company_id, dunning_type, line)))
                keys.append(key)
        opened = model._open_plans(vals_list, [notes[key] for key in keys])
        return plans | dict(zip(keys, opened, strict=True))

    def _get_note(self, lines, right):
        """What the chatter of the plan says about its receivable ``lines``."""
        steps = {(right[line.id]["level_id"], right[line.id]["date"]): None for line in lines}
        # found by name within the company
        levels = self.env["account.dunning.level"].sudo()
        reached = ", ".join(
            self.env._("“%(level)s” on %(date)s", level=levels.browse(level_id).name, date=format_date(self.env, day))
            for level_id, day in steps
        )
        return self.env._(
            "Level reached in the old system, imported by %(user)s: %(levels)s.",
            user=self.env.user.name,
            levels=reached,
        )


class AccountDunningImportLine(models.TransientModel):
    """One line of the file: what it says, what it means, and what is wrong with it."""

    _name = "account.dunning.import.line"
    _description = "Line of an Import of Levels Reached"
    _inherit = ["account.dunning.guard"]
    _order = "wrong desc, number"
    _transient_max_hours = 24

    import_id = fields.Many2one("account.dunning.import", required=True, index=True, ondelete="cascade")
    number = fields.Integer(string="Line", aggregator=None)
    invoice = fields.Char()
    due = fields.Char(string="Due Date")
    level = fields.Char()
    date_text = fields.Char(string="Date")
    move_line_id = fields.Many2one("account.move.line", string="Item", ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade")
    type_id = fields.Many2one("account.dunning.type", string="Dunning Type", ondelete="cascade")
    level_id = fields.Many2one("account.dunning.level", string="Level Reached", ondelete="cascade")
    date = fields.Date(string="Last Notice")
    error = fields.Char(string="What Is Wrong")
    wrong = fields.Boolean()
