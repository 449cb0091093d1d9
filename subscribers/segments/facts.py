"""What is known about everybody: address, name, language, attributes, tags, lists, consent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _

from subscribers.models import Attribute, ConsentRecord, Import, MailingList, Subscriber, Subscription, Tag

from .conditions import Fact, register
from .operators import (
    Choices,
    among,
    answers,
    chosen,
    days,
    holds,
    moments,
    numbers,
    stored_as,
    texts,
    until_days,
    yes_or_no,
)

Kind = Attribute.Kind


@register
def about_the_person() -> Iterator[Fact]:
    group = _("Person")
    yield Fact("email", _("address"), group, texts(F("email")))
    yield Fact("domain", _("domain of the address"), group, texts(F("domain")))
    yield Fact("first_name", _("first name"), group, texts(F("first_name")))
    yield Fact("last_name", _("last name"), group, texts(F("last_name")))
    yield Fact("language", _("language"), group, chosen(F("language"), languages))
    yield Fact("time_zone", _("time zone"), group, chosen(F("time_zone"), time_zones))
    yield Fact("wants_digest", _("wants only digests"), group, answers("wants_digest"))
    yield Fact("may_track", _("may be counted by person"), group, answers("may_track", is_always_known=False))
    yield Fact("tag", _("tag"), group, among(_tagged, tags))
    yield Fact("added", _("added"), group, moments(lambda span: holds(F("created_at"), span)))


@register
def attributes() -> Iterator[Fact]:
    for attribute in Attribute.objects.all():
        yield Fact(f"attribute:{attribute.name}", str(attribute), _("Attributes"), _operators_of(attribute))


def _operators_of(attribute: Attribute) -> Any:
    value = KeyTextTransform(attribute.name, "attributes")
    is_stored = stored_as(attribute.name, attribute.kind)
    match attribute.kind:
        case Kind.NUMBER:
            return numbers(attribute.name, is_stored)
        case Kind.DATE:
            return days(value, is_stored)
        case Kind.BOOLEAN:
            return yes_or_no(attribute.name)
        case Kind.CHOICE:
            return chosen(value, lambda: [(text, text) for text in attribute.choices], is_stored)
    return texts(value, is_stored)


@register
def lists_and_consent() -> Iterator[Fact]:
    group, every = _("Lists and consent"), Subscription.objects.all()
    waiting, ended = (every.filter(status=status) for status in ("pending", "ended"))
    yield Fact("on_list", _("list they are on"), group, among(_on(every.active()), lists))
    yield Fact("waiting", _("list they have not confirmed"), group, among(_on(waiting), lists))
    yield Fact("left_list", _("list they left"), group, among(_on(ended), lists))
    yield Fact("joined", _("agreed to a list"), group, moments(_consented(ConsentRecord.Action.GRANTED)))
    yield Fact("left", _("left a list"), group, moments(_consented(ConsentRecord.Action.WITHDRAWN)))
    yield Fact("source", _("how they agreed"), group, among(_agreed(field="source"), sources))
    yield Fact("basis", _("kind of consent"), group, among(_agreed(field="basis"), bases))
    yield Fact("consent_expires", _("consent expires"), group, until_days(_expires))
    yield Fact("import", _("import they came with"), group, among(_agreed(field="found_in"), imports))


# What staff choose from.


def languages() -> Choices:
    known = dict(settings.LANGUAGES)
    spoken = Subscriber.objects.exclude(language="").order_by("language").values_list("language", flat=True).distinct()
    return [(code, str(name)) for code, name in known.items()] + [(code, code) for code in spoken if code not in known]


def time_zones() -> Choices:
    zones = Subscriber.objects.exclude(time_zone="").order_by("time_zone").values_list("time_zone", flat=True)
    return [(zone, zone) for zone in zones.distinct()]


def tags() -> Choices:
    return list(Tag.objects.values_list("pk", "name"))


def lists() -> Choices:
    return list(MailingList.objects.values_list("pk", "name"))


def imports() -> Choices:
    return list(Import.objects.filter(started_at__isnull=False).values_list("pk", "name"))


def sources() -> Choices:
    return [(value, str(label)) for value, label in ConsentRecord.Source.choices]


def bases() -> Choices:
    return [(value, str(label)) for value, label in ConsentRecord.Basis.choices]


# What it means to have one of them.


def _tagged(numbers: Sequence[int]) -> Q:
    # Numbers, not a join: it would tell people twice.
    return Q(Exists(Subscriber.tags.through.objects.filter(subscriber=OuterRef("pk"), tag__in=numbers)))


def _on(subscriptions: QuerySet[Subscription]) -> Callable[[Sequence[int]], Q]:
    mine = subscriptions.filter(subscriber=OuterRef("pk"))
    return lambda numbers: Q(Exists(mine.filter(mailing_list__in=numbers)))


def _consented(action: str) -> Callable[[Any], Q]:
    mine = ConsentRecord.objects.filter(subscriber=OuterRef("pk"), action=action).order_by()
    return lambda span: Q(Exists(mine.filter(holds(F("recorded_at"), span))))


def _agreed(*, field: str) -> Callable[[Sequence[Any]], Q]:
    mine = ConsentRecord.objects.filter(subscriber=OuterRef("pk"), action=ConsentRecord.Action.GRANTED).order_by()
    return lambda values: Q(Exists(mine.filter(**{f"{field}__in": values})))


def _expires(span: Any) -> Q:
    return Q(Exists(Subscription.objects.active().filter(holds(F("expires_at"), span), subscriber=OuterRef("pk"))))
