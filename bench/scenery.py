"""The newsletter that is measured, its readers, and a campaign that only has to be sent."""

from __future__ import annotations

import random

from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

from bench.crowd import LIST
from bench.plain import PlainNewsletter
from campaigns.composition.shipped import shipped_html
from campaigns.delivery import plan
from campaigns.models import Attempt, Batch, Campaign, Content, Delivery, Edition, Event, Layout, Sender, Transport
from subscribers.models import MailingList

ALIAS = "main"
LINKS = 20
PATIENCE_SECONDS = 600.0
WORDS = (
    "harbour lantern winter table bridge quiet orchard morning paper river window garden “letter” summer "
    "café market naïve corner evening reader company island meadow station"
)
GREETING = "Dear {{ first_name }} {{ last_name }} of {{ company }} in {{ town }}"


def migrate() -> dict[str, float]:
    call_command("migrate", verbosity=0)
    return {}


def started_campaign() -> Campaign:
    """Frozen and about to be planned; there is no other."""
    clear()
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
    assert campaign.tracking == MailingList.Tracking.PERSON
    return campaign


def planned_campaign() -> Campaign:
    campaign = started_campaign()
    plan_all(campaign)
    campaign.refresh_from_db()
    return campaign


def plan_all(campaign: Campaign) -> None:
    while campaign.planned_at is None:
        plan.continue_planning(PATIENCE_SECONDS)
        campaign.refresh_from_db()


def clear() -> None:
    """So that each round finds the same."""
    tables = [model._meta.db_table for model in (Attempt, Event, Delivery, Batch)]
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in connection.ops.sql_flush(no_style(), tables, allow_cascade=True):
            cursor.execute(statement)
    Campaign.objects.all().delete()


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
