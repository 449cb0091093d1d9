"""What we ask of an IMAP server (RFC 3501): new mails by number, in order, without touching those of people."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from django.utils.translation import gettext as _

from .anatomy import LONGEST

# Numbers per question: the answer is one line, which has its limit.
STEP: Final = 1_000
# The last number that a mail can have.
LAST: Final = 2**32 - 1


class CannotRead(Exception):
    """The server is away, or does not let us in or read; in words for staff."""


class Refused(CannotRead):
    """The server says no to one thing, and goes on talking."""


class Folder:
    def __init__(self, server: imaplib.IMAP4) -> None:
        self._server = server

    @property
    def validity(self) -> int:
        return self._told("UIDVALIDITY", 1)

    def numbers_after(self, number: int) -> Iterator[int]:
        """Of the mails that are there now."""
        first, step, end = number + 1, STEP, self._told("UIDNEXT", LAST)
        while first < end:
            last = min(first + step, end) - 1
            found = sorted(int(word) for word in self._ask("SEARCH", None, f"UID {first}:{last}").split())
            yield from (each for each in found if first <= each <= last)
            # Where many were deleted, the next one is far away.
            first, step = last + 1, STEP if found else 8 * step

    def read(self, number: int) -> bytes | None:
        """Its beginning; None if it is gone. It stays unread for people. Raises Refused."""
        answer = self._do("FETCH", str(number), f"(BODY.PEEK[]<0.{LONGEST}>)")
        return next((each[1] for each in answer if isinstance(each, tuple)), None)

    def mark_read(self, number: int) -> None:
        # It is a courtesy: what was done is remembered by us.
        with suppress(CannotRead):
            self._do("STORE", str(number), r"+FLAGS.SILENT", r"(\Seen)")

    def _told(self, name: str, otherwise: int) -> int:
        _kind, answers = self._server.response(name)
        found = answers[-1] if answers else None
        return int(found) if found and found.isdigit() else otherwise

    def _ask(self, command: str, *words: Any) -> bytes:
        answers = self._do(command, *words)
        return answers[-1] or b"" if answers else b""

    def _do(self, command: str, *words: Any) -> list[Any]:
        try:
            kind, answers = self._server.uid(command, *words)
        except imaplib.IMAP4.abort:
            # The connection is lost.
            raise
        except imaplib.IMAP4.error as error:
            raise Refused(said(error.args)) from error
        if kind != "OK":
            raise Refused(said(answers))
        return answers


@contextmanager
def opened(options: dict[str, Any]) -> Iterator[Folder]:
    """As settings.INCOMING_MAIL says. Raises CannotRead, also for what goes wrong while it is open."""
    try:
        with closing(_connected(options)) as server:
            if options["tls"] == "starttls":
                server.starttls(ssl.create_default_context())
            _log_in(server, options["user"], options["password"])
            kind, answers = server.select('"{}"'.format(options["folder"].replace("\\", "\\\\").replace('"', '\\"')))
            if kind != "OK":
                raise CannotRead(said(answers))
            yield Folder(server)
    except ssl.SSLError as error:
        raise CannotRead(_("The server’s certificate or encryption is not good: %s") % error.reason) from error
    except OSError as error:
        raise CannotRead(error.strerror or str(error) or type(error).__name__) from error
    except (imaplib.IMAP4.error, ValueError) as error:
        raise CannotRead(said(error.args)) from error


def said(answers: Any) -> str:
    words = [each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in answers if each]
    text = " ".join(words) or _("The server says no.")
    return "".join(letter if letter.isprintable() else " " for letter in text)[:500]


def _connected(options: dict[str, Any]) -> imaplib.IMAP4:
    host, port, timeout = options["host"], options["port"], options["timeout"]
    if options["tls"] == "ssl":
        return imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=timeout)
    return imaplib.IMAP4(host, port, timeout=timeout)


@contextmanager
def closing(server: imaplib.IMAP4) -> Iterator[imaplib.IMAP4]:
    """The library's own leaves the socket open if the server hung up."""
    try:
        yield server
        with suppress(imaplib.IMAP4.error, OSError):
            server.logout()
    finally:
        with suppress(OSError):
            server.shutdown()


def _log_in(server: imaplib.IMAP4, user: str, password: str) -> None:
    if user.isascii() and password.isascii():
        server.login(user, password)
    else:
        server.authenticate("PLAIN", lambda _challenge: f"\0{user}\0{password}".encode())
