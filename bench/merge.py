"""From rows to the bytes of a mail, without sending them."""

from __future__ import annotations

from django.core.mail import EmailMessage

from bench import people, scenery
from bench.stopwatch import timed
from campaigns.composition.message import Composer
from campaigns.composition.recipient import Recipient


def ours(messages: int) -> dict[str, float]:
    """As a lane does it: from the rows it read to the bytes that it puts on the wire."""
    campaign = scenery.planned_campaign()
    edition = campaign.editions.get()
    mails = campaign.deliveries.select_related("subscriber").order_by("pk")[:messages]
    recipients = [
        Recipient.of(mail.subscriber, message_id=f"{mail.pk}@example.org", delivery_id=mail.pk)
        for mail in mails
        if mail.subscriber
    ]
    composer = Composer(campaign)
    size = len(composer.compose_for(edition, recipients[0]).wire)

    def merge_all() -> None:
        for recipient in recipients:
            composer.compose_for(edition, recipient)

    return {"messages": len(recipients), "bytes": size, **timed(merge_all)}


def plain(messages: int) -> dict[str, float]:
    newsletter = scenery.plain_newsletter()
    readers = people.readers()[:messages]
    size = len(wire_bytes(newsletter.message(readers[0])))

    def render_all() -> None:
        for person in readers:
            wire_bytes(newsletter.message(person))

    return {"messages": len(readers), "bytes": size, **timed(render_all)}


def wire_bytes(message: EmailMessage) -> bytes:
    """As Django's SMTP backend asks for them."""
    return bytes(message.message().as_bytes(linesep="\r\n"))  # type: ignore[call-arg]
