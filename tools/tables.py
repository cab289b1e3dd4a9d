"""Read tables that people hand in as CSV or XLSX, and write XLSX. No Odoo here."""

import codecs
import csv
import io
import time
from datetime import date, datetime

import openpyxl

DELIMITERS = ",;\t"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


class TableError(Exception):
    """The table cannot be read; the argument is ``old`` (an XLS file) or ``damaged``."""


def read_table(content):
    """The rows of a CSV or XLSX file (bytes) that are not empty: a list of (number, texts), numbers as a person counts.

    CSV: comma, semicolon or tab; UTF-8, UTF-16 with its mark, or else what Western Windows writes. XLSX: the first
    sheet. Days become ISO texts, whole numbers have no decimals.
    """
    if content.startswith(OLD_EXCEL):
        raise TableError("old")
    rows = _read_xlsx(content) if content.startswith(b"PK") else _read_csv(_decode(content))
    return [(number, cells) for number, cells in rows if any(cells)]


def _decode(content):
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise TableError("damaged")
    if "\0" in text:
        raise TableError("damaged")
    return text


def _read_csv(text):
    heading = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows, begin = [], 1
    try:
        for cells in reader:
            rows.append((begin, [cell.strip() for cell in cells]))
            begin = reader.line_num + 1
    except csv.Error as error:
        raise TableError("damaged") from error
    return rows


def _read_xlsx(content):
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(values_only=True)
        return [(number, [_to_text(cell) for cell in cells]) for number, cells in enumerate(rows, 1)]
    except Exception as error:  # openpyxl lets through whatever the damage leads to
        raise TableError("damaged") from error


def _to_text(cell):
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def parse_date(text, date_format):
    """The day that ``text`` names, in ISO format or in ``date_format`` (of strptime); None where it names none."""
    for pattern in ("%Y-%m-%d", date_format.replace("%-", "%")):
        try:
            return date(*time.strptime(text, pattern)[:3])
        except ValueError:
            continue
    return None


def make_xlsx(sheets):
    """An XLSX file (bytes) from ``sheets``: rows by title, the first row of each in bold."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title[:31])
        for row in rows:
            sheet.append(row)
        for cell in sheet[1]:
            cell.font = openpyxl.styles.Font(bold=True)
            sheet.column_dimensions[cell.column_letter].width = 28
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
