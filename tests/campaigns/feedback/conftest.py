from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign, Delivery, Edition, Layout, Sender
from subscribers.models import MailingList, Subscriber, Subscription
from subscribers.signing import Purpose, sign


@dataclass
class Mail:
    """One mail that somebody got, and the links in it."""

    delivery: Delivery

    @property
    def unsubscribe(self) -> str:
        return f"/u/{sign(Purpose.UNSUBSCRIBE, self.delivery.pk)}"

    @property
    def preferences(self) -> str:
        return f"/p/{sign(Purpose.PREFERENCES, self.delivery.pk)}"

    def events(self) -> list[str]:
        return [event.kind for event in self.delivery.events.all()]


@pytest.fixture
def news(db):
    return MailingList.objects.create(name="Monthly news", label="news", names={"de": "Monatsbrief"})


@pytest.fixture
def tips(db):
    return MailingList.objects.create(name="Tips", label="tips")


@pytest.fixture
def board(db):
    return MailingList.objects.create(name="Board", label="board", is_public=False)


@pytest.fixture
def ann(news, board):
    """She confirmed the news, is on the board, and reads German."""
    ann = Subscriber.objects.create(email="ann@example.org", first_name="Ann", last_name="Miller", language="de")
    for each in (news, board):
        Subscription.objects.create(subscriber=ann, mailing_list=each, status=Subscription.Status.ACTIVE)
    return ann


@pytest.fixture
def agreed(ann):
    """Ann may be counted by person."""
    ann.may_track = True
    ann.save()


@pytest.fixture
def campaign(news):
    layout = Layout.objects.create(name="Frame", label="frame-of-feedback", html="{{ body }}")
    sender = Sender.objects.create(
        name="The Riverside Society", email="news@example.org", postal_address="12 Mill Lane, Example Town"
    )
    campaign = Campaign.objects.create(name="May", layout=layout, sender=sender)
    campaign.mailing_lists.add(news)
    return campaign


@pytest.fixture
def reader():
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def mail(campaign, ann):
    return mail_to(ann, campaign)


def mail_to(person: Subscriber, campaign: Campaign) -> Mail:
    edition, _ = Edition.objects.get_or_create(
        campaign=campaign, language="en", defaults={"subject": "Hi", "html": "<p>Hi", "text": "Hi", "digest": "0"}
    )
    delivery = Delivery.objects.create(
        campaign=campaign,
        subscriber=person,
        edition=edition,
        email=person.email,
        status=Delivery.Status.SENT,
        finished_at=timezone.now() - timedelta(hours=1),
    )
    return Mail(delivery)


def on(person: Subscriber) -> set[str]:
    return {each.mailing_list.label for each in person.subscriptions.active()}
