"""Text that a spreadsheet program could take for a formula, made harmless and read back."""

from __future__ import annotations

import re

# The full-width forms count too: some programs normalise them before they look.
_FORMULA = re.compile("[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_NEUTRALISED = re.compile("'(?=[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20])")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def neutral(text: str) -> str:
    """A cell that no program runs, also after the workbook was saved as .csv."""
    text = _NOT_IN_XML.sub("", text)
    return f"'{text}" if _FORMULA.match(text) else text


def original(text: str) -> str:
    """What ``neutral`` was given."""
    return text[1:] if _NEUTRALISED.match(text) else text
