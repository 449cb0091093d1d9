"""Header values as they stand on the wire: pure ASCII, each from one text that can never become two headers."""

from __future__ import annotations

import re
from binascii import b2a_base64

from django.utils.translation import gettext as _

LINE = 76
# RFC 2047 allows 75 characters, but "Subject: " stands before the first and the whole line may have 76: these bytes
# become 64. None may end within a character.
LONGEST_WORD = 39
ENCODED_WORD = re.compile(rb".{1,%d}(?![\x80-\xbf])" % LONGEST_WORD, re.DOTALL)
ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# Plain words that look like an encoded word would be decoded by the reader's program; too long ones cannot be folded.
UNSAFE = re.compile(r"=\?|[^ ]{57}")
BLANKS = re.compile(" +")


def words(text: str) -> str:
    """An unstructured value such as a subject (RFC 5322 §3.6.5, RFC 2047)."""
    text = cleaned(text)
    return encoded(text) if needs_encoding(text) else text


def mailbox(name: str, address: str) -> str:
    """``Name <address>``, the name quoted or encoded as it must be. ValueError if the address is none."""
    address = bare(address)
    name = phrase(name)
    return f"{name} <{address}>" if name else address


def phrase(name: str) -> str:
    """A display name or the words before a List-Id."""
    name = cleaned(name)
    if needs_encoding(name):
        return encoded(name)
    if not name or ATOMS.fullmatch(name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def bare(address: str) -> str:
    """The address itself if it is one that any server takes: ASCII, with a domain."""
    if not ADDRESS.fullmatch(address):
        raise ValueError(_("“%(address)s” is not an address that can be mailed.") % {"address": address})
    return address


def cleaned(text: str) -> str:
    # Most texts are, and asking costs less than cleaning.
    is_clean = text.isprintable() and "  " not in text
    return text.strip() if is_clean else BLANKS.sub(" ", CONTROLS.sub(" ", text)).strip()


def needs_encoding(text: str) -> bool:
    return not text.isascii() or bool(UNSAFE.search(text))


def encoded(text: str) -> str:
    octets = text.encode()
    words = [octets] if len(octets) <= LONGEST_WORD else ENCODED_WORD.findall(octets)
    return " ".join([f"=?utf-8?b?{b2a_base64(word, newline=False).decode()}?=" for word in words])


def folded(name: str, value: str, linesep: str) -> str:
    """The header as lines of at most 76 characters where it has spaces to break at."""
    if len(name) + 2 + len(value) <= LINE:
        return f"{name}: {value}{linesep}"
    lines = [f"{name}:"]
    for word in value.split(" "):
        if len(lines[-1]) + 1 + len(word) > LINE and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {word}"
    return linesep.join(lines) + linesep
