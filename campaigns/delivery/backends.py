"""Any other Django e-mail backend as a way out; it tells less than SMTP does, so more is uncertain."""

from __future__ import annotations

import contextlib
import smtplib
import time
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.translation import gettext as _

from campaigns.delivery.replies import Kind, Outcome, Stage, classify


class BackendConnection:
    def __init__(self, backend: str, options: dict[str, Any]) -> None:
        self.backend = get_connection(backend, **options)
        self.is_open = False

    def send(self, message: EmailMultiAlternatives) -> Outcome:
        started = time.monotonic()
        outcome = self._open() or self._send(message)
        return outcome._replace(duration_ms=int((time.monotonic() - started) * 1000))

    def close(self) -> None:
        self.is_open = False
        with contextlib.suppress(Exception):
            self.backend.close()

    def _open(self) -> Outcome | None:
        if self.is_open:
            return None
        try:
            self.backend.open()
        except Exception as error:
            return Outcome(Kind.UNAVAILABLE, answer=_words(error))
        self.is_open = True
        return None

    def _send(self, message: EmailMultiAlternatives) -> Outcome:
        try:
            accepted = self.backend.send_messages([message])
        except smtplib.SMTPRecipientsRefused as error:
            ((code, answer),) = error.recipients.values()
            return classify(Stage.RCPT, code, answer.decode("utf-8", "replace"))
        except ValueError as error:
            return Outcome(Kind.INVALID, answer=str(error))
        except ConnectionRefusedError as error:
            self.close()
            return Outcome(Kind.UNAVAILABLE, answer=_words(error))
        except Exception as error:
            # Backends do not say how far they came; a second copy would be worse than a question to staff.
            self.close()
            return Outcome(Kind.UNKNOWN, answer=_words(error))
        if accepted:
            return Outcome(Kind.ACCEPTED)
        return Outcome(Kind.UNKNOWN, answer=_("The backend does not say whether it took the message."))


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
