"""A report, made from its numbers: those that the database has just counted, or that were kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from django.utils import timezone

from campaigns.models import Campaign, Event, Link
from campaigns.reports import Ledger
from subscribers.models import LeavingReason, MailingList

from .counting import OTHERS, Numbers
from .moments import Moment, moments, things_by_hour
from .reach import NONE, Reach, Span, reach, reaches

# In the words of those who left, the newest first.
WORDS: Final = 50


@dataclass(frozen=True)
class Group:
    """The mails of one language, or to one domain; named by a code, a domain, or nothing."""

    name: str
    reach: Reach


@dataclass(frozen=True)
class ClickedLink:
    """`people` followed it; `hits` are sums without persons."""

    language: str
    number: int
    url: str
    repaired_url: str
    people: Span
    hits: Span


@dataclass
class Report:
    """`as_of` is None if it was counted just now."""

    campaign: Campaign
    numbers: Numbers
    as_of: datetime | None = None

    @property
    def counts_people(self) -> bool:
        """Those who agreed to it."""
        return self.campaign.tracking == MailingList.Tracking.PERSON

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(**self.numbers["ledger"])

    @cached_property
    def reach(self) -> Reach:
        mails = [(status, number) for _edition, status, number in self.numbers["mails"]]
        return reach(mails, [(kind, suspect, number) for _of, kind, suspect, number in self.numbers["events"]])

    @cached_property
    def openings(self) -> Span:
        """By nobody in particular."""
        return self._hits(lambda link: link == 0)

    @cached_property
    def clicks(self) -> Span:
        return self._hits(lambda link: link > 0)

    @cached_property
    def languages(self) -> list[Group]:
        """Most mails first."""
        return self._groups("mails", "events", self._languages)

    @cached_property
    def domains(self) -> list[Group]:
        """Most mails first; all others last."""
        found = self._groups("domains", "domain_events", {})
        return sorted(found, key=lambda group: group.name == OTHERS)

    @cached_property
    def links(self) -> list[ClickedLink]:
        """Most followed first. A link that nobody followed is there too."""
        people, hits = self._by_link("clicks"), self._by_link("hits")
        found = [
            ClickedLink(
                self._languages.get(link.edition_id, ""),
                link.number,
                link.url,
                link.repaired_url,
                people[link.edition_id, link.number],
                hits[link.edition_id, link.number],
            )
            for link in Link.objects.filter(edition__campaign=self.campaign)
        ]
        return sorted(found, key=lambda one: (-one.people.most, -one.hits.most, one.language, one.number))

    @cached_property
    def moments(self) -> list[Moment]:
        began_at = self.campaign.leaves_at or self.campaign.started_at or timezone.now()
        return moments(things_by_hour(self.numbers), began_at)

    @cached_property
    def causes(self) -> list[tuple[str, str, int | None, int]]:
        """As `reports.causes`, the most frequent first."""
        return sorted((tuple(row) for row in self.numbers["causes"]), key=lambda row: -row[3])

    @property
    def bounces(self) -> list[tuple[str, int]]:
        """What came back, by the status code of the server, if it gave one; the most frequent first."""
        return [(code, mails) for code, mails in self.numbers["bounces"]]

    @cached_property
    def left(self) -> list[tuple[LeavingReason | None, int]]:
        """Who unsubscribed by this mail, by the reason that they gave, if any; the most frequent first."""
        people = Counter(dict(map(tuple, self.numbers["left"])))
        known = LeavingReason.objects.in_bulk([number for number in people if number])
        return [(known.get(number), count) for number, count in people.most_common()]

    @property
    def agreed(self) -> int:
        """To how many people who let themselves be counted it was sent; of others there are sums only."""
        return int(self.numbers["agreed"])

    def words(self) -> list[str]:
        left = Event.objects.filter(delivery__campaign=self.campaign, kind=Event.Kind.UNSUBSCRIBED).exclude(words="")
        return list(left.order_by("-happened_at").values_list("words", flat=True)[:WORDS])

    @cached_property
    def _languages(self) -> dict[int, str]:
        return dict(self.campaign.editions.values_list("pk", "language"))

    def _groups(self, mails: str, events: str, names: dict[int, str]) -> list[Group]:
        found = reaches(self.numbers[mails], self.numbers[events])
        groups = [Group(names.get(key, key or ""), of) for key, of in found.items()]
        return sorted(groups, key=lambda group: (-group.reach.planned, group.name))

    def _by_link(self, name: str) -> dict[tuple[int, int], Span]:
        spans: dict[tuple[int, int], Span] = defaultdict(Span)
        for edition, link, is_suspect, number in self.numbers[name]:
            spans[edition, link] += Span.seen(number, is_suspect)
        return spans

    def _hits(self, wanted: Callable[[int], bool]) -> Span:
        counted = [(link, suspect, number) for _edition, link, suspect, number in self.numbers["hits"]]
        return sum((Span.seen(number, suspect) for link, suspect, number in counted if wanted(link)), NONE)
