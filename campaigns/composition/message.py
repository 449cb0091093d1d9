"""One person's message, the same for preview, test and the real thing."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from email.message import Message
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from django.core.mail import EmailAlternative, EmailMultiAlternatives
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from campaigns import signing
from campaigns.models import Campaign, Content, Delivery, Edition, Sender
from subscribers.models import Subscriber

from . import headers
from .compile import compile_content
from .merge import CannotCompose, Merged, Stencil, Template
from .origin import Origin, origin_of
from .recipient import Recipient
from .values import sample, values_of
from .wire import MergedMessage, header_lines, whole

__all__ = ["CampaignMessage", "CannotCompose", "Composer", "compose", "new_message_id", "preview"]


def new_message_id(sender: Sender) -> str:
    """Without brackets; made once per delivery and kept on every retry."""
    return f"{secrets.token_hex(16)}@{sender.domain}"


class CampaignMessage(EmailMultiAlternatives):
    """Any Django backend can send it. The envelope is ``from_email`` and ``to``; its own headers say the names."""

    def __init__(self, merged: Merged, origin: Origin, *, to: str, own_headers: dict[str, str]) -> None:
        super().__init__(merged.subject, "", origin.envelope_from, [to], headers=own_headers | origin.headers)
        # Few ask for them, since the bytes are there already.
        del self.body, self.alternatives
        self.merged = merged
        subject_line = header_lines({"Subject": headers.words(merged.subject)})
        lines = header_lines(own_headers) + origin.header_lines + subject_line
        self.wire = whole(lines, merged.quoted_text, merged.quoted_html)

    @cached_property
    def body(self) -> str:  # type: ignore[override]
        return self.merged.text

    @cached_property
    def html(self) -> str:
        return self.merged.html

    @cached_property
    def alternatives(self) -> list[EmailAlternative]:  # type: ignore[override]
        return [EmailAlternative(self.html, "text/html")]

    def message(self, **options: Any) -> Message:  # type: ignore[override]
        return MergedMessage(self.wire)


class Composer:
    """Makes the messages of one campaign; asks the database nothing for those from a frozen edition."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.cut: dict[Template, tuple[Stencil, Origin]] = {}

    def compose(self, delivery: Delivery) -> CampaignMessage:
        """Raises CannotCompose for what is wrong with this recipient alone."""
        if delivery.subscriber is None or delivery.edition is None:
            raise CannotCompose(_("The subscriber or the language is gone."))
        message_id, email = delivery.message_id, delivery.email
        person = Recipient.of(delivery.subscriber, message_id=message_id, email=email, delivery_id=delivery.pk)
        return self.compose_for(delivery.edition, person)

    def compose_for(self, edition: Edition, recipient: Recipient) -> CampaignMessage:
        """Without any model of the recipient. Raises CannotCompose for what is wrong with this one alone."""
        if not recipient.message_id:
            raise CannotCompose(_("There is no Message-ID yet."))
        return self.message(
            edition,
            recipient,
            to=recipient.email,
            language=edition.language,
            delivery_id=recipient.delivery_id,
            message_id=recipient.message_id,
        )

    def message(
        self,
        template: Template,
        subscriber: Subscriber | Recipient,
        *,
        to: str,
        language: str,
        delivery_id: int,
        message_id: str,
    ) -> CampaignMessage:
        links = signing.links_of(delivery_id)
        stencil, origin = self.cut.get(template) or self.cut_once(template)
        merged = stencil.merge(values_of(subscriber, language=language, links=links))
        if merged.is_blank:
            raise CannotCompose(_("The subject or the text is empty for this person."))
        try:
            own_headers = {
                "Date": date_at(int(time.time())),
                "To": headers.mailbox(subscriber.name, to),
                "Message-ID": f"<{message_id}>",
                "List-Unsubscribe": ways_out(origin, links),
                "Content-Language": language,
            }
            return CampaignMessage(merged, origin, to=headers.bare(to), own_headers=own_headers)
        except ValueError as error:
            raise CannotCompose(str(error)) from error

    def cut_once(self, template: Template) -> tuple[Stencil, Origin]:
        self.cut[template] = Stencil(template), self.origin_for(template)
        return self.cut[template]

    def origin_for(self, template: Template) -> Origin:
        """As it was frozen with an edition, else as it is now."""
        if isinstance(template, Edition) and template.origin:
            return Origin(**template.origin)
        try:
            return origin_of(self.campaign)
        except ValueError as error:
            raise CannotCompose(str(error)) from error


def ways_out(origin: Origin, links: signing.Links) -> str:
    return f"<{links.unsubscribe_url}>, <mailto:{origin.unsubscribe_mailbox}?subject={links.unsubscribe_subject}>"


@lru_cache(maxsize=1)
def date_at(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC))


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
