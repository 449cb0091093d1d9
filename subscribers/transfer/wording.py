"""What to tell staff about a file that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscribers.transfer.faults import Fault, FileRefused

_WORDS = {
    Fault.EMPTY: gettext_lazy("This file is empty."),
    Fault.TOO_LARGE: gettext_lazy("This file is larger than %(megabytes)s MB. Divide it and import the parts."),
    Fault.NOT_A_WORKBOOK: gettext_lazy(
        "This is not an Excel workbook, whatever its name says. Open it in a spreadsheet program and save it as .xlsx."
    ),
    Fault.WEB_PAGE: gettext_lazy(
        "This is a web page with the name of a spreadsheet. Open it in a spreadsheet program and save it as .xlsx."
    ),
    Fault.ENCRYPTED: gettext_lazy("This workbook is protected by a password. Remove the password and upload it again."),
    Fault.OLD_WORKBOOK: gettext_lazy(
        "This is a workbook of the old kind (.xls). Open it in a spreadsheet program and save it as .xlsx."
    ),
    Fault.OTHER_WORKBOOK: gettext_lazy(
        "This is a workbook of another kind than .xlsx. Open it in a spreadsheet program and save it as .xlsx."
    ),
    Fault.ARCHIVE: gettext_lazy("This is an archive (.zip). Unpack it and upload the file with the addresses."),
    Fault.ADDRESS_CARDS: gettext_lazy(
        "This is a file of address cards (.vcf). Export the contacts as .csv and upload that file."
    ),
    Fault.DAMAGED: gettext_lazy("This workbook is damaged. Open it in a spreadsheet program and save it again."),
    Fault.BOMB: gettext_lazy("This workbook unpacks to far more than its size. It was not opened."),
    Fault.UNSAFE_XML: gettext_lazy("This workbook holds instructions that no spreadsheet needs. It was not opened."),
    Fault.NO_SHEET: gettext_lazy("This workbook has no visible sheet with cells."),
    Fault.TOO_MANY_COLUMNS: gettext_lazy(
        "A row has more than %(most)s columns. Delete the columns that are not needed."
    ),
    Fault.NOT_TEXT: gettext_lazy("This is neither a workbook (.xlsx) nor a text file (.csv)."),
    Fault.ENCODING: gettext_lazy("The file cannot be read in the encoding %(encoding)s. Choose another one."),
    Fault.NO_ADDRESS_COLUMN: gettext_lazy("No column holds addresses. Say which one does."),
    Fault.UNCLOSED_QUOTE: gettext_lazy(
        "A quotation mark that opens in row %(row)s is never closed, so the rows after it cannot be told apart."
    ),
    Fault.LONG_CELL: gettext_lazy("A cell in row %(row)s is far too long for a detail of a person. Shorten it."),
    Fault.ENDLESS_LINE: gettext_lazy(
        "The file has a line of more than %(megabytes)s MB, so its rows cannot be told apart."
        " Export it again with one person a line."
    ),
    Fault.TOO_MUCH_MEMORY: gettext_lazy("Reading this file needs more memory than allowed. Divide it into parts."),
    Fault.TOO_MUCH_WORK: gettext_lazy("Reading this file takes longer than allowed. Divide it into parts."),
    Fault.CRASHED: gettext_lazy("This file could not be read. Open it in a spreadsheet program and save it again."),
}


def explain(refusal: FileRefused) -> str:
    return str(_WORDS[refusal.fault]) % refusal.facts


_NOTES = {
    "strays": gettext_lazy("Most rows are written in UTF-8; the letters of the others were read as %(strays)s."),
    "hidden_rows": gettext_lazy("Hidden rows are left out: %(hidden_rows)s."),
    "hidden_columns": gettext_lazy("Hidden columns are left out: %(hidden_columns)s."),
    "uncalculated": gettext_lazy(
        "Formulas without a stored result are read as blank cells."
        " Open the workbook in a spreadsheet program and save it, so that it stores them."
    ),
}


def notes(dialect: Mapping[str, Any]) -> list[str]:
    """What staff should know about how the file was read."""
    found = dialect.get("notes", {})
    return [str(words) % found for name, words in _NOTES.items() if name in found]


def no_rows() -> str:
    return _("There is no row below the headings.")
