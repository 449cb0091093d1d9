"""A folder of caught mails: the bytes of each in a file of its own, and one line each in an index.

The catcher alone writes; everybody may read meanwhile. A mail exists from the moment its line in the
index is complete, so a reader never meets a file that is half written.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from pathlib import Path

from django.utils import timezone

_PER_FOLDER = 1000
_LANGUAGE = re.compile(r"<html\b[^>]*\blang=[\"']?([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)", re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """What an inbox shows of a mail before it is opened."""

    number: int
    received_at: datetime
    mail_from: str
    rcpt_tos: tuple[str, ...]
    sender: str
    recipient: str
    subject: str
    language: str
    size: int

    @property
    def reader(self) -> str:
        """Whom it is for, in as few words as an inbox has room for."""
        name, address = parseaddr(self.recipient)
        return name or address or ", ".join(self.rcpt_tos)

    def holds(self, words: str) -> bool:
        """Whether each of the words stands in an address, a name or the subject."""
        text = " ".join([self.sender, self.recipient, self.subject, self.mail_from, *self.rcpt_tos]).casefold()
        return all(word in text for word in words.casefold().split())


class Mailbox:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = folder / "index.jsonl"
        self._last: int | None = None

    def keep(self, content: bytes, *, mail_from: str, rcpt_tos: list[str]) -> Entry:
        """Store one mail as it came over the wire, and its envelope."""
        number = self._next_number()
        file = self._file(number)
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".part")
        draft.write_bytes(content)
        draft.rename(file)
        entry = described(number, content, mail_from=mail_from, rcpt_tos=rcpt_tos)
        self._append(entry)
        return entry

    def entries(self) -> Iterator[Entry]:
        """Oldest first."""
        try:
            with self.index.open("rb") as lines:
                # A line without its end is still being written.
                yield from (_read(line) for line in lines if line.endswith(b"\n"))
        except FileNotFoundError:
            return

    def entry(self, number: int) -> Entry | None:
        return next((entry for entry in self.entries() if entry.number == number), None)

    def content(self, number: int) -> bytes:
        return self._file(number).read_bytes()

    def _file(self, number: int) -> Path:
        return self.folder / f"{number // _PER_FOLDER:05}" / f"{number:08}.eml"

    def _next_number(self) -> int:
        if self._last is None:
            self._last = max((entry.number for entry in self.entries()), default=0)
        self._last += 1
        return self._last

    def _append(self, entry: Entry) -> None:
        line = json.dumps({**asdict(entry), "received_at": entry.received_at.isoformat()}, ensure_ascii=False)
        # One write to a file opened for appending is never interleaved with another.
        index = os.open(self.index, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(index, line.encode() + b"\n")
        finally:
            os.close(index)


def parsed(content: bytes, *, headers_only: bool = False) -> EmailMessage:
    message = BytesParser(policy=policy.default).parsebytes(content, headersonly=headers_only)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    """The part that a reader of `html` or `plain` text sees; empty if there is none."""
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):
        # An unknown character set or a broken encoding; show what can be shown.
        payload = part.get_payload(decode=True)
        return payload.decode("latin-1") if isinstance(payload, bytes) else ""


def described(number: int, content: bytes, *, mail_from: str, rcpt_tos: list[str]) -> Entry:
    message = parsed(content, headers_only=True)
    return Entry(
        number=number,
        received_at=timezone.now(),
        mail_from=mail_from,
        rcpt_tos=tuple(rcpt_tos),
        sender=header(message, "From"),
        recipient=header(message, "To"),
        subject=header(message, "Subject"),
        language=header(message, "Content-Language") or language_of(body(parsed(content), "html")),
        size=len(content),
    )


def language_of(html: str) -> str:
    """The language that a document declares for itself."""
    found = _LANGUAGE.search(html[:4000])
    return found[1] if found else ""


def header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except Exception:
        # The standard parser raises errors of many kinds on odd headers, and a mail is kept whatever it holds.
        return ""


def _read(line: bytes) -> Entry:
    fields = json.loads(line)
    fields["received_at"] = datetime.fromisoformat(fields["received_at"])
    fields["rcpt_tos"] = tuple(fields["rcpt_tos"])
    return Entry(**fields)
