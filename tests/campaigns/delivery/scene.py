"""A newsletter with people on its list, ready to be sent, and the moves that a cluster would make."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from campaigns.delivery import engine, plan, sweep
from campaigns.models import (
    Batch,
    Campaign,
    Content,
    Delivery,
    Layout,
    Limit,
    RecipientDomain,
    Sender,
    Transport,
)
from subscribers.models import MailingList, Subscriber, Subscription

LAYOUT = """<!doctype html>
<html lang="{{ language_code }}" dir="{{ direction }}"><head><title>{{ subject }}</title></head><body>
{{ body }}<p>{{ postal_address }}</p><p><a href="{{ unsubscribe_url }}">{{ unsubscribe_label }}</a></p>
</body></html>"""


def person(name: str, *lists: MailingList, language: str = "en", **facts: object) -> Subscriber:
    address = name.lower() if "@" in name else f"{name.lower()}@example.org"
    someone = Subscriber.objects.create(email=address, first_name=name, language=language, **facts)
    for mailing_list in lists:
        subscribe(someone, mailing_list)
    return someone


def subscribe(someone: Subscriber, mailing_list: MailingList) -> None:
    Subscription.objects.create(subscriber=someone, mailing_list=mailing_list, status=Subscription.Status.ACTIVE)


def campaign(*names: str, languages: Iterable[str] = ("en",), **facts: object) -> Campaign:
    """Scheduled for now, to a list with these people."""
    layout, _created = Layout.objects.get_or_create(label="test", defaults={"name": "Test", "html": LAYOUT})
    sender = Sender.objects.create(name="Example", email="news@example.org", postal_address="1 Main Street")
    news = MailingList.objects.create(name="News", label=f"news-{MailingList.objects.count()}")
    made = Campaign.objects.create(name="May", layout=layout, sender=sender, **facts)
    made.mailing_lists.add(news)
    for language in languages:
        Content.objects.create(
            campaign=made, language=language, subject=f"May ({language})", body_html="<p>Hello {{ first_name }}</p>"
        )
    for name in names:
        person(name, news)
    transport()
    assert made.schedule(timezone.now() - timedelta(seconds=1))
    return made


def transport() -> Transport:
    return Transport.objects.get_or_create(alias="main", defaults={"name": "Main"})[0]


def start(campaign: Campaign) -> Campaign:
    """Plan the whole audience without sending anything."""
    plan.start_due()
    plan.continue_planning(60)
    campaign.refresh_from_db()
    return campaign


def send(campaign: Campaign) -> Campaign:
    """Do in this process what ticks and lanes do, until nothing more can be sent now."""
    start(campaign)
    while lanes := engine.needed_lanes():
        for transport in lanes:
            engine.run(transport)
    sweep.skip_cancelled()
    sweep.finish_done()
    campaign.refresh_from_db()
    return campaign


def let_time_pass(campaign: Campaign) -> None:
    """Retries are due, transports are rested, and limits have their tokens back."""
    past = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(campaign=campaign, status="queued").update(due_at=past)
    Batch.objects.unfinished().filter(campaign=campaign).update(due_at=past)
    Transport.objects.exclude(resting_until=None).update(resting_until=past)
    RecipientDomain.objects.exclude(resting_until=None).update(resting_until=past)
    Limit.objects.update(spent=[], paced_to=0)


def let_mails_grow_old(campaign: Campaign) -> None:
    """Those that were sent, by long enough for people to have read them."""
    sent = Delivery.objects.filter(campaign=campaign, status="sent")
    sent.update(finished_at=F("finished_at") - timedelta(minutes=1))


def in_an_hour() -> datetime:
    return timezone.now() + timedelta(hours=1)
