"""Opens a transport by the mailer it names."""

from __future__ import annotations

from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from campaigns.delivery.backends import BackendConnection
from campaigns.delivery.replies import Kind, Outcome
from campaigns.delivery.smtp import SmtpConnection
from campaigns.models import Transport

SMTP = "django.core.mail.backends.smtp.EmailBackend"
# After a server was not available, before it is asked again.
REST_SECONDS = 30


class Connection(Protocol):
    def send(self, message: EmailMultiAlternatives) -> Outcome: ...

    def close(self) -> None: ...


class NoMailer:
    """The MAILERS setting lost the alias that a transport names."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def send(self, message: EmailMultiAlternatives) -> Outcome:
        words = _("The MAILERS setting does not have “%(alias)s”.") % {"alias": self.alias}
        return Outcome(Kind.UNAVAILABLE, answer=words)

    def close(self) -> None:
        pass


def connect(transport: Transport) -> Connection:
    """Nothing is opened before the first message."""
    mailer = settings.MAILERS.get(transport.alias)
    if mailer is None:
        return NoMailer(transport.alias)
    if mailer["BACKEND"] == SMTP:
        return SmtpConnection(mailer["OPTIONS"])
    return BackendConnection(mailer["BACKEND"], mailer["OPTIONS"])
