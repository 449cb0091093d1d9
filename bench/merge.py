"""From rows to the bytes of a mail, without sending them."""

from __future__ import annotations

from django.core.mail import EmailMessage

from bench import people, scenery
from bench.stopwatch import timed
from campaigns.composition.message import Composer, new_message_id
from campaigns.composition.recipient import Recipient
from subscribers.models import Subscriber

# Merging everybody once is over too soon to be measured.
TIMES = 10
# Numbers of deliveries as a site has them after its first years.
FIRST_DELIVERY = 5_000_000


def ours(messages: int) -> dict[str, float]:
    """As a lane does it: from the values it read to the bytes that it puts on the wire."""
    campaign = scenery.started_campaign()
    edition = campaign.editions.get()
    recipients = [
        Recipient.of(reader, message_id=new_message_id(campaign.sender), delivery_id=FIRST_DELIVERY + reader.pk)
        for reader in Subscriber.objects.order_by("pk")[:messages]
    ]
    composer = Composer(campaign)
    size = len(composer.compose_for(edition, recipients[0]).wire)

    def merge_all() -> None:
        for _time in range(TIMES):
            for recipient in recipients:
                composer.compose_for(edition, recipient)

    return {"messages": TIMES * len(recipients), "bytes": size, **timed(merge_all)}


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
