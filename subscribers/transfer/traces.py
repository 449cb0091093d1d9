"""What people have done, or what was done with them, so that undoing an import leaves them alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Exists, F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from subscribers.models import ConsentRecord, Import, Subscriber, Subscription

# Asks the database of a person, whose key is OuterRef("pk").
Condition = Callable[[], Exists]

ACTED, EDITED, LISTED = "acted", "edited", "listed"
_labels: dict[str, str | Promise] = {
    ACTED: _("They joined, left or changed their preferences since."),
    LISTED: _("Staff or another import have put them on a list or taken them off since."),
    EDITED: _("They were edited since."),
}
_conditions: dict[str, Condition] = {}
_OWN = (ConsentRecord.Source.PREFERENCES, ConsentRecord.Source.ONE_CLICK, ConsentRecord.Source.FORM)


@dataclass(frozen=True)
class Kept:
    person: int
    reason: str


def register(reason: str, label: str | Promise, condition: Condition) -> None:
    """From whatever knows more about people; when the application starts."""
    _labels[reason] = label
    _conditions[reason] = condition


def label(reason: str) -> str:
    return str(_labels.get(reason, reason))


def of_new(about: Import, people: Iterable[int]) -> dict[int, str]:
    """Why each of these people, whom the import added, is kept; whoever shows no trace is missing."""
    among = Subscriber.objects.filter(pk__among=list(people))
    kept = dict(consents(about, people))
    # Whatever the import gave them has the very moment at which it added them.
    changed = Subscription.objects.filter(subscriber__pk__among=list(people))
    changed = changed.exclude(created_at=F("subscriber__created_at"), status=given(about))
    for person, status in changed.values_list("subscriber_id", "status"):
        kept.setdefault(person, ACTED if status == Subscription.Status.ENDED else LISTED)
    for reason, condition in _conditions.items():
        for person in among.filter(condition()).values_list("pk", flat=True):
            kept.setdefault(person, reason)
    for person in among.exclude(updated_at=F("created_at")).values_list("pk", flat=True):
        kept.setdefault(person, EDITED)
    return kept


def consents(about: Import, people: Iterable[int], mailing_list: int | None = None) -> Iterable[tuple[int, str]]:
    """Who agreed or left since, also on behalf of another import, unless that one was undone too."""
    records = ConsentRecord.objects.filter(subscriber__pk__among=list(people), recorded_at__gte=about.started_at)
    if mailing_list is not None:
        records = records.filter(Q(mailing_list=mailing_list) | Q(mailing_list=None))
    undone = Import.objects.filter(status=Import.Status.UNDONE).values("pk")
    records = records.exclude(found_in=about.pk).exclude(found_in__in=undone, found_in__isnull=False)
    for person, source in records.order_by("pk").values_list("subscriber_id", "source"):
        assert person is not None
        yield person, ACTED if source in _OWN else LISTED


def given(about: Import) -> str:
    """The status of the subscriptions that the import made."""
    return Subscription.Status.PENDING if about.needs_confirmation else Subscription.Status.ACTIVE
