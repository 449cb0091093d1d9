"""Who of many may not be mailed, and why."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from subscribers import patterns
from subscribers.models import Suppression

# By list; under None what holds for all mail.
Stops = dict[int | None, Suppression]


_NONE: Stops = {}


@dataclass
class Stopped:
    by_fingerprint: dict[str, Stops] = field(default_factory=dict)
    by_domain: dict[str, Stops] = field(default_factory=dict)

    @classmethod
    def among(cls, fingerprints: Iterable[str], domains: Set[str]) -> Stopped:
        """Two queries, however many addresses there are."""
        found = cls()
        in_force = Suppression.objects.in_force()
        for stop in in_force.filter(fingerprint__among=fingerprints):
            found.by_fingerprint.setdefault(stop.fingerprint, {})[stop.mailing_list_id] = stop
        meant = {pattern for domain in domains for pattern in patterns.matching(domain)}
        # The condition lets PostgreSQL use the index of the few that name a domain.
        rules = in_force.filter(domain__gt="", domain__among=sorted(meant))
        stopping = {rule.domain: [each for each in rules if each.domain == rule.domain] for rule in rules}
        for domain in domains if stopping else ():
            for rule in (rule for pattern in patterns.matching(domain) for rule in stopping.get(pattern, ())):
                found.by_domain.setdefault(domain, {}).setdefault(rule.mailing_list_id, rule)
        return found

    def __bool__(self) -> bool:
        return bool(self.by_fingerprint or self.by_domain)

    def of(self, fingerprint: str, domain: str) -> Stops:
        own = self.by_fingerprint.get(fingerprint, _NONE)
        return {**self.by_domain.get(domain, _NONE), **own} if self.by_domain else own
