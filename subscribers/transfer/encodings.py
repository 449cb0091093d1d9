"""Guesses the encoding of a text file by how much like writing it looks. Runs in the child process.

Detectors that know whole languages need paragraphs; a list of names has a dozen letters beyond ASCII.
What tells encodings apart there is whether those letters make plausible words.
"""

from __future__ import annotations

import codecs
import unicodedata
from typing import Final

from subscribers.transfer.faults import Fault, FileRefused

# In the order in which equally good guesses are believed, with the lead bytes of the characters that
# are in daily use where two bytes make one.
CANDIDATES: Final = {
    "cp1252": None,
    "cp932": (0x81, 0x97),
    "cp1251": None,
    "cp1256": None,
    "cp1250": None,
    "gb18030": (0xA1, 0xD7),
    "big5": (0xA1, 0xC6),
    "euc_kr": (0xA1, 0xC8),
    "euc_jp": (0xA1, 0xCF),
    "koi8_r": None,
    "mac_roman": None,
    "cp850": None,
}
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # The mark of UTF-32 begins like that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE: Final = 65_536
_CONTROLS: Final = bytes(code for code in range(1, 32) if code not in b"\t\n\v\f\r\x1a\x1b")
# Dashes and quotation marks look the same in every script; what tells is where they stand.
_OPENING: Final = frozenset("‘“‚„«‹")
_CLOSING: Final = frozenset("’”»›“‘")
_QUOTES: Final = frozenset({"Pd", "Pi", "Pf", "Ps"})
_SCRIPTS: Final = {
    "LATIN": "latin",
    "CYRILLIC": "cyrillic",
    "ARABIC": "arabic",
    "HIRAGANA": "kana",
    "KATAKANA": "kana",
    "KATAKANA-HIRAGANA": "kana",
    "CJK": "east",
    "HANGUL": "hangul",
}


def by_mark(start: bytes) -> str | None:
    """What the byte order mark says, if there is one."""
    return next((name for mark, name in _MARKS if start.startswith(mark)), None)


def by_zeros(start: bytes) -> str | None:
    """Plain letters in UTF-16 are every second byte a zero."""
    if start.count(0) <= len(start) / 5:
        return None
    return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"


def refuse_binary(start: bytes) -> None:
    """Raises FileRefused for what is no text at all."""
    if by_mark(start) or by_zeros(start):
        return
    if sum(map(start.count, _CONTROLS)) > len(start) / 50:
        raise FileRefused(Fault.NOT_TEXT)


def strays(telling: list[bytes]) -> str:
    """In a file of lines in UTF-8 and a few others: the encoding of those. Blank if it is no such file."""
    others = [line for line in telling if not is_utf8(line)]
    if len(others) == len(telling):
        return ""
    guessed = next(iter(plausible(others)), "")
    # Where two bytes make a letter, some lines of another encoding are UTF-8 by chance.
    return "" if CANDIDATES.get(guessed) else guessed


def plausible(telling: list[bytes]) -> list[str]:
    """Encodings of the lines with letters beyond ASCII, the most plausible one first; plain lines tell nothing."""
    sample = b"\n".join(telling)[:SAMPLE]
    scores = {name: _likeness(sample, name) for name in CANDIDATES if _reads(sample, name)}
    return sorted(scores, key=lambda name: -scores[name])


def is_utf8(line: bytes) -> bool:
    return _reads(line, "utf-8", is_whole=True)


def _reads(raw: bytes, encoding: str, *, is_whole: bool = False) -> bool:
    """Whether it is well-formed; a sample may end within a character."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(raw, final=is_whole)
    except UnicodeDecodeError:
        return False
    return True


def _likeness(raw: bytes, encoding: str) -> float:
    """The mean plausibility of the letters beyond ASCII."""
    # The sample may end within a character.
    text = " " + raw.decode(encoding, "ignore") + " "
    found = [at for at, letter in enumerate(text) if not letter.isascii()]
    return sum(_plausibility(text[at - 1], text[at], text[at + 1], encoding) for at in found) / max(1, len(found))


def _plausibility(before: str, letter: str, after: str, encoding: str) -> float:
    if unicodedata.category(letter) in _QUOTES and len(letter.encode(encoding)) == 1:
        return _plausibility_of_quote(before, letter, after)
    script = _script(letter)
    if not script or unicodedata.decomposition(letter).startswith("<compat>"):
        return -1.0
    neighbours = {_script(before), _script(after)} - {""}
    if neighbours - {script} and not {script, *neighbours} <= {"kana", "east", "hangul"}:
        return -3.0
    if letter.isupper() and before.isalpha() and (before.islower() or after.islower()):
        return -1.5
    if script == "latin" and not before.isascii() and _script(before) == "latin":
        # Letters with accents stand between plain ones; a row of them is another script misread.
        return 0.0
    if script == "kana":
        # The Chinese sets hold kana too, but who writes them writes Japanese.
        return 1.5 if encoding in ("cp932", "euc_jp") else 0.0
    if script in ("east", "hangul"):
        return (1.2 if script == "hangul" else 1.0) if _is_in_daily_use(letter, encoding) else -0.5
    return 1.0


def _plausibility_of_quote(before: str, letter: str, after: str) -> float:
    """Before a word or behind it, or as the apostrophe within: anywhere else it is a letter misread."""
    if before.isalpha() and after.isalpha():
        return 1.0 if letter == "’" else -1.0
    opens = letter in _OPENING and not before.isalpha() and not after.isspace()
    closes = letter in _CLOSING and not after.isalpha() and not before.isspace()
    return 1.0 if opens or closes or letter in "–—" else -1.0


def _script(letter: str) -> str:
    if not letter.isalpha():
        return ""
    return _SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0], "")


def _is_in_daily_use(letter: str, encoding: str) -> bool:
    leads = CANDIDATES[encoding]
    return leads is not None and leads[0] <= letter.encode(encoding)[0] <= leads[1]
