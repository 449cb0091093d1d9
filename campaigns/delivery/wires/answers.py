"""Reads the replies of a server from the bytes that come (RFC 5321 §4.2)."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

# The RFC allows 512 octets a line; who says more than this says nothing for us.
LONGEST_LINE = 4096
MOST_LINES = 200

# How most replies begin.
LAST_LINE = {b"%d " % code: code for code in range(200, 600)}

Reply = tuple[int, bytes]


class Garbled(Exception):
    """What came is not SMTP."""


class Answers:
    """Bytes in, whole replies out: each a code and the lines of words."""

    def __init__(self) -> None:
        self._rest = b""
        self._earlier_lines: list[bytes] = []

    def read(self, data: bytes) -> Iterator[Reply]:
        """Raises Garbled after the replies that were in order."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            code = LAST_LINE.get(line[:4])
            if code is None or self._earlier_lines:
                if not self._is_last(line):
                    self._keep(line)
                    continue
                code = int(line[:3])
            yield code, self._words(line)
        if len(self._rest) > LONGEST_LINE:
            raise Garbled(_("The server's answer has no end."))

    def _is_last(self, line: bytes) -> bool:
        """Of its reply: there is no hyphen after the code."""
        if not line[:3].isdigit() or len(line) > LONGEST_LINE or line[3:4] not in MARKS:
            raise Garbled(_("The server does not speak SMTP: %(words)s") % {"words": readable(line[:80])})
        return line[3:4] != b"-"

    def _keep(self, line: bytes) -> None:
        self._earlier_lines.append(line)
        if len(self._earlier_lines) > MOST_LINES:
            raise Garbled(_("The server's answer has no end."))

    def _words(self, last: bytes) -> bytes:
        if not self._earlier_lines:
            return last[4:].rstrip()
        lines, self._earlier_lines = [*self._earlier_lines, last], []
        return b"\n".join([line[4:].rstrip() for line in lines])


MARKS = frozenset({b" ", b"-", b"\r", b""})


def readable(words: bytes) -> str:
    """On one line, and without characters that a database refuses."""
    text = words.decode("utf-8", "replace")
    return text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text).strip()


def in_words(error: Exception) -> str:
    """What staff read where no server could say anything: of the network's errors only what happened."""
    if isinstance(error, OSError) and (happened := error.strerror or str(error)):
        return happened
    return f"{type(error).__name__}: {error}"
