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
}
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE: Final = 65_536
_CONTROLS: Final = bytes(code for code in range(1, 32) if code not in b"\t\n\v\f\r\x1a\x1b")
# Dashes and quotation marks look the same in every script.
_QUOTES: Final = frozenset({"Pd", "Pi", "Pf"})
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


def detect(raw: bytes) -> str:
    """Raises FileRefused for what is no text at all."""
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return name
    sample = raw[:_SAMPLE]
    if sample.count(0) > len(sample) / 5:
        return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
    if sum(map(sample.count, _CONTROLS)) > len(sample) / 50:
        raise FileRefused(Fault.NOT_TEXT)
    return "utf-8" if decodes(raw, "utf-8") else _guess(raw)


def decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _guess(raw: bytes) -> str:
    # Plain lines tell nothing and drown the few that do.
    telling = b"\n".join(line for line in raw.splitlines() if not line.isascii())[:_SAMPLE]
    scores = {name: _likeness(telling, name) for name in CANDIDATES if decodes(raw, name)}
    return max(scores, key=lambda name: scores[name], default="utf-8")


def _likeness(raw: bytes, encoding: str) -> float:
    """The mean plausibility of the letters beyond ASCII."""
    # The sample may end within a character.
    text = " " + raw.decode(encoding, "ignore") + " "
    found = [
        at for at, letter in enumerate(text) if not letter.isascii() and unicodedata.category(letter) not in _QUOTES
    ]
    return sum(_plausibility(text[at - 1], text[at], text[at + 1], encoding) for at in found) / max(1, len(found))


def _plausibility(before: str, letter: str, after: str, encoding: str) -> float:
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


def _script(letter: str) -> str:
    if not letter.isalpha():
        return ""
    return _SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0], "")


def _is_in_daily_use(letter: str, encoding: str) -> bool:
    leads = CANDIDATES[encoding]
    return leads is not None and leads[0] <= letter.encode(encoding)[0] <= leads[1]
