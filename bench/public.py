"""A campaign that everybody got, and the links in its mails."""

from __future__ import annotations

from datetime import timedelta

from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

from bench import scenery
from bench.ledger import database_seconds
from campaigns.models import Delivery, Event, Hits
from campaigns.signing import Seal
from subscribers.models import ConsentRecord, Subscriber, Subscription


def furnish(people: int) -> dict[str, list[str]]:
    """The tokens of the mails, by what they open."""
    campaign = scenery.planned_campaign()
    campaign.deliveries.update(status=Delivery.Status.SENT, finished_at=timezone.now() - timedelta(hours=1))
    # Of whom a row is written for each, which costs the most.
    Subscriber.objects.update(may_track=True)
    seal = Seal(campaign.editions.get().pk)
    mails = campaign.deliveries.order_by("pk").values_list("pk", flat=True)[:people]
    tokens = [seal.tokens_of(number, by_person=True, has_web_version=False) for number in mails]
    return {
        "unsubscribe": [each.unsubscribe.decode() for each in tokens],
        "click": [each.clicks.decode() for each in tokens],
    }


def database() -> dict[str, float]:
    """What its server has used so far."""
    return {"cpu": database_seconds()}


def put_back(people: int) -> dict[str, int]:
    """Everybody is on the list, and nothing was counted."""
    tables = [model._meta.db_table for model in (Event, Hits, ConsentRecord)]
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in connection.ops.sql_flush(no_style(), tables):
            cursor.execute(statement)
    Subscription.objects.filter(status=Subscription.Status.ENDED).update(
        status=Subscription.Status.ACTIVE, ended_at=None
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {"people": people}
