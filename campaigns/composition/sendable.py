"""A finished mail as Django knows mails."""

from __future__ import annotations

from collections.abc import Sequence
from email import message_from_bytes
from email.message import Message
from typing import Any

from django.core.mail import EmailAlternative, EmailMultiAlternatives
from django.utils.functional import cached_property

from .quoted import unquoted
from .wire import BEFORE_HTML, BEFORE_TEXT, END, MergedMessage, VerbatimPolicy


class CampaignMessage(EmailMultiAlternatives):
    """Any Django backend can send it. The envelope is ``from_email`` and ``to``; its own headers say the names.

    `wire` holds CRLF only and ends with one, and none of its lines begins with a dot. It stays in `pieces`, most of
    which all mails of an edition share, until somebody wants it whole.
    """

    connection = None

    def __init__(self, pieces: Sequence[bytes], *, subject: str, from_email: str, address: str) -> None:
        # Not as Django does it: what nearly nobody asks for, because the bytes are there, is made when somebody does.
        self.pieces = pieces
        self.subject = subject
        self.from_email = from_email
        self.to = [address]

    @property
    def wire(self) -> bytes:
        return b"".join(self.pieces)

    def message(self, **options: Any) -> Message:  # type: ignore[override]
        return MergedMessage(self.wire)

    @cached_property
    def body(self) -> str:  # type: ignore[override]
        return unquoted(self.wire.partition(BEFORE_TEXT)[2].partition(BEFORE_HTML)[0])

    @cached_property
    def html(self) -> str:
        return unquoted(self.wire.partition(BEFORE_HTML)[2].removesuffix(END))

    @cached_property
    def alternatives(self) -> list[EmailAlternative]:  # type: ignore[override]
        return [EmailAlternative(self.html, "text/html")]

    @cached_property
    def extra_headers(self) -> dict[str, str]:  # type: ignore[override]
        read = message_from_bytes(self.wire.partition(BEFORE_TEXT)[0] + b"\r\n", policy=VerbatimPolicy())
        return {name: value for name, value in read.items() if name != "Subject"}

    @cached_property
    def cc(self) -> list[str]:  # type: ignore[override]
        return []

    @cached_property
    def bcc(self) -> list[str]:  # type: ignore[override]
        return []

    @cached_property
    def reply_to(self) -> list[str]:  # type: ignore[override]
        return []

    @cached_property
    def attachments(self) -> list[Any]:  # type: ignore[override]
        return []
