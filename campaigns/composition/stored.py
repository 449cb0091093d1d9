"""Makes mails of the application from their rows again: to the letter, and without any template."""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Sequence
from copy import copy
from email import message_from_bytes
from email.message import Message as Part
from email.mime.base import MIMEBase
from email.policy import Policy, compat32
from typing import Any

from django.core.mail import EmailAttachment, EmailMultiAlternatives
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from campaigns.models import Attachment, Message

from .ascii_only import make_ascii
from .merge import CannotCompose
from .wire import MergedMessage

HTML = "text/html"
LINE_END = re.compile(rb"\r\n|\r|\n")


class StoredMessage(EmailMultiAlternatives):
    """As its author wrote it, with the names that its headers show."""

    mixed_subtype: str
    # If the author made them, for instance signed them.
    sealed: bytes = b""

    @cached_property
    def content(self) -> bytes:
        """The bytes of all its copies. Whatever is wrong with the mail is raised here."""
        if self.sealed:
            return self.sealed
        made = super().message()
        make_ascii(made)
        return LINE_END.sub(b"\r\n", made.as_bytes())

    @property
    def html(self) -> str:
        if self.content_subtype == "html":
            return str(self.body)
        return next((str(content) for content, mimetype in self.alternatives if mimetype == HTML), "")

    def message(self, **options: Any) -> Part:  # type: ignore[override]
        return MergedMessage(self.content)

    def copy_for(self, recipient: str, envelope_from: str) -> StoredMessage:
        """For one of its recipients alone; everybody gets the same bytes, whatever backend sends them."""
        self.content  # noqa: B018  # Made once, for all copies.
        one = copy(self)
        shown = {"From": self.from_email, "To": ", ".join(self.to), "Cc": ", ".join(self.cc)}
        one.extra_headers = {name: names for name, names in shown.items() if names} | self.extra_headers
        one.from_email, one.to, one.cc = envelope_from, [recipient], []
        return one


def restored(message: Message) -> StoredMessage:
    """Raises CannotCompose if its content was emptied."""
    if message.emptied_at:
        raise CannotCompose(_("Its content is not kept."))
    attachments = list(message.attachments.select_related("stored"))
    made = StoredMessage(
        message.subject,
        message.body,
        message.from_email,
        message.to,
        cc=message.cc,
        reply_to=message.reply_to,
        headers=dict(message.headers),
        alternatives=[(content, mimetype) for content, mimetype in message.alternatives],
    )
    made.content_subtype, made.mixed_subtype = message.content_subtype, message.mixed_subtype
    made.encoding = message.encoding or None
    if message.is_sealed:
        made.sealed = _content(attachments[0])
    else:
        made.attachments = parts(attachments)
    return made


def parts(attachments: Sequence[Attachment]) -> list[EmailAttachment | MIMEBase]:
    return [
        _part(one) if one.head else EmailAttachment(one.filename or None, _typed(one), one.mimetype)
        for one in attachments
    ]


def _content(attachment: Attachment) -> bytes:
    with attachment.stored.file.open("rb") as file:
        return bytes(file.read())


def _typed(attachment: Attachment) -> str | bytes | Part:
    """Django asks for text as text and for a message as a message."""
    content = _content(attachment)
    if attachment.mimetype.startswith("text/"):
        return content.decode()
    return message_from_bytes(content) if attachment.mimetype == "message/rfc822" else content


class WrittenPart(MIMEBase):
    """A part with headers of its own."""

    def __init__(self, policy: Policy[Any] = compat32) -> None:
        Part.__init__(self, policy)


def _part(attachment: Attachment) -> MIMEBase:
    content, head = _content(attachment), attachment.head.encode("latin-1")
    if is_base64(message_from_bytes(head)):
        content = encodebytes(content)
    return message_from_bytes(head + b"\n\n" + content, WrittenPart)


def is_base64(part: Part) -> bool:
    """Whether it is one file, whose bytes may be stored as they are."""
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    return (
        encoding == "base64" and not part.is_multipart() and part.get_content_maintype() not in {"multipart", "message"}
    )
