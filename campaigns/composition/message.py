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
from campaigns.models import Campaign, Content, Delivery, Sender
from subscribers.models import MailingList, Subscriber

from . import headers
from .compile import compile_content
from .merge import CannotCompose, Merged, Template, merge
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
    """Makes the messages of one campaign; asks the database nothing once it is made."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.sender = campaign.sender
        # The first by number, so that readers' filters see the same list in every mail of a campaign.
        self.mailing_list: MailingList | None = campaign.mailing_lists.order_by("pk").first()

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
            return CampaignMessage(
                merged,
                envelope_from=headers.bare(self.sender.email),
                to=headers.bare(to),
                headers=self.headers(headers.mailbox(subscriber.name, to), delivery_id, message_id, language),
            )
        except ValueError as error:
            raise CannotCompose(str(error)) from error

    def headers(self, to: str, delivery_id: int, message_id: str, language: str) -> dict[str, str]:
        mailbox = headers.bare(self.sender.unsubscribe_mailbox or self.sender.email)
        mailto = f"mailto:{mailbox}?subject={signing.unsubscribe_subject(delivery_id)}"
        return {
            "Date": format_datetime(timezone.now()),
            "To": to,
            "Message-ID": f"<{message_id}>",
            "List-Unsubscribe": f"<{signing.unsubscribe_url(delivery_id)}>, <{mailto}>",
            "Content-Language": language,
        } | self.shared_headers

    @cached_property
    def shared_headers(self) -> dict[str, str]:
        """Those that are the same in every mail of the campaign."""
        sender, mailing_list = self.sender, self.mailing_list
        lines = {
            "From": headers.mailbox(sender.name, sender.email),
            "Reply-To": sender.reply_to and headers.bare(sender.reply_to),
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Feedback-ID": self.feedback_id(),
            "Precedence": "bulk",
        }
        if mailing_list:
            lines["List-Id"] = f"{headers.phrase(mailing_list.name)} <{mailing_list.label}.{sender.domain}>"
        return {name: value for name, value in lines.items() if value}

    def feedback_id(self) -> str:
        """``campaign:list:account:sender`` with nothing of the recipient in it."""
        label = self.mailing_list.label if self.mailing_list else "none"
        return f"campaign-{self.campaign.pk}:{label}:{self.sender.domain}:broadsheet"


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
        message_id=new_message_id(composer.sender),
    )
