"""Text that a spreadsheet program could take for a formula, made harmless and read back."""

from __future__ import annotations

import re
from typing import Final

from subscribers.transfer.faults import LONGEST_CELL
from subscribers.transfer.pipe import UNCARRIED

# The full-width forms count too: some programs normalise them before they look.
_BEGINS_FORMULA = "[=+\\-@\t\n\r\uff1d\uff0b\uff0d\uff20]"
# Text that had apostrophes of its own has one more.
NEUTRALISED: Final = f"'(?='*{_BEGINS_FORMULA})"
_FORMULA = re.compile(f"'*{_BEGINS_FORMULA}")
_NEUTRALISED = re.compile(NEUTRALISED)
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# What only looks like such a character.
_LIKE_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
LONGEST_IN_WORKBOOK: Final = 32_767
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})


def neutral(text: str) -> str:
    """A cell that no program runs, also after the workbook was saved as .csv."""
    text = _NOT_IN_XML.sub("", text)
    return f"'{text}" if _FORMULA.match(text) else text


def in_workbook(text: str) -> str:
    """The same as a cell of a workbook holds it: `tidy` undoes it."""
    return _LIKE_ESCAPED.sub("_x005F_", neutral(text)[:LONGEST_IN_WORKBOOK])


def original(text: str) -> str:
    """What ``neutral`` was given."""
    return text[1:] if _NEUTRALISED.match(text) else text


def tidy(text: str) -> str:
    """The text of a cell of a workbook as we keep it: what its author sees, and not what a formula failed with."""
    if "_x" in text:
        text = _ESCAPED.sub(_unescaped, text)
    text = text.strip()
    if len(text) > LONGEST_CELL:
        text = text[:LONGEST_CELL].rstrip()
    if text[:1] == "#" and text in _ERRORS:
        return ""
    return original(text)


def _unescaped(match: re.Match[str]) -> str:
    """OOXML writes characters that XML cannot hold as _x000D_; half of a surrogate pair stays out."""
    code = int(match[1], 16)
    return "" if 0xD800 <= code <= 0xDFFF or code in UNCARRIED else chr(code)
