"""Any other Django e-mail backend as a wire; it tells less than SMTP does, so more is uncertain."""

from __future__ import annotations

import contextlib
import copy
import smtplib
import time
from collections.abc import Mapping, Sequence
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.delivery.replies import Kind, Outcome, Stage, classify

from .answers import in_words
from .dialogue import OURS_TO_SOLVE
from .exchange import Exchange
from .parcel import Parcel, Sealed, Tried

CLOSING_SECONDS = 0.5
Window = tuple[Sequence[Parcel], float]


class BackendWire:
    """Its thread sends one message at a time."""

    def __init__(self, mailer: Mapping[str, Any], exchange: Exchange) -> None:
        self.is_idle = True
        self.has_news = False
        self._exchange = exchange
        self._way = BackendWay(mailer)
        self._windows: SimpleQueue[Window | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._tried: list[Tried] = []
        self._is_leaving = False

    def begin(self, window: Sequence[Parcel], until: float) -> None:
        self.is_idle = False
        if self._thread is None:
            self._thread = Thread(target=self._work, daemon=True)
            self._thread.start()
        self._windows.put((window, until))

    def outcomes(self) -> list[Tried]:
        tried, self._tried, self.has_news = self._tried, [], False
        return tried

    def look_at_clock(self, now: float) -> None:
        """A backend minds its own time limits."""

    def leave(self) -> None:
        self._is_leaving = True
        self._windows.put(None)

    def close(self) -> None:
        self.leave()
        if self._thread and self.is_idle:
            self._thread.join(CLOSING_SECONDS)

    def _work(self) -> None:
        while window := self._windows.get():
            self._send(*window)
            self._exchange.post(self._rest)
        self._way.close()

    def _send(self, parcels: Sequence[Parcel], until: float) -> None:
        for parcel in parcels:
            if self._is_leaving or time.monotonic() >= until:
                return
            tried_at, started = timezone.now(), time.monotonic()
            outcome = self._way.send(parcel)
            outcome = outcome._replace(duration_ms=int((time.monotonic() - started) * 1000))
            self._exchange.post(partial(self._learn, Tried(parcel.number, outcome, tried_at)))
            if outcome.kind in OURS_TO_SOLVE:
                return

    def _learn(self, tried: Tried) -> None:
        self._tried.append(tried)
        self.has_news = True

    def _rest(self) -> None:
        self.is_idle = self.has_news = True


class BackendWay:
    """One backend, opened at the first message and whenever it failed."""

    def __init__(self, mailer: Mapping[str, Any]) -> None:
        self._mailer = mailer
        self._backend: Any = None

    def send(self, parcel: Parcel) -> Outcome:
        return self._open() or self._send(parcel)

    def close(self) -> None:
        backend, self._backend = self._backend, None
        if backend:
            with contextlib.suppress(Exception):
                backend.close()

    def _open(self) -> Outcome | None:
        if self._backend:
            return None
        try:
            backend = get_connection(self._mailer["BACKEND"], **self._mailer["OPTIONS"])
            backend.open()
        except Exception as error:
            return Outcome(Kind.UNAVAILABLE, answer=in_words(error))
        self._backend = backend
        return None

    def _send(self, parcel: Parcel) -> Outcome:
        try:
            accepted = self._backend.send_messages([addressed(parcel)])
        except smtplib.SMTPRecipientsRefused as error:
            ((code, answer),) = error.recipients.values()
            return classify(Stage.RCPT, code, answer.decode("utf-8", "replace"))
        except ValueError as error:
            return Outcome(Kind.INVALID, answer=in_words(error))
        except ConnectionRefusedError as error:
            self.close()
            return Outcome(Kind.UNAVAILABLE, answer=in_words(error))
        except Exception as error:
            # Backends do not say how far they came; a second copy would be worse than a question to staff.
            self.close()
            return Outcome(Kind.UNKNOWN, answer=in_words(error))
        if accepted:
            return Outcome(Kind.ACCEPTED)
        return Outcome(Kind.UNKNOWN, answer=_("The backend does not say whether it took the message."))


def addressed(parcel: Parcel) -> EmailMessage:
    """To this recipient alone, whoever else the headers name."""
    message = parcel.message
    if isinstance(message, Sealed):
        raise ValueError(_("This backend cannot send a message that is bytes already."))
    if message.from_email == parcel.sender and message.recipients() == [parcel.recipient]:
        return message
    addressed = copy.copy(message)
    addressed.extra_headers = {"From": message.from_email, **message.extra_headers}
    addressed.from_email = parcel.sender
    addressed.recipients = lambda: [parcel.recipient]  # type: ignore[method-assign]
    return addressed
