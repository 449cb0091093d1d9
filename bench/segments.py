"""How long it takes to count the people of typical segments."""

from __future__ import annotations

import time
from typing import Any

from django.db import connection

from bench import scenery
from bench.crowd import LIST
from bench.parts.plan import ALL_DAY
from campaigns.models import Campaign, Edition, Link
from subscribers.models import Attribute, MailingList, Tag
from subscribers.segments import rules
from subscribers.segments.patience import at_most

# By number, so that each run finds the same people, and every fact of about as many as in a real list.
FURNITURE = (
    """
    UPDATE subscribers_subscriber SET
        language = (ARRAY['de', 'en', 'fr', 'ar', ''])[1 + id % 5],
        created_at = now() - id % 1000 * interval '1 day',
        attributes = attributes || jsonb_build_object(
            'age', 18 + id % 60, 'birthday', (date '1950-01-01' + (id % 20000)::int)::text, 'customer', id % 7 = 0
        )
    """,
    """
    INSERT INTO subscribers_subscription (subscriber_id, mailing_list_id, status, created_at)
    SELECT id, %(offers)s, CASE WHEN id %% 5 = 0 THEN 'ended' ELSE 'active' END, created_at
    FROM subscribers_subscriber WHERE id %% 3 = 0
    """,
    """
    INSERT INTO subscribers_consentrecord
        (subscriber_id, mailing_list_id, action, source, statement, language, basis, recorded_at)
    SELECT subscriber_id, mailing_list_id, 'granted', 'import', 'At the fair', '', 'express', created_at
    FROM subscribers_subscription
    """,
    """
    INSERT INTO subscribers_subscriber_tags (subscriber_id, tag_id)
    SELECT id, %(tag)s FROM subscribers_subscriber WHERE id %% 20 = 0
    """,
    """
    UPDATE campaigns_delivery SET status = 'sent', finished_at = now() - id %% 90 * interval '1 day'
    """,
    """
    INSERT INTO campaigns_event (delivery_id, kind, link, happened_at)
    SELECT id, 'clicked', 1, finished_at + interval '1 hour' FROM campaigns_delivery WHERE subscriber_id %% 12 = 0
    """,
)


def furnish() -> dict[str, float]:
    """More to know about everybody on the list."""
    campaign = scenery.planned_campaign()
    offers = MailingList.objects.create(label="offers", name="Offers")
    tag = Tag.objects.create(name="vip")
    for name, kind in (
        ("company", "text"),
        ("town", "text"),
        ("age", "number"),
        ("birthday", "date"),
        ("customer", "boolean"),
    ):
        Attribute.objects.create(name=name, kind=kind)
    Link.objects.get_or_create(edition=Edition.objects.get(campaign=campaign), number=1)
    with connection.cursor() as cursor:
        for statement in FURNITURE:
            names = {"offers": offers.pk, "tag": tag.pk} if "%(" in statement else None
            cursor.execute(statement if names else statement.replace("%%", "%"), names)
        # As large as it would be if everybody had been written like this at once.
        cursor.execute("VACUUM FULL subscribers_subscriber")
        cursor.execute("VACUUM ANALYZE")
    return {}


def typical() -> dict[str, Any]:
    news, offers = MailingList.objects.get(label=LIST).pk, MailingList.objects.get(label="offers").pk
    campaign = Campaign.objects.get().pk

    def asked(fact: str, comparison: str, value: Any = None) -> dict[str, Any]:
        return {"fact": fact, "is": comparison} | ({} if value is None else {"value": value})

    is_german = asked("language", "one_of", ["de"])
    return {
        "read German, on a list": {"all": [is_german, asked("on_list", "one_of", [news])]},
        "on one list, not on another": {
            "all": [asked("on_list", "one_of", [news]), asked("on_list", "none_of", [offers])]
        },
        "agreed in the last 30 days": {"all": [is_german, asked("joined", "last_days", 30)]},
        "attributes": {
            "all": [
                asked("attribute:age", "between", [30, 50]),
                asked("attribute:town", "is", "Porto"),
                {"any": [asked("attribute:customer", "yes"), asked("attribute:company", "contains", "sons 9")]},
            ]
        },
        "tagged, or at a domain": {
            "any": [asked("tag", "one_of", [Tag.objects.get().pk]), asked("domain", "is", "example.com")]
        },
        "sent a campaign, never clicked": {
            "all": [asked("sent_campaign", "one_of", [campaign]), asked("clicked", "never")]
        },
        "clicked in the last 30 days, left nothing": {
            "all": [asked("clicked", "last_days", 30), {"none": [asked("left_list", "one_of", [offers])]}]
        },
    }


def count() -> dict[str, Any]:
    """Seconds and people of each."""
    found = {}
    for name, tree in typical().items():
        started = time.perf_counter()
        with at_most(ALL_DAY):
            people = rules.people(tree).count()
        found[name] = (time.perf_counter() - started, people)
    return {"segments": found}
