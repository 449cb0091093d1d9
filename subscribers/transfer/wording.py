"""What to tell staff about a file that cannot be read."""

from __future__ import annotations

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
    Fault.TOO_MUCH_MEMORY: gettext_lazy("Reading this file needs more memory than allowed. Divide it into parts."),
    Fault.TOO_MUCH_WORK: gettext_lazy("Reading this file takes longer than allowed. Divide it into parts."),
    Fault.CRASHED: gettext_lazy("This file could not be read. Open it in a spreadsheet program and save it again."),
}


def explain(refusal: FileRefused) -> str:
    return str(_WORDS[refusal.fault]) % refusal.facts


def no_rows() -> str:
    return _("There is no row below the headings.")
