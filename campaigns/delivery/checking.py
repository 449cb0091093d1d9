"""Looks at a mail of the application when it is written: what is wrong then is a mistake of its author."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from email.message import Message as Part
from email.utils import formatdate

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMessage
from django.core.mail.message import forbid_multi_line_headers
from django.utils.translation import gettext as _

from campaigns.composition.ascii_only import make_ascii
from campaigns.delivery.addressees import Addressees, addressees, bare
from campaigns.delivery.wires.mail import LINE_END
from campaigns.models import Batch

# The header that chooses it, for those who cannot set an attribute. It never leaves.
PRIORITY = "broadsheet-priority"
NEVER_WRITTEN = frozenset({"bcc", PRIORITY})
HEADER_NAME = re.compile(r"[!-9;-~]+")
# Line ends are Django's to judge: it folds long values itself.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Checked:
    """A mail that can be sent, and what its rows need besides."""

    mail: EmailMessage
    addressees: Addressees
    envelope_from: str
    headers: dict[str, str]
    message_id: str
    # The bytes themselves, if rows cannot tell how its author makes them.
    sealed: bytes

    @property
    def alternatives(self) -> Sequence[tuple[object, str]]:
        return alternatives_of(self.mail)


def checked(mail: EmailMessage) -> Checked:
    """Raises BadHeaderError and whatever else Django raises for a mail that cannot be made."""
    # Before anybody looks for the address in it: parsers do not agree on what a second line is.
    forbid_multi_line_headers("From", str(mail.from_email), "utf-8")
    envelope_from = bare(str(mail.from_email))
    headers = headers_of(mail, sender_domain=envelope_from.rpartition("@")[2])
    made = made_with(mail, headers)
    for name, value in made.items():
        check_header(name, str(value))
    if "\0" in f"{mail.subject}{mail.body}" or any("\0" in str(content) for content, _kind in alternatives_of(mail)):
        raise ValueError(_("There is a character in it that no mail can hold: NUL."))
    content = LINE_END.sub(b"\r\n", made.as_bytes())
    return Checked(
        mail=mail,
        addressees=addressees(str(one) for one in mail.recipients()),
        envelope_from=envelope_from,
        headers=headers,
        message_id=str(made["Message-ID"] or "").strip().strip("<>")[:250],
        sealed=b"" if can_be_rows(mail) else content,
    )


def priority_of(mail: EmailMessage) -> Batch.Priority:
    """By an attribute `priority` or the header, as a name; high otherwise, since mostly somebody waits for it."""
    headers = {str(name).lower(): value for name, value in mail.extra_headers.items()}
    chosen = getattr(mail, "priority", None) or headers.get(PRIORITY) or Batch.Priority.HIGH
    try:
        return Batch.Priority[str(getattr(chosen, "name", chosen)).strip().upper()]
    except KeyError as error:
        raise ValueError(_("There is no priority “%(name)s”.") % {"name": chosen}) from error


def headers_of(mail: EmailMessage, *, sender_domain: str) -> dict[str, str]:
    """With the Date and Message-ID that all copies and all tries have."""
    headers = {str(name): str(value) for name, value in mail.extra_headers.items()}
    headers = {name: value for name, value in headers.items() if name.lower() not in NEVER_WRITTEN}
    names = {name.lower() for name in headers}
    if "date" not in names:
        headers["Date"] = formatdate(localtime=settings.EMAIL_USE_LOCALTIME)
    if "message-id" not in names:
        headers["Message-ID"] = f"<{secrets.token_hex(16)}@{sender_domain}>"
    return headers


def made_with(mail: EmailMessage, headers: dict[str, str]) -> Part:
    draft = copy(mail)
    draft.extra_headers = headers
    made = draft.message()
    del made["Bcc"]
    if is_made_by_django(mail):
        make_ascii(made)
    return made


def check_header(name: str, value: str) -> None:
    """What Django lets through: names that are none, and control characters."""
    if not HEADER_NAME.fullmatch(name) or CONTROLS.search(value):
        raise BadHeaderError(_("“%(name)s” is not one header.") % {"name": printable(name)})


def is_made_by_django(mail: EmailMessage) -> bool:
    return type(mail).message is EmailMessage.message


def can_be_rows(mail: EmailMessage) -> bool:
    is_plain = is_made_by_django(mail) and getattr(mail, "alternative_subtype", "alternative") == "alternative"
    return is_plain and all(not isinstance(content, bytes) for content, _kind in alternatives_of(mail))


def alternatives_of(mail: EmailMessage) -> Sequence[tuple[object, str]]:
    return getattr(mail, "alternatives", [])


def printable(text: object) -> str:
    """Whatever somebody wrote, in characters that every database takes."""
    return "".join(letter if letter.isprintable() else " " for letter in str(text))
