"""Make ZIP files of many documents without holding them in memory all at once. No Odoo here."""

import csv
import io
import zipfile
from tempfile import SpooledTemporaryFile

IN_MEMORY = 16 * 2**20  # bytes; what is larger goes to the disk


def make_zip(documents, get_table):
    """The content of a ZIP file.

    :param documents: iterator of names and contents (bytes); each is let go before the next is asked for
    :param get_table: called when all documents are in; gives a name and content for the last file
    """
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in documents:
                archive.writestr(name, content)
            archive.writestr(*get_table())
        file.seek(0)
        return file.read()


def write_csv(rows):
    """Rows (lists of texts) as CSV with semicolons, in UTF-8 with its mark, so that spreadsheets read it right."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=";").writerows(rows)
    return file.getvalue().encode("utf-8-sig")
