"""One person's message, the same for preview, test and the real thing."""

from __future__ import annotations

import secrets

from django.utils.translation import gettext as _

from campaigns.models import Campaign, Content, Delivery, Edition, Sender
from subscribers.models import MailingList, Subscriber

from .compile import compile_content
from .merge import CannotCompose, Template
from .press import Press, press_for
from .recipient import Recipient
from .sendable import CampaignMessage
from .values import sample

__all__ = ["CampaignMessage", "CannotCompose", "Composer", "compose", "new_message_id", "preview"]


def new_message_id(sender: Sender) -> str:
    """Without brackets; made once per delivery and kept on every retry."""
    return f"{secrets.token_hex(16)}@{sender.domain}"


class Composer:
    """Makes the messages of one campaign from its frozen editions; of the database it asks their links, once."""

    def __init__(self, campaign: Campaign, *, counts_clicks: bool = True) -> None:
        self.campaign = campaign
        self.by_person = campaign.tracking == MailingList.Tracking.PERSON
        # By edition.
        self.bare: dict[int, Press] = {}
        self.tracked: dict[int, Press] = {} if counts_clicks and campaign.is_tracked else self.bare

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
        presses = self._presses_for(recipient)
        press = presses.get(edition.id) or self.set_up(edition, presses)
        return press.print_for(recipient)

    def is_ready_for(self, edition: Edition, recipient: Recipient) -> bool:
        """Whether the database was asked already."""
        return edition.id in self._presses_for(recipient)

    def _presses_for(self, recipient: Recipient) -> dict[int, Press]:
        return self.bare if recipient.may_track is False else self.tracked

    def set_up(self, edition: Edition, presses: dict[int, Press]) -> Press:
        links = dict(edition.links.values_list("url", "number")) if presses is not self.bare else None
        presses[edition.id] = press_for(edition, self.campaign, links, by_person=self.by_person)
        return presses[edition.id]


def compose(delivery: Delivery) -> CampaignMessage:
    """One message to look at: its links lead where they will, and nobody's click is counted."""
    if delivery.campaign is None:
        raise CannotCompose(_("The campaign is gone."))
    return Composer(delivery.campaign, counts_clicks=False).compose(delivery)


def preview(
    content: Content, subscriber: Subscriber | None = None, *, compiled: Template | None = None
) -> CampaignMessage:
    """What would be sent, besides Message-ID and Date, and with bare links: once it is frozen, from there.

    Raises CompositionError or CannotCompose.
    """
    frozen = content.campaign.editions.filter(language=content.language).first()
    press = press_for(compiled or frozen or compile_content(content), content.campaign)
    reader = subscriber or sample(content.language)
    return press.print_for(Recipient.of(reader, message_id=new_message_id(content.campaign.sender)))
