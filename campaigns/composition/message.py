"""One person's message, the same for preview, test and the real thing."""

from __future__ import annotations

import secrets
from email.message import Message
from email.utils import format_datetime
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from campaigns import signing
from campaigns.models import Campaign, Content, Delivery, Edition, Sender
from subscribers.models import Subscriber

from . import headers
from .compile import compile_content
from .merge import CannotCompose, Merged, Template, merge
from .origin import Origin, origin_of
from .values import sample, values_of
from .wire import WireMessage, check_header

__all__ = ["CampaignMessage", "CannotCompose", "Composer", "compose", "new_message_id", "preview"]


def new_message_id(sender: Sender) -> str:
    """Without brackets; made once per delivery and kept on every retry."""
    return f"{secrets.token_hex(16)}@{sender.domain}"


class CampaignMessage(EmailMultiAlternatives):
    """Any Django backend can send it. The envelope is ``from_email`` and ``to``; its own headers say the names."""

    def __init__(self, merged: Merged, *, envelope_from: str, to: str, headers: dict[str, str]) -> None:
        super().__init__(
            subject=merged.subject,
            body=merged.text,
            from_email=envelope_from,
            to=[to],
            headers=headers,
            alternatives=[(merged.html, "text/html")],
        )
        self.html = merged.html
        for name, value in headers.items():
            check_header(name, value)

    def message(self, **options: Any) -> Message:  # type: ignore[override]
        lines = {**self.extra_headers, "Subject": headers.words(str(self.subject))}
        return WireMessage(lines, str(self.body), self.html)


class Composer:
    """Makes the messages of one campaign; asks the database nothing for those from a frozen edition."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign

    def compose(self, delivery: Delivery) -> CampaignMessage:
        """Raises CannotCompose for what is wrong with this recipient alone."""
        if delivery.subscriber is None or delivery.edition is None:
            raise CannotCompose(_("The subscriber or the language is gone."))
        if not delivery.message_id:
            raise CannotCompose(_("There is no Message-ID yet."))
        return self.message(
            delivery.edition,
            delivery.subscriber,
            to=delivery.email,
            language=delivery.edition.language,
            delivery_id=delivery.pk,
            message_id=delivery.message_id,
        )

    def message(
        self, template: Template, subscriber: Subscriber, *, to: str, language: str, delivery_id: int, message_id: str
    ) -> CampaignMessage:
        merged = merge(template, values_of(subscriber, language=language, delivery_id=delivery_id))
        if not merged.subject or not merged.text.strip():
            raise CannotCompose(_("The subject or the text is empty for this person."))
        try:
            origin = self.origin_for(template)
            own = {
                "Date": format_datetime(timezone.now()),
                "To": headers.mailbox(subscriber.name, to),
                "Message-ID": f"<{message_id}>",
                "List-Unsubscribe": ways_out(origin, delivery_id),
                "Content-Language": language,
            }
            return CampaignMessage(
                merged, envelope_from=origin.envelope_from, to=headers.bare(to), headers=own | origin.headers
            )
        except ValueError as error:
            raise CannotCompose(str(error)) from error

    def origin_for(self, template: Template) -> Origin:
        """As it was frozen with an edition, else as it is now."""
        if isinstance(template, Edition) and template.origin:
            return Origin(**template.origin)
        return self.origin

    @cached_property
    def origin(self) -> Origin:
        return origin_of(self.campaign)


def ways_out(origin: Origin, delivery_id: int) -> str:
    mailto = f"mailto:{origin.unsubscribe_mailbox}?subject={signing.unsubscribe_subject(delivery_id)}"
    return f"<{signing.unsubscribe_url(delivery_id)}>, <{mailto}>"


def compose(delivery: Delivery) -> CampaignMessage:
    """One message on its own; for many, keep a Composer."""
    if delivery.campaign is None:
        raise CannotCompose(_("The campaign is gone."))
    return Composer(delivery.campaign).compose(delivery)


def preview(
    content: Content, subscriber: Subscriber | None = None, *, compiled: Template | None = None
) -> CampaignMessage:
    """What would be sent, besides Message-ID and Date: once it is frozen, from there.

    Raises CompositionError or CannotCompose.
    """
    frozen = content.campaign.editions.filter(language=content.language).first()
    composer = Composer(content.campaign)
    reader = subscriber or sample(content.language)
    return composer.message(
        compiled or frozen or compile_content(content),
        reader,
        to=reader.email,
        language=content.language,
        delivery_id=signing.PREVIEW,
        message_id=new_message_id(content.campaign.sender),
    )
