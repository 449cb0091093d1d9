"""A campaign of the harbour library, ready to be written."""

from collections.abc import Callable
from typing import Any

import pytest

from campaigns.composition.compile import freeze
from campaigns.composition.message import new_message_id
from campaigns.composition.shipped import shipped_html
from campaigns.models import Campaign, Content, Delivery, Layout, Sender
from subscribers.models import MailingList, Subscriber

Write = Callable[..., Content]


def with_layout(content: Content, html: str) -> Content:
    content.campaign.layout = Layout(name="Own", label="own", html=html)
    return content


@pytest.fixture
def sender(db: None) -> Sender:
    return Sender.objects.create(
        name="Harbour Library", email="news@example.org", postal_address="Quay 1\n20457 Hafenstadt"
    )


@pytest.fixture
def layout(db: None) -> Layout:
    return Layout.objects.create(name="Test", label="test", html=shipped_html("bulletin"))


@pytest.fixture
def campaign(sender: Sender, layout: Layout) -> Campaign:
    campaign = Campaign.objects.create(name="June", layout=layout, sender=sender)
    campaign.mailing_lists.add(MailingList.objects.create(name="News", label="news"))
    return campaign


@pytest.fixture
def write(campaign: Campaign) -> Write:
    def write(language: str = "en", **fields: Any) -> Content:
        fields = {"subject": "News for {{ first_name }}", "body_html": "<p>Dear {{ first_name }},</p>"} | fields
        return Content.objects.create(campaign=campaign, language=language, **fields)

    return write


@pytest.fixture
def deliver(campaign: Campaign) -> Callable[..., Delivery]:
    """A delivery as it is when a worker has claimed it."""

    def deliver(**fields: Any) -> Delivery:
        number = Subscriber.objects.count() + 1
        subscriber = Subscriber.objects.create(**{"email": f"reader{number}@example.net", "may_track": True} | fields)
        freeze(campaign)
        return Delivery.objects.create(
            campaign=campaign,
            subscriber=subscriber,
            edition=campaign.editions.get(),
            email=subscriber.email,
            message_id=new_message_id(campaign.sender),
        )

    return deliver
