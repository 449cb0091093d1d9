"""Writes matched people, their subscriptions and the proof of consent, in a handful of statements."""

from __future__ import annotations

from collections.abc import Sequence

from subscribers.models import ConsentRecord, Import, Subscriber, Subscription
from subscribers.transfer.matching import Match

_DETAILS = ["first_name", "last_name", "language", "time_zone", "attributes", "updated_at"]


def write(matches: Sequence[Match], *, statement: str) -> None:
    """Call it within a transaction. People who are on every list and change nothing cost nothing."""
    written = [match for match in matches if match.is_written]
    _save_people(written)
    _save_subscriptions(written, statement)


def _save_people(matches: Sequence[Match]) -> None:
    # Somebody who signs up at this very moment keeps what they told us; the harmless update makes the
    # database return their key as well.
    Subscriber.objects.bulk_create(
        [match.person for match in matches if match.outcome == Import.Outcome.NEW],
        update_conflicts=True,
        unique_fields=["email"],
        update_fields=["fingerprint"],
    )
    Subscriber.objects.bulk_create(
        [match.person for match in matches if match.outcome == Import.Outcome.UPDATED],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=_DETAILS,
    )


def _save_subscriptions(matches: Sequence[Match], statement: str) -> None:
    active = Subscription.Status.ACTIVE
    # Whoever joined or left a list at this very moment knows better: an existing row stays as it is.
    Subscription.objects.bulk_create(
        [
            Subscription(subscriber=match.person, mailing_list=page, status=active)
            for match in matches
            for page in match.joins
        ],
        ignore_conflicts=True,
    )
    confirmed = [link.pk for match in matches for link in match.confirms]
    if confirmed:
        Subscription.objects.filter(pk__in=confirmed, status=Subscription.Status.PENDING).update(status=active)
    ConsentRecord.objects.bulk_create(
        [
            ConsentRecord(
                subscriber_id=match.person.pk,
                mailing_list_id=page,
                action=ConsentRecord.Action.GRANTED,
                source=ConsentRecord.Source.IMPORT,
                statement=statement,
                language=match.person.language,
            )
            for match in matches
            for page in [*(page.pk for page in match.joins), *(link.mailing_list_id for link in match.confirms)]
        ]
    )
