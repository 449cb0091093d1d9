"""The newsletter that is measured, its readers, and a campaign that only has to be sent."""

from __future__ import annotations

import random

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from bench.plain import PlainNewsletter
from campaigns.composition.shipped import shipped_html
from campaigns.delivery import plan
from campaigns.models import Campaign, Content, Edition, Layout, Sender, Transport
from subscribers import addresses
from subscribers.models import MailingList, Subscriber, Subscription

ALIAS = "main"
LIST = "readers"
LINKS = 20
CHUNK = 5000
WORDS = (
    "harbour lantern winter table bridge quiet orchard morning paper river window garden “letter” summer "
    "café market naïve corner evening reader company island meadow station"
)
GREETING = "Dear {{ first_name }} {{ last_name }} of {{ company }} in {{ town }}"


def migrate(_number: int) -> dict[str, float]:
    call_command("migrate", verbosity=0)
    return {}


def invite(people: int) -> dict[str, float]:
    """Fill the list up to so many readers."""
    readers, _created = MailingList.objects.get_or_create(label=LIST, defaults={"name": "Readers"})
    for start in range(readers.subscriptions.count(), people, CHUNK):
        numbers = range(start, min(start + CHUNK, people))
        made = Subscriber.objects.bulk_create(map(reader, numbers))
        Subscription.objects.bulk_create(
            Subscription(subscriber=one, mailing_list=readers, status=Subscription.Status.ACTIVE) for one in made
        )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return {"people": people}


def reader(number: int) -> Subscriber:
    email = f"reader{number}@example.org"
    return Subscriber(
        email=email,
        fingerprint=addresses.fingerprint(email),
        first_name="Chloé" if number % 3 else "Ann",
        last_name=f"O’Reader {number}",
        language="en",
        attributes={"company": f"Example & Sons {number % 97}", "town": "Zürich" if number % 2 else "Porto"},
    )


def started_campaign() -> Campaign:
    """Frozen and about to be planned."""
    layout, _created = Layout.objects.get_or_create(
        label="bench", defaults={"name": "Bench", "html": shipped_html("bulletin")}
    )
    sender, _created = Sender.objects.get_or_create(
        email="news@example.org", defaults={"name": "Broadsheet", "postal_address": "1 Quay\nPorto"}
    )
    campaign = Campaign.objects.create(name="Bench", layout=layout, sender=sender)
    campaign.mailing_lists.set(MailingList.objects.filter(label=LIST))
    Content.objects.create(
        campaign=campaign, language="en", subject="{{ first_name }}, this is May", body_html=body(), body_text=text()
    )
    assert campaign.schedule(timezone.now())
    assert Campaign.objects.get(pk=campaign.pk).start()
    campaign.refresh_from_db()
    assert plan.is_frozen(campaign)
    return campaign


def planned_campaign() -> Campaign:
    campaign = started_campaign()
    while not plan.plan_range(campaign):
        pass
    campaign.refresh_from_db()
    return campaign


def way_out(connections: int) -> Transport:
    return Transport.objects.update_or_create(alias=ALIAS, defaults={"name": "Main", "connections": connections})[0]


def plain_newsletter() -> PlainNewsletter:
    """The same words for those who send without us: CSS inlined, links numbered."""
    edition = Edition.objects.order_by("pk").first() or started_campaign().editions.get()
    return PlainNewsletter.of(edition.subject, edition.html, edition.text)


def body() -> str:
    """With the layout and its styles inlined about 30 KB."""
    chance = random.Random(1605)
    articles = (
        f"<h2>{sentence(chance, 6)}</h2>\n<p>{sentence(chance, 60)}</p>\n<p>{sentence(chance, 50)} "
        f'<a href="https://www.example.org/articles/{number}?from=newsletter">{sentence(chance, 3)}</a></p>\n'
        for number in range(LINKS)
    )
    return f"<p>{GREETING},</p>\n{''.join(articles)}<p>This mail went to {{{{ email }}}}.</p>"


def text() -> str:
    """With the footer about 4 KB."""
    chance = random.Random(1606)
    return f"{GREETING},\n\n" + "\n\n".join(sentence(chance, 30) for _number in range(LINKS))


def sentence(chance: random.Random, words: int) -> str:
    """With a line end after every twelfth word, as editors write it."""
    chosen = chance.choices(WORDS.split(), k=words)
    lines = (" ".join(chosen[at : at + 12]) for at in range(0, words, 12))
    return "\n".join(lines).capitalize()
