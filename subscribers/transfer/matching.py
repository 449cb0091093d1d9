"""Holds candidates against the people we know: who is new, who changes, who must be left alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from subscribers.models import Import, ImportIssue, MailingList, Subscriber, Subscription, Suppression
from subscribers.transfer.blocks import Block
from subscribers.transfer.candidates import Candidate, Flaw
from subscribers.transfer.sameness import compare
from subscribers.transfer.spelled import DETAILS
from subscribers.transfer.stops import Stopped, Stops, stopped_domains

Existing = Import.Existing
Outcome = Import.Outcome
Reason = ImportIssue.Reason
Status = Subscription.Status

_NOTHING: Final[Mapping[str, list[Any]]] = MappingProxyType({})
_NO_TAGS: Final[frozenset[int]] = frozenset()


NEVER, FOR_GOOD = (moment.replace(tzinfo=UTC) for moment in (datetime.min, datetime.max))
LINK: Final = ("pk", "mailing_list_id", "status", "ended_at", "expires_at")


class Known(NamedTuple):
    """A person as the database has them."""

    key: int
    email: str
    first_name: str
    last_name: str
    language: str
    time_zone: str
    attributes: dict[str, Any]
    updated_at: datetime


class Link(NamedTuple):
    """A subscription of theirs, by the columns of LINK."""

    key: int
    mailing_list: int
    status: str
    ended_at: datetime | None
    expires_at: datetime | None

    @property
    def has_lapsed(self) -> bool:
        """Who left, before it was over or since, did so of their own accord."""
        is_over = self.status == Status.ENDED and self.ended_at is not None and self.expires_at is not None
        return is_over and self.ended_at >= self.expires_at  # type: ignore[operator]


def _nothing() -> Mapping[str, list[Any]]:
    """One for all: hardly anybody changes."""
    return _NOTHING


@dataclass(slots=True)
class Match:
    """What the import means to do about one candidate."""

    candidate: Candidate
    known: Known | None
    outcome: Outcome
    joins: Sequence[int] = ()
    """Lists the person is not on yet."""
    confirms: Sequence[Link] = ()
    """Subscriptions that waited for a confirmation, for which the import states the consent."""
    renews: Sequence[Link] = ()
    """Those whose consent was only implied, and holds longer by what the import states."""
    tags: Sequence[int] = ()
    """Those that the person does not have yet."""
    details: Mapping[str, list[str]] = field(default_factory=_nothing)
    """What changes of somebody known: [before, after] by name."""
    attributes: Mapping[str, list[Any]] = field(default_factory=_nothing)
    flaws: Sequence[Flaw] = ()

    @property
    def is_written(self) -> bool:
        return self.outcome in (Outcome.NEW, Outcome.UPDATED)

    def fields(self) -> dict[str, list[Any]]:
        """[before, after] by name, attributes as ``attribute:name``."""
        return {**self.details} | {f"attribute:{name}": pair for name, pair in self.attributes.items()}

    @property
    def language(self) -> str:
        stated = self.candidate.details.get("language", "")
        if self.known is None:
            return stated
        return self.details["language"][1] if "language" in self.details else self.known.language


@dataclass(slots=True)
class Divided:
    fresh: Block
    """New people, for whom the lists and tags of the import are all there is to know."""
    unchanged: int = 0
    others: list[Candidate] = field(default_factory=list)


class Matcher:
    def __init__(
        self,
        started: Import,
        mailing_lists: Mapping[int, MailingList],
        *,
        lists: Iterable[int] = (),
        tags: Iterable[int] = (),
    ) -> None:
        """`lists` and `tags` are for everybody; `mailing_lists` holds also those that rows may name."""
        self._existing = started.existing
        self._states_consent = not started.needs_confirmation
        self._until = (started.consent_expires_at or FOR_GOOD) if self._states_consent else NEVER
        self._names = mailing_lists
        self.lists = tuple(lists)
        self.tags = tuple(tags)
        self.tag_numbers: dict[str, int] = {}
        """Of the tags that rows name, as far as they exist."""

    def divide(self, block: Block, *, all_new: bool = False) -> Divided:
        """Most are new, or stay as they are; only the others have to be looked at.

        `all_new`: to be believed without asking, since a mistake will be noticed when they are written.
        """
        stopped = stopped_domains(set(block.domains))
        if all_new and not stopped:
            return Divided(block)
        fresh, others = compare(block, self.lists, until=self._until, all_change=bool(self.tags))
        if stopped:
            others.update(at for at, domain in enumerate(block.domains) if domain in stopped)
            fresh = [at for at in fresh if at not in others]
        unchanged = len(block) - len(fresh) - len(others)
        return Divided(
            block if len(fresh) == len(block) else block.take(fresh), unchanged, block.candidates(sorted(others))
        )

    def match(self, candidates: Sequence[Candidate]) -> list[Match]:
        """A handful of queries, however many candidates there are."""
        if not candidates:
            return []
        known = _known(candidates)
        prints = (candidate.fingerprint for candidate in candidates)
        stopped = Stopped.among(prints, {candidate.domain for candidate in candidates})
        keys = [person.key for person in known.values()]
        links = _links(keys, self._names)
        tagged = _tagged(keys) if self.tags or any(candidate.tags for candidate in candidates) else {}
        matches = []
        for candidate in candidates:
            person = known.get(candidate.email)
            stops = stopped.of(candidate.fingerprint, candidate.domain)
            if None in stops:
                matches.append(_suppressed(candidate, person, stops[None]))
            elif person is None:
                matches.append(self._match(candidate, None, {}, stops, _NO_TAGS))
            else:
                own = links.get(person.key, {})
                matches.append(self._match(candidate, person, own, stops, tagged.get(person.key, _NO_TAGS)))
        return matches

    def _match(
        self,
        candidate: Candidate,
        person: Known | None,
        own: dict[int, Link],
        stops: Stops,
        tagged: frozenset[int],
    ) -> Match:
        match = Match(candidate, person, Outcome.UNCHANGED, flaws=candidate.flaws)
        wanted = tuple(dict.fromkeys((*self.lists, *sorted(candidate.lists)))) if candidate.lists else self.lists
        if own or stops:
            renewed = {number for number in wanted if number not in stops and _is_renewed(own.get(number), self._until)}
            left = [
                number for number in wanted if number in stops or (_has_left(own.get(number)) and number not in renewed)
            ]
            if left:
                match.flaws = [*self._why_not(own, left), *candidate.flaws]
                if len(left) == len(wanted):
                    match.outcome = Outcome.LEFT
                    return match
            match.joins = [number for number in wanted if number not in left and number not in own]
            match.confirms = [
                own[number]
                for number in wanted
                if self._states_consent and _waits(own.get(number)) and number not in stops
            ]
            match.renews = [own[number] for number in wanted if number in renewed]
        else:
            match.joins = wanted
        match.tags = self._missing_tags(candidate, tagged)
        if person is None:
            match.outcome = Outcome.NEW
        elif self._compare(match, person) or match.joins or match.confirms or match.renews or match.tags:
            match.outcome = Outcome.UPDATED
        return match

    def _why_not(self, own: Mapping[int, Link], left: Iterable[int]) -> Iterator[Flaw]:
        names: dict[bool, list[str]] = {}
        for number in left:
            link = own.get(number)
            names.setdefault(link is not None and link.has_lapsed, []).append(self._names[number].name)
        for has_lapsed, lists in sorted(names.items()):
            yield _lapsed(lists) if has_lapsed else _left(lists)

    def _missing_tags(self, candidate: Candidate, tagged: frozenset[int]) -> Sequence[int]:
        if not candidate.tags:
            return self.tags if not tagged else [number for number in self.tags if number not in tagged]
        # In a dry run a tag that nobody has does not exist yet.
        named = (self.tag_numbers.get(name, 0) for name in candidate.tags)
        return [number for number in dict.fromkeys((*self.tags, *named)) if number not in tagged]

    def _compare(self, match: Match, person: Known) -> bool:
        """Note what the row states otherwise, as far as staff want that; whether anything does."""
        if self._existing == Existing.LEAVE:
            return False
        overwrite = self._existing == Existing.OVERWRITE
        details, attributes = {}, {}
        for name, value in match.candidate.details.items():
            held = getattr(person, name)
            if held != value and (overwrite or not held):
                details[name] = [held, value]
        for name, stated in match.candidate.attributes.items():
            had = person.attributes.get(name)
            if (had != stated or type(had) is not type(stated)) and (overwrite or had in (None, "")):
                attributes[name] = [had, stated]
        match.details, match.attributes = details, attributes
        return bool(details or attributes)


def _known(candidates: Sequence[Candidate]) -> dict[str, Known]:
    people = Subscriber.objects.filter(email__among=(candidate.email for candidate in candidates))
    rows = people.order_by().values_list("pk", "email", *DETAILS, "attributes", "updated_at")
    return {row[1]: Known(*row) for row in rows.iterator(chunk_size=2000)}


def _links(people: Sequence[int], lists: Iterable[int]) -> dict[int, dict[int, Link]]:
    links: dict[int, dict[int, Link]] = {}
    if not people:
        return links
    found = Subscription.objects.filter(subscriber__pk__among=people, mailing_list__in=list(lists))
    for person, *link in found.values_list("subscriber_id", *LINK):
        links.setdefault(person, {})[link[1]] = Link(*link)
    return links


def _tagged(people: Sequence[int]) -> dict[int, frozenset[int]]:
    tagged: dict[int, set[int]] = {}
    found = Subscriber.tags.through.objects.filter(subscriber__pk__among=people)
    for person, tag in found.values_list("subscriber_id", "tag_id"):
        tagged.setdefault(person, set()).add(tag)
    return {person: frozenset(tags) for person, tags in tagged.items()}


def _has_left(link: Link | None) -> bool:
    return link is not None and link.status == Status.ENDED


def _is_renewed(link: Link | None, until: datetime) -> bool:
    """Whether consent that was only implied, over or not, holds longer by a new one."""
    if link is None or link.expires_at is None or not (link.status == Status.ACTIVE or link.has_lapsed):
        return False
    return link.expires_at < until


def _waits(link: Link | None) -> bool:
    return link is not None and link.status == Status.PENDING


def _suppressed(candidate: Candidate, person: Known | None, stop: Suppression) -> Match:
    words = _("This address gets no mail (%(reason)s, since %(date)s).")
    message = words % {"reason": stop.get_reason_display(), "date": date_format(stop.created_at, "SHORT_DATE_FORMAT")}
    return Match(candidate, person, Outcome.SUPPRESSED, flaws=(Flaw(Reason.SUPPRESSED, message),))


def _left(names: Sequence[str]) -> Flaw:
    return Flaw(Reason.LEFT, _("Left %(lists)s before and is not put back.") % {"lists": ", ".join(names)})


def _lapsed(names: Sequence[str]) -> Flaw:
    words = _("The implied consent for %(lists)s has expired, and this import states no new one.")
    return Flaw(Reason.LEFT, words % {"lists": ", ".join(names)})
