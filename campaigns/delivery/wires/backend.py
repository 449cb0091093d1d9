"""A Django e-mail backend over a wire: a list of messages goes out pipelined, each recipient has an outcome."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from threading import RLock
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from campaigns.composition.message import CampaignMessage
from campaigns.delivery.replies import Kind, Outcome, Stage

from .at_once import bare, deliver
from .mail import CannotSend, content_of
from .parcel import Parcel, Sealed
from .switchboard import SMTP, Switchboard

DEFAULT_TIMEOUT = 30


class Sent(NamedTuple):
    """What became of one message for one of its recipients."""

    message: EmailMessage
    recipient: str
    outcome: Outcome


class EmailBackend(BaseEmailBackend):
    """Takes the options of Django's SMTP backend and those of a wire; what is not given comes from EMAIL_*."""

    def __init__(self, fail_silently: bool = False, **options: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        given = {name: value for name, value in options.items() if value is not None}
        self.options = {**from_settings(), **given}
        # Of the last call of send_messages.
        self.outcomes: list[Sent] = []
        self._switchboard: Switchboard | None = None
        self._lock = RLock()

    def open(self) -> bool:
        """Whether this call made the connection ready; it is opened with the first message."""
        if self._switchboard:
            return False
        self._switchboard = Switchboard({"BACKEND": next(iter(SMTP)), "OPTIONS": self.options}, size=1)
        return True

    def close(self) -> None:
        switchboard, self._switchboard = self._switchboard, None
        if switchboard:
            switchboard.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many messages all their recipients have. The first failure is raised after everybody had a turn."""
        with self._lock:
            is_ours = self.open()
            try:
                self.outcomes = self._send(email_messages)
            finally:
                if is_ours:
                    self.close()
        if not self.fail_silently:
            for sent in self.outcomes:
                raise_for(sent)
        failed = {id(sent.message) for sent in self.outcomes if sent.outcome.kind != Kind.ACCEPTED}
        return sum(id(message) not in failed for message in email_messages if message.recipients())

    def _send(self, messages: Sequence[EmailMessage]) -> list[Sent]:
        assert self._switchboard
        addressed = [(message, recipient) for message in messages for recipient in dict.fromkeys(message.recipients())]
        contents = {id(message): content_or_outcome(message) for message, _recipient in addressed}
        parcels = [
            Parcel(0, bare(message.from_email), bare(recipient), content)
            for message, recipient in addressed
            if not isinstance(content := contents[id(message)], Outcome)
        ]
        outcomes = iter(deliver(self._switchboard, parcels))
        return [
            Sent(
                message, recipient, content if isinstance(content := contents[id(message)], Outcome) else next(outcomes)
            )
            for message, recipient in addressed
        ]


def from_settings() -> dict[str, Any]:
    return {
        "host": settings.EMAIL_HOST,
        "port": settings.EMAIL_PORT,
        "username": settings.EMAIL_HOST_USER,
        "password": settings.EMAIL_HOST_PASSWORD,
        "use_tls": settings.EMAIL_USE_TLS,
        "use_ssl": settings.EMAIL_USE_SSL,
        "timeout": settings.EMAIL_TIMEOUT or DEFAULT_TIMEOUT,
        "ssl_keyfile": settings.EMAIL_SSL_KEYFILE,
        "ssl_certfile": settings.EMAIL_SSL_CERTFILE,
    }


def content_or_outcome(message: EmailMessage) -> EmailMessage | Sealed | Outcome:
    """The same bytes for all recipients, or why there are none."""
    if isinstance(message, CampaignMessage):
        return message
    try:
        return Sealed(content_of(message))
    except CannotSend as error:
        return error.outcome


def raise_for(sent: Sent) -> None:
    """As smtplib would say it."""
    outcome = sent.outcome
    code, words = outcome.code or 0, outcome.answer.encode()
    match outcome.kind, outcome.stage:
        case Kind.ACCEPTED, _:
            return
        case Kind.INVALID, _:
            raise ValueError(outcome.answer)
        case _, Stage.CONNECT:
            raise smtplib.SMTPConnectError(code, words)
        case _, Stage.LOGIN:
            raise smtplib.SMTPAuthenticationError(code, words)
        case _, Stage.MAIL:
            raise smtplib.SMTPSenderRefused(code, words, sent.message.from_email)
        case _, Stage.RCPT:
            raise smtplib.SMTPRecipientsRefused({sent.recipient: (code, words)})
        case _, Stage.DATA | Stage.END:
            raise smtplib.SMTPDataError(code, words)
    # No server answered, or the mail is too large for it.
    raise smtplib.SMTPServerDisconnected(outcome.answer)
