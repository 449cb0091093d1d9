"""What readers change on their preference page, beyond pauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from subscribers.models import ConsentRecord, MailingList, Subscriber

from . import flows
from .flows import Evidence

Action = ConsentRecord.Action


@dataclass(frozen=True)
class Wishes:
    """Only what is to be otherwise, so that of two pages that are open at once neither takes back what the other did.

    Of facts by the names of columns, of attributes by theirs; an attribute that is None goes.
    """

    joins: frozenset[int] = frozenset()
    leaves: frozenset[int] = frozenset()
    waits: frozenset[int] = frozenset()
    """Lists that were not confirmed yet before what is undone."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Changes:
    joined: list[MailingList] = field(default_factory=list)
    left: list[MailingList] = field(default_factory=list)
    facts: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.joined or self.left or self.facts or self.attributes)


@transaction.atomic
def grant(subscriber: Subscriber, wishes: Wishes, evidence: Evidence) -> Changes:
    """A subscription that waits for confirmation goes on waiting unless chosen."""
    # Locked, because attributes are one column.
    person = Subscriber.objects.select_for_update().filter(pk=subscriber.pk).first()
    if person is None:
        return Changes()
    changes = Changes(
        left=_leave(person, wishes, evidence),
        joined=flows.come_back(person, wishes.joins, evidence) if wishes.joins else [],
        facts=frozenset(name for name, value in wishes.facts.items() if getattr(person, name) != value),
        attributes=frozenset(
            name for name, value in wishes.attributes.items() if _attributes(person).get(name) != value
        ),
    )
    if "may_track" in changes.facts:
        record_tracking(person, wishes.facts["may_track"], evidence)
    _write(person, wishes, changes)
    return changes


def _leave(person: Subscriber, wishes: Wishes, evidence: Evidence) -> list[MailingList]:
    left = flows.unsubscribe(person, MailingList.objects.filter(pk__in=wishes.leaves), evidence)
    return [*left, *(flows.wait_again(person, wishes.waits, evidence) if wishes.waits else [])]


def record_tracking(subscriber: Subscriber, may_track: bool | None, evidence: Evidence) -> None:
    """Not to be told apart by person is a refusal in either way; its wording says whether sums are refused too."""
    ConsentRecord.objects.create(
        subscriber=subscriber,
        action=Action.TRACKING_GRANTED if may_track else Action.TRACKING_WITHDRAWN,
        source=evidence.source,
        statement=evidence.statement or _wording(may_track),
        language=evidence.language,
        network_address=evidence.network_address,
    )


def _wording(may_track: bool | None) -> str:
    if may_track is None:
        return _("Openings and clicks may be counted in sums only.")
    if may_track:
        return _("Openings and clicks may be counted by person.")
    return _("Openings and clicks may not be counted at all.")


def _write(person: Subscriber, wishes: Wishes, changes: Changes) -> None:
    columns = set(changes.facts)
    for name in changes.facts:
        setattr(person, name, wishes.facts[name])
    if changes.attributes:
        changed = {name: wishes.attributes[name] for name in changes.attributes}
        facts = {**_attributes(person), **changed}
        person.attributes = {name: value for name, value in facts.items() if value is not None}
        columns.add("attributes")
    if columns:
        person.save(update_fields=[*columns, "updated_at"])


def _attributes(person: Subscriber) -> dict[str, Any]:
    return person.attributes if isinstance(person.attributes, dict) else {}
