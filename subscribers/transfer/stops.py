"""Who of many may not be mailed, and why."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef

from subscribers import patterns
from subscribers.models import Subscriber, Suppression
from subscribers.models.transfer import Ranges

# By list; under None what holds for all mail.
Stops = dict[int | None, Suppression]


_NONE: Stops = {}


@dataclass
class Stopped:
    by_fingerprint: dict[str, Stops] = field(default_factory=dict)
    by_domain: dict[str, Stops] = field(default_factory=dict)

    @classmethod
    def among(cls, fingerprints: Iterable[str], domains: Set[str]) -> Stopped:
        """A handful of queries, however many addresses there are."""
        found = cls(by_domain=stopped_domains(domains))
        for stop in Suppression.objects.refusing().filter(fingerprint__among=fingerprints):
            found.by_fingerprint.setdefault(stop.fingerprint, {})[stop.mailing_list_id] = stop
        return found

    def of(self, fingerprint: str, domain: str) -> Stops:
        own = self.by_fingerprint.get(fingerprint, _NONE)
        return {**self.by_domain.get(domain, _NONE), **own} if self.by_domain else own


def stopped_domains(domains: Set[str]) -> dict[str, Stops]:
    """Those of them that somebody has suppressed as a whole."""
    # The condition lets PostgreSQL use the index of the few rows that name a domain.
    rules = Suppression.objects.refusing().filter(domain__gt="")
    if not rules.exists():
        return {}
    meant = {pattern for domain in domains for pattern in patterns.matching(domain)}
    by_pattern: dict[str, list[Suppression]] = {}
    for rule in rules.filter(domain__among=sorted(meant)):
        by_pattern.setdefault(rule.domain, []).append(rule)
    stopped: dict[str, Stops] = {}
    for domain in domains if by_pattern else ():
        for rule in (rule for pattern in patterns.matching(domain) for rule in by_pattern.get(pattern, ())):
            stopped.setdefault(domain, {}).setdefault(rule.mailing_list_id, rule)
    return stopped


def are_stopped(people: Ranges) -> bool:
    """Whether any of the people with these keys has an address that somebody has suppressed."""
    own = Suppression.objects.refusing().filter(fingerprint=OuterRef("fingerprint"))
    return any(Subscriber.objects.filter(Exists(own), pk__range=between).exists() for between in people)
