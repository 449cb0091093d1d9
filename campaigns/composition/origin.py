"""From whom a mail is and by which list: what all mails of a campaign share besides their words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from campaigns.models import Campaign, Sender
from subscribers.models import MailingList
from subscribers.models.mailing_list import ALL_LISTS

from . import headers, wire


@dataclass(frozen=True)
class Origin:
    """Frozen with the contents, so that a sender edited later changes no mail of a campaign that has started."""

    envelope_from: str
    unsubscribe_mailbox: str
    headers: dict[str, str]

    @cached_property
    def header_lines(self) -> bytes:
        return wire.header_lines(self.headers)


def origin_of(campaign: Campaign) -> Origin:
    """As it is now. ValueError if an address is none."""
    # The first list by number, so that readers' filters see the same one in every mail of a campaign.
    return origin_by(campaign, campaign.sender, campaign.mailing_lists.order_by("pk").first())


def origin_by(campaign: Campaign, sender: Sender, mailing_list: MailingList | None) -> Origin:
    # What goes to segments alone goes by all lists.
    label, name = (mailing_list.label, mailing_list.name) if mailing_list else (ALL_LISTS, sender.name)
    lines = {
        "From": headers.mailbox(sender.name, sender.email),
        "Reply-To": sender.reply_to and headers.bare(sender.reply_to),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        # campaign:list:account:sender with nothing of the recipient in it.
        "Feedback-ID": f"campaign-{campaign.pk}:{label}:{sender.domain}:broadsheet",
        "Precedence": "bulk",
        "List-Id": f"{headers.phrase(name)} <{label}.{sender.domain}>",
    }
    return Origin(
        envelope_from=headers.bare(sender.email),
        unsubscribe_mailbox=headers.bare(sender.unsubscribe_mailbox or sender.email),
        headers={name: value for name, value in lines.items() if value},
    )
