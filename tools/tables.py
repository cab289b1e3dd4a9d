"""Read tables that people hand in as CSV or XLSX. No Odoo here."""

import codecs
import csv
import io
import time
import zipfile
from datetime import date, datetime

import openpyxl

DELIMITERS = ",;\t"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"

# What is read at most: bytes of a file, and of all that an XLSX file unpacks to; its parts; rows, empty ones too;
# columns (what stands further right is not looked at). A few bytes can claim to be more than a server has room for.
MAX_BYTES = 20 * 2**20
MAX_PARTS = 500
MAX_ROWS = 100_000
MAX_COLUMNS = 50


class TableError(Exception):
    """The table cannot be read; the argument is ``old`` (an XLS file), ``large`` or ``damaged``."""


def read_table(content):
    """The rows of a CSV or XLSX file (bytes) that are not empty, as pairs of their number in the file and their texts.

    CSV: comma, semicolon or tab; UTF-8, UTF-16 with its mark, or else what Western Windows writes. XLSX: the first
    sheet. Days become ISO texts, whole numbers have no decimals. What is too large is refused before it is unpacked.
    """
    if len(content) > MAX_BYTES:
        raise TableError("large")
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
            rows.append((begin, [cell.strip() for cell in cells[:MAX_COLUMNS]]))
            begin = reader.line_num + 1
            _check_row(begin)
    except csv.Error as error:
        raise TableError("damaged") from error
    return rows


def _read_xlsx(content):
    rows, width = [], None
    try:
        _check_parts(zipfile.ZipFile(io.BytesIO(content)))
        sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        sheet.reset_dimensions()  # what the file says of them need not be so
        for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), 1):
            _check_row(number)
            if any(cell is not None for cell in cells):
                width = width or max(column for column, cell in enumerate(cells, 1) if cell is not None)
                rows.append((number, [_to_text(cell) for cell in cells[:width]]))
    except TableError:
        raise
    except Exception as error:  # openpyxl lets through whatever the damage leads to
        raise TableError("damaged") from error
    return rows


def _check_parts(archive):
    """Refuse what would unpack to too much. A part that is longer than the archive says is damaged for Python."""
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_BYTES:
        raise TableError("large")


def _check_row(number):
    if number > MAX_ROWS:
        raise TableError("large")


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
