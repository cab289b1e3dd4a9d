"""Tables as files of a spreadsheet program."""

import io
from datetime import date

import xlsxwriter

MAX_WIDTH = 40


def write_sheet(rows):
    """The bytes of an XLSX file with one sheet; ``rows``: see :func:`write_sheets`."""
    return write_sheets({None: rows})


def write_sheets(sheets):
    """The bytes of an XLSX file.

    :param sheets: rows by the name of their sheet (at most 31 letters). Rows are dicts with the same keys, the titles
        of the columns. Values are texts, dates, integers, amounts (floats), or empty. A text is never taken for a
        formula.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    bold, amount = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    for name, rows in sheets.items():
        _fill_sheet(book.add_worksheet(name), rows, bold, amount)
    book.close()
    return buffer.getvalue()


def make_xlsx(sheets):
    """The bytes of an XLSX file from ``sheets``: plain rows of cells by title, the first row of each in bold.

    Cells are as in :func:`write_sheets`: a text is never taken for a formula.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    bold, plain = book.add_format({"bold": True}), book.add_format()
    for title, rows in sheets.items():
        sheet = book.add_worksheet(title[:31])
        for number, cells in enumerate(rows):
            for column, value in enumerate(cells):
                _write_cell(sheet, number, column, value, plain)
        sheet.set_row(0, None, bold)
        sheet.set_column(0, max(map(len, rows), default=1) - 1, 28)
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
