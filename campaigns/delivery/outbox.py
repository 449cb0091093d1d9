"""Writes a mail of the application into rows, in the transaction of whoever sends it."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message as Part
from email.mime.base import MIMEBase

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.encoding import force_bytes

from campaigns.composition.stored import is_base64
from campaigns.delivery import shelf
from campaigns.delivery.checking import Checked, checked, printable, priority_of
from campaigns.models import Attachment, Batch, Delivery, Message, clock
from subscribers.models import Subscriber

MESSAGE = "message/rfc822"


def keep(mail: EmailMessage) -> Message:
    """Raises what Django raises for a mail that cannot be made; then nothing is kept."""
    with transaction.atomic():
        found = checked(mail)
        message = _message(found)
        for position, attachment in enumerate(_attachments(found)):
            attachment.message, attachment.position = message, position
            attachment.save()
        Delivery.objects.bulk_create(_deliveries(found, message))
    return message


def keep_failed(mail: EmailMessage, reason: str) -> None:
    """So that staff learn of it: nothing of the content, and a failed delivery for each recipient."""
    with transaction.atomic():
        message = Message.objects.create(
            batch=Batch.objects.create(priority=Batch.Priority.HIGH),
            subject=printable(mail.subject),
            from_email=printable(mail.from_email),
            to=[printable(one) for one in mail.to],
            emptied_at=timezone.now(),
        )
        Delivery.objects.bulk_create(_failed(message, one, reason) for one in mail.recipients())


def _message(found: Checked) -> Message:
    mail, now = found.mail, clock.now()
    due_at = now if found.addressees.good else None
    return Message.objects.create(
        batch=Batch.objects.create(priority=priority_of(mail), due_at=due_at),
        subject=str(mail.subject),
        from_email=str(mail.from_email),
        envelope_from=found.envelope_from,
        to=[str(one) for one in mail.to],
        cc=[str(one) for one in mail.cc],
        reply_to=[str(one) for one in mail.reply_to],
        headers=[[name, value] for name, value in found.headers.items()],
        body=str(mail.body),
        content_subtype=mail.content_subtype,
        mixed_subtype=getattr(mail, "mixed_subtype", "mixed"),
        encoding=str(mail.encoding or ""),
        alternatives=[] if found.sealed else [[str(content), kind] for content, kind in found.alternatives],
        is_sealed=bool(found.sealed),
        created_at=now,
    )


def _deliveries(found: Checked, message: Message) -> Iterator[Delivery]:
    people = dict(Subscriber.objects.filter(email__in=found.addressees.good).values_list("email", "pk"))
    for address in found.addressees.good:
        yield Delivery(
            batch_id=message.batch_id,
            copy_of=message,
            subscriber_id=people.get(address),
            email=address,
            due_at=message.created_at,
            message_id=found.message_id,
        )
    for text, reason in found.addressees.bad.items():
        yield _failed(message, text, reason)


def _failed(message: Message, address: object, reason: str) -> Delivery:
    return Delivery(
        batch_id=message.batch_id,
        copy_of=message,
        email=printable(address)[:254],
        status=Delivery.Status.FAILED,
        reason=printable(reason)[:250],
        finished_at=timezone.now(),
    )


def _attachments(found: Checked) -> Iterator[Attachment]:
    if found.sealed:
        yield Attachment(mimetype=MESSAGE, stored=shelf.put(found.sealed))
        return
    for one in found.mail.attachments:
        if isinstance(one, MIMEBase):
            yield _written_part(one)
        else:
            filename, content, mimetype = one
            yield Attachment(filename=filename or "", mimetype=mimetype, stored=shelf.put(_octets(content)))


def _written_part(part: MIMEBase) -> Attachment:
    head, _blank, body = part.as_bytes().partition(b"\n\n")
    content = part.get_payload(decode=True) if is_base64(part) else body
    return Attachment(
        filename=part.get_filename() or "",
        mimetype=part.get_content_type(),
        head=head.decode("latin-1"),
        stored=shelf.put(force_bytes(content)),
    )


def _octets(content: object) -> bytes:
    if isinstance(content, EmailMessage):
        content = content.message()
    return content.as_bytes() if isinstance(content, Part) else force_bytes(content)
