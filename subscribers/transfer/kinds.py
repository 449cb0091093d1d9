"""What kind of file it is, by its first bytes; its name only decides which mistake to explain."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from subscribers.transfer import faults
from subscribers.transfer.faults import Fault, FileRefused

WORKBOOK: Final = "workbook"
TEXT: Final = "text"

_START: Final = 4096
_ZIP: Final = b"PK\x03\x04"
_COMPOUND_FILE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_WEB_PAGE: Final = re.compile(rb"\s*<(!doctype html|html|head|body|table|meta)\b", re.IGNORECASE)
# Excel of twenty years ago wrote a workbook as one XML document.
_XML_WORKBOOK: Final = re.compile(rb"\s*<\?xml\b.*urn:schemas-microsoft-com:office:spreadsheet", re.DOTALL)
_OTHERS: Final = (b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")


def kind(path: Path, name: str) -> str:
    """Raises FileRefused."""
    with path.open("rb") as file:
        start = file.read(_START)
    if not start.strip() and len(start) < _START:
        raise FileRefused(Fault.EMPTY)
    if start.startswith(_ZIP):
        return WORKBOOK
    if start.startswith(_COMPOUND_FILE):
        raise FileRefused(_compound_fault(path))
    text = start.removeprefix(b"\xef\xbb\xbf")
    if _WEB_PAGE.match(text):
        raise FileRefused(Fault.WEB_PAGE)
    if _XML_WORKBOOK.match(text):
        raise FileRefused(Fault.OTHER_WORKBOOK)
    if text.lstrip().upper().startswith(b"BEGIN:VCARD"):
        raise FileRefused(Fault.ADDRESS_CARDS)
    if name.lower().endswith((".xlsx", ".xlsm")):
        raise FileRefused(Fault.NOT_A_WORKBOOK)
    if start.startswith(_OTHERS):
        raise FileRefused(Fault.NOT_TEXT)
    return TEXT


def _compound_fault(path: Path) -> Fault:
    if path.stat().st_size > faults.LARGEST_WORKBOOK:
        return Fault.OLD_WORKBOOK
    return Fault.ENCRYPTED if _ENCRYPTED in path.read_bytes() else Fault.OLD_WORKBOOK
