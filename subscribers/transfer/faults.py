"""What can be wrong with a whole file, and how large one may be.

Free of Django: the guarded child process knows nothing but this package's readers.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

MEGABYTE: Final = 1024 * 1024
LARGEST_WORKBOOK: Final = 20 * MEGABYTE
LARGEST_TEXT: Final = 256 * MEGABYTE
MOST_PARTS: Final = 500
MOST_UNPACKED: Final = 400 * MEGABYTE
HIGHEST_RATIO: Final = 100
MOST_COLUMNS: Final = 200
# A cell of Excel holds 32,767 characters; nothing we keep is nearly as long.
LONGEST_CELL: Final = 4_000
# An address book has no cell of this many lines; an opening quote that is never closed soon has.
MOST_LINES_IN_A_CELL: Final = 200


class Fault(StrEnum):
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_A_WORKBOOK = "not_a_workbook"
    WEB_PAGE = "web_page"
    ENCRYPTED = "encrypted"
    OLD_WORKBOOK = "old_workbook"
    OTHER_WORKBOOK = "other_workbook"
    ARCHIVE = "archive"
    ADDRESS_CARDS = "address_cards"
    DAMAGED = "damaged"
    BOMB = "bomb"
    UNSAFE_XML = "unsafe_xml"
    NO_SHEET = "no_sheet"
    TOO_MANY_COLUMNS = "too_many_columns"
    NOT_TEXT = "not_text"
    ENCODING = "encoding"
    NO_ADDRESS_COLUMN = "no_address_column"
    UNCLOSED_QUOTE = "unclosed_quote"
    LONG_CELL = "long_cell"
    ENDLESS_LINE = "endless_line"
    TOO_MUCH_MEMORY = "too_much_memory"
    TOO_MUCH_WORK = "too_much_work"
    CRASHED = "crashed"


class FileRefused(Exception):
    """The file cannot be read at all; facts fill the placeholders of the words that say so."""

    def __init__(self, fault: Fault, **facts: str | int) -> None:
        super().__init__(fault)
        self.fault = fault
        self.facts = facts
