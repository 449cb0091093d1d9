"""From rows to the bytes of a mail, without sending them."""

from __future__ import annotations

from django.core.mail import EmailMessage

from bench import people, scenery
from bench.stopwatch import timed
from campaigns.composition.message import Composer
from campaigns.delivery import claims


def ours(messages: int) -> dict[str, float]:
    campaign = scenery.planned_campaign()
    editions = {edition.language: edition for edition in campaign.editions.all()}
    numbers = list(campaign.deliveries.order_by("pk").values_list("pk", flat=True)[:messages])
    deliveries = claims.load(campaign, numbers, editions)
    composer = Composer(campaign)
    size = len(wire_bytes(composer.compose(deliveries[0])))

    def merge_all() -> None:
        for delivery in deliveries:
            wire_bytes(composer.compose(delivery))

    return {"messages": len(deliveries), "bytes": size, **timed(merge_all)}


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
