"""The one writer of tables for spreadsheet programs (XLSX)."""

import io
from datetime import date

import xlsxwriter

MAX_WIDTH = 40


def write_sheets(sheets):
    """The bytes of an XLSX file.

    :param sheets: rows by the name of their sheet, of which 31 letters are used, or None. Rows are dicts with the same
        keys, the titles of the columns. Values are texts, dates, integers, amounts (floats), or empty. A text is never
        taken for a formula.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    bold, amount = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    for name, rows in sheets.items():
        _fill_sheet(book.add_worksheet(name and name[:31]), rows, bold, amount)
    book.close()
    return buffer.getvalue()


def _fill_sheet(sheet, rows, bold, amount):
    for column, title in enumerate(rows[0] if rows else ()):
        sheet.write_string(0, column, title, bold)
        width = max(len(str(row[title] or "")) for row in rows)
        sheet.set_column(column, column, min(max(width, len(title)) + 2, MAX_WIDTH))
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row.values()):
            _write_cell(sheet, number, column, value, amount)
    sheet.freeze_panes(1, 0)


def _write_cell(sheet, row, column, value, amount):
    if isinstance(value, date):
        sheet.write_datetime(row, column, value)
    elif isinstance(value, float):
        sheet.write_number(row, column, value, amount)
    elif value is not False and isinstance(value, int):
        sheet.write_number(row, column, value)
    elif value:
        sheet.write_string(row, column, value)
