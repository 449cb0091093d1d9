"""Finds people by any part of their address, name or attributes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from subscribers import readable
from subscribers.models import SearchText, Subscriber

AT_ONCE: Final = 2_000
LONGEST: Final = 2_000
MOST_WORDS: Final = 6
# Who was changed in a transaction that has not ended yet is seen late, with an earlier time.
OVERLAP: Final = timedelta(minutes=2)


def matching(found: QuerySet[Subscriber], phrase: str) -> QuerySet[Subscriber]:
    """Those in whom each word of it occurs, written with or without accents and capitals."""
    words = folded(phrase).split()[:MOST_WORDS]
    if not words:
        return found
    texts = SearchText.objects.filter(*(Q(text__contains=word) for word in words))
    unwritten = Subscriber.objects.filter(_unwritten(words)).order_by().values_list("pk", flat=True)
    numbers = list(unwritten[:AT_ONCE])
    few = list(texts.values_list("pk", flat=True)[: AT_ONCE + 1])
    if len(few) <= AT_ONCE:
        return found.filter(pk__in={*few, *numbers})
    # So many that the newest of them are met soon.
    written = Exists(texts.filter(pk=OuterRef("pk")))
    return found.filter(written | Q(pk__in=numbers) if numbers else written)


def everybody_matching(found: QuerySet[Subscriber], phrase: str) -> QuerySet[Subscriber]:
    """The same people as a condition of one query, for work that goes through all of them."""
    words = folded(phrase).split()[:MOST_WORDS]
    texts = SearchText.objects.filter(*(Q(text__contains=word) for word in words), pk=OuterRef("pk"))
    return found.filter(Exists(texts) | _unwritten(words)) if words else found


def folded(text: str) -> str:
    """``Chloé`` and ``CHLOE`` are the same."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).replace("\0", "")


def text_of(person: Subscriber) -> str:
    facts = person.attributes.values() if isinstance(person.attributes, dict) else ()
    texts = (str(fact) for fact in facts if isinstance(fact, str | int | float) and not isinstance(fact, bool))
    return folded(" ".join((_spellings(person.email), person.first_name, person.last_name, *texts)))[:LONGEST]


def _spellings(email: str) -> str:
    shown = readable.address(email)
    return email if shown == email else f"{email} {shown}"


def catch_up(*, seconds: float) -> bool:
    """Write the texts of whoever was changed since; whether more is left to do. Two workers at once do no harm."""
    end = monotonic() + seconds
    # Those that are passed over cost next to nothing, and a turn that only found its place again would never end.
    for numbers in filter(None, _stale(_newest_text())):
        _write(Subscriber.objects.filter(pk__in=numbers))
        if monotonic() > end:
            return True
    return False


def write_anew(people: QuerySet[Subscriber]) -> None:
    """For whoever gives people back the time of an earlier change, which `catch_up` has passed."""
    _write(people)


def is_behind() -> bool:
    newest = Subscriber.objects.aggregate(at=Max("updated_at"))["at"]
    written = _newest_text()
    return newest is not None and (written is None or written < newest)


def _newest_text() -> datetime | None:
    at: datetime | None = SearchText.objects.aggregate(at=Max("updated_at"))["at"]
    return at


def _unwritten(words: list[str]) -> Q:
    """Of the last few seconds or of an import that goes on: by address and name only."""
    newest = _newest_text()
    recent = Q(updated_at__gt=newest) if newest else Q()
    for word in words:
        recent &= Q(email__contains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word)
    return recent


def _stale(since: datetime | None) -> Iterator[list[int]]:
    """In the order of their change, so that whoever goes on knows where."""
    people = Subscriber.objects.order_by("updated_at", "pk")
    rows = people.values_list("updated_at", "pk", "search_text__updated_at")
    page = rows.filter(updated_at__gte=since - OVERLAP) if since else rows
    while found := list(page[:AT_ONCE]):
        yield [number for at, number, written in found if written != at]
        at, number, _written = found[-1]
        page = rows.filter(Q(updated_at__gt=at) | Q(updated_at=at, pk__gt=number), updated_at__gte=at)


def _write(people: Iterable[Subscriber]) -> None:
    texts = [SearchText(subscriber=person, text=text_of(person), updated_at=person.updated_at) for person in people]
    try:
        with transaction.atomic():
            SearchText.objects.bulk_create(
                texts, update_conflicts=True, unique_fields=["subscriber"], update_fields=["text", "updated_at"]
            )
    except IntegrityError:
        # Somebody was deleted meanwhile: the rest is written next time.
        return
