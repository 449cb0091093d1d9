"""What a pass over a file goes by: its columns, lists, tags and attributes as they stand in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from subscribers.models import Attribute, Import, MailingList, Tag
from subscribers.transfer import headings
from subscribers.transfer.blocks import Columns
from subscribers.transfer.candidates import Candidate, Judge
from subscribers.transfer.matching import Matcher
from subscribers.transfer.names import lists_by_name
from subscribers.transfer.reading import Row
from subscribers.transfer.sieve import Sieve
from subscribers.transfer.values import Habits, Read, reader

# The rows at the beginning that show how whoever made the file writes dates and numbers.
LOOKED_AT: Final = 2_000

Kind = Attribute.Kind


def sieve(started: Import, first: Sequence[Row]) -> Sieve:
    """Raises FileRefused."""
    reads, width = _reads(started, first), len(started.columns)
    judge = Judge(started.mapping, width, reads=reads, lists=lists_by_name(MailingList.objects.all()))
    return Sieve(judge, Columns(started.mapping, width, reads))


def matcher(started: Import) -> Matcher:
    """For a run, after `create`: then everything that it names exists."""
    chosen = list(started.mailing_lists.order_by("id"))
    nameable = MailingList.objects.all() if headings.LISTS in started.mapping.values() else chosen
    return Matcher(
        started,
        {each.pk: each for each in nameable},
        lists=[each.pk for each in chosen],
        tags=started.tags.order_by("id").values_list("pk", flat=True),
    )


def create_attributes(started: Import) -> None:
    """Those that the import brings: as staff described them, or as text."""
    known = set(Attribute.objects.values_list("name", flat=True))
    fresh = [_described(started, name) for name in _attributes(started) if name not in known]
    # A colleague may be describing the same one.
    Attribute.objects.bulk_create(fresh, ignore_conflicts=True)


def name_tags(matcher: Matcher, candidates: Iterable[Candidate], *, creates: bool) -> None:
    """Let the matcher know the tags that rows name."""
    named = {name for candidate in candidates for name in candidate.tags} - matcher.tag_numbers.keys()
    if not named:
        return
    if creates:
        Tag.objects.bulk_create([Tag(name=name) for name in sorted(named)], ignore_conflicts=True)
    matcher.tag_numbers.update(Tag.objects.filter(name__in=named).values_list("name", "pk"))


def _attributes(started: Import) -> list[str]:
    targets = (target.partition(":") for target in started.mapping.values())
    return sorted({name for kind, _colon, name in targets if kind == headings.ATTRIBUTE})


def _described(started: Import, name: str) -> Attribute:
    facts = started.attributes.get(name, {})
    return Attribute(
        name=name,
        label=facts.get("label", ""),
        kind=facts.get("kind", Kind.TEXT),
        choices=facts.get("choices", []),
    )


def _reads(started: Import, first: Sequence[Row]) -> dict[str, Read]:
    """Of the attributes that are not text."""
    columns = {target: int(at) for at, target in started.mapping.items()}
    known = {each.name: each for each in Attribute.objects.filter(name__in=_attributes(started))}
    reads = {}
    for name in _attributes(started):
        attribute = known.get(name) or _described(started, name)
        if attribute.kind != Kind.TEXT:
            at = columns[f"{headings.ATTRIBUTE}:{name}"]
            habits = Habits.evident_in(row.cells[at] for row in first if at < len(row.cells))
            reads[name] = reader(attribute.kind, attribute.choices, habits)
    return reads
