"""The columns about people, their attributes, tags, lists and consent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, Final

from django.utils.translation import gettext as _

from subscribers.models import Attribute, ConsentRecord, MailingList, Subscriber, Subscription, Tag
from subscribers.models.suppression import suppressed
from subscribers.transfer import headings
from subscribers.transfer.columns import Ask, Column, Selection, Value, Values, register
from subscribers.transfer.mapping import REMARK, heading_of
from subscribers.transfer.names import joined, nameable

Kind = Attribute.Kind
ATTRIBUTE: Final = headings.ATTRIBUTE


def about_people(_selection: Selection) -> Iterator[Column]:
    usual = {
        headings.EMAIL: _("Address"),
        headings.FIRST_NAME: _("First name"),
        headings.LAST_NAME: _("Last name"),
        headings.LANGUAGE: _("Language"),
        headings.TIME_ZONE: _("Time zone"),
    }
    for name, label in usual.items():
        yield Column(name, label, name, _field(name), is_usual=True)
    yield Column("lists", _("Lists"), "lists", _lists, is_usual=True)
    yield Column("tags", _("Tags"), "tags", _tags, is_usual=True)


def about_attributes(_selection: Selection) -> Iterator[Column]:
    for attribute in Attribute.objects.all():
        heading = heading_of(attribute.name)
        yield Column(
            f"{ATTRIBUTE}:{attribute.name}", str(attribute), heading, _attribute(attribute.name), is_usual=True
        )


def about_records(_selection: Selection) -> Iterator[Column]:
    yield Column("created_at", _("Added"), f"{REMARK}added", _field("created_at"))
    yield Column("updated_at", _("Changed"), f"{REMARK}changed", _field("updated_at"))
    yield Column("wants_digest", _("Wants only digests"), f"{REMARK}digest", _field("wants_digest"))
    yield Column("may_track", _("May be counted by person"), f"{REMARK}tracking", _field("may_track"))
    yield Column("suppressed", _("Suppressed, gets no mail"), f"{REMARK}suppressed", _suppressed)


def about_lists(_selection: Selection) -> Iterator[Column]:
    for page in MailingList.objects.all():
        yield from _about_list(page)


def _about_list(page: MailingList) -> Iterator[Column]:
    words = {"list": page.name}
    subscriptions = Subscription.objects.filter(mailing_list=page)
    agreed = ConsentRecord.objects.filter(mailing_list=page, action=ConsentRecord.Action.GRANTED).order_by("pk")
    told: list[tuple[str, str, Ask]] = [
        ("status", _("%(list)s: status") % words, _last(subscriptions, "status")),
        ("since", _("%(list)s: since") % words, _last(subscriptions, "created_at")),
        ("left", _("%(list)s: left at") % words, _last(subscriptions, "ended_at")),
        ("consent", _("%(list)s: where the consent comes from") % words, _last(agreed, "statement")),
        ("agreed", _("%(list)s: when agreed") % words, _last(agreed, "recorded_at")),
    ]
    for what, label, values in told:
        yield Column(f"list:{page.pk}:{what}", label, f"{REMARK}{page.name}: {what}", values)


def _field(name: str) -> Ask:
    read: Callable[[Subscriber], Value] = attrgetter(name)
    return lambda people: {person.pk: read(person) for person in people}


def _attribute(name: str) -> Ask:
    return lambda people: {person.pk: _typed(person.attributes.get(name)) for person in people}


def _typed(fact: Any) -> Value:
    """Days become days; what no form of ours has written is told as text."""
    if isinstance(fact, str):
        return _day(fact)
    return fact if fact is None or isinstance(fact, bool | int | float) else str(fact)


def _day(text: str) -> Value:
    if len(text) != len("2026-05-03"):
        return text
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return text
    return found if found.isoformat() == text else text


def _last(rows: Any, field: str) -> Ask:
    """Of each person's rows, in the order of the query."""

    def ask(people: Sequence[Subscriber]) -> Values:
        return dict(rows.filter(subscriber__in=people).values_list("subscriber_id", field))

    return ask


def _lists(people: Sequence[Subscriber]) -> Values:
    words = nameable(MailingList.objects.all())
    active = Subscription.objects.active().filter(subscriber__in=people).order_by("mailing_list")
    return _gathered(
        (person, words[page])
        for person, page in active.values_list("subscriber_id", "mailing_list_id")
        if page in words
    )


def _tags(people: Sequence[Subscriber]) -> Values:
    names = dict(Tag.objects.values_list("pk", "name"))
    tagged = Subscriber.tags.through.objects.filter(subscriber__in=people).order_by("tag")
    pairs = tagged.values_list("subscriber_id", "tag_id")
    return _gathered((person, names[tag]) for person, tag in pairs if tag in names)


def _gathered(pairs: Iterable[tuple[int, str]]) -> Values:
    found: dict[int, list[str]] = {}
    for person, name in pairs:
        found.setdefault(person, []).append(name)
    return {person: joined(names) for person, names in found.items()}


def _suppressed(people: Sequence[Subscriber]) -> Values:
    numbers = [person.pk for person in people]
    return dict.fromkeys(Subscriber.objects.filter(suppressed(), pk__in=numbers).values_list("pk", flat=True), True)


for _offer in (about_people, about_attributes, about_records, about_lists):
    register(_offer)
