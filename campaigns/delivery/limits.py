"""Decides which mails may leave now, in the transaction that puts them on the wire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, TypeAlias

from campaigns.delivery.desk import Mail
from campaigns.delivery.tokens import Buckets, Tokens
from campaigns.models import RecipientDomain, clock
from campaigns.models.limit import Allowance, Limited

# Under a limit that lets many mails through each second, nobody looks for every single one.
SHORTEST_WAIT_SECONDS = 0.05

Keys = tuple[str, ...]
Domains: TypeAlias = Mapping[str, RecipientDomain]


class Asked(NamedTuple):
    """Mails of one batch, and what limits them all."""

    mails: Sequence[Mail]
    limited: Sequence[Limited]
    # If all of them go to one.
    domain: str = ""


@dataclass
class Admitted:
    """Which mails may leave now, and when the next ones may."""

    mails: list[Mail]
    # What each of them counts for, if anything limits it.
    keys: dict[int, Keys] = field(default_factory=dict)
    # Blocked by what they all share, for so many seconds: none after the first of them was admitted.
    refused: list[Mail] = field(default_factory=list)
    blocked_for: float = 0.0
    # Blocked by their domain alone, until then.
    later: dict[int, datetime] = field(default_factory=dict)


@dataclass
class Ended:
    """What is on a wire no more: the limits that count the mails that left, and those of mails that never did."""

    left: Tokens = field(default_factory=Counter)
    unused: Tokens = field(default_factory=Counter)

    def add(self, keys: Mapping[int, Keys], unused: set[int]) -> None:
        for number, its in keys.items():
            (self.unused if number in unused else self.left).update(its)


def admit(asked: Sequence[Asked], domains: Domains, ended: Ended | None = None) -> list[Admitted]:
    """For each that asks. Call it in the transaction that writes the windows; mails count when it commits."""
    ended = ended or Ended()
    if are_free(asked, domains, ended):
        return [Admitted(list(one.mails)) for one in asked]
    shared = [_shared(one, domains) for one in asked]
    own = {name: domains[name].allowances for name in {mail.domain for one in asked for mail in one.mails} & {*domains}}
    allowances = {key: its for some in (*shared, *own.values()) for key, its in some.items()}
    buckets = Buckets.lock(allowances, ended.left.keys() | ended.unused.keys())
    buckets.end(ended.left, ended.unused)
    keys = {name: tuple(its) for name, its in own.items()}
    admitted = [_Gate(tuple(its), keys, domains, buckets).admit(one) for one, its in zip(asked, shared, strict=True)]
    buckets.save()
    return admitted


def are_free(asked: Sequence[Asked], domains: Domains, ended: Ended) -> bool:
    """Nothing limits any of them, nor did anything limit what ended: then the database is not asked."""
    return not (domains or ended.left or ended.unused or any(_shared(one, domains) for one in asked))


def _shared(asked: Asked, domains: Domains) -> dict[str, Allowance]:
    everything = [*asked.limited, *([domains[asked.domain]] if asked.domain in domains else [])]
    return {key: its for limited in everything for key, its in limited.allowances.items()}


@dataclass
class _Gate:
    """What the mails of one batch have to pass: the limits of all, and those of each one's domain."""

    shared: Keys
    own: Mapping[str, Keys]
    domains: Domains
    buckets: Buckets

    def admit(self, asked: Asked) -> Admitted:
        admitted = Admitted([])
        if (rest := self._rest(asked.domain)) is not None:
            return Admitted([], refused=list(asked.mails), blocked_for=(rest - clock.now()).total_seconds())
        waiting: Counter[str] = Counter()
        for at, mail in enumerate(asked.mails):
            if self.buckets.room(self.shared) < 1:
                admitted.refused = list(asked.mails[at:])
                admitted.blocked_for = max(SHORTEST_WAIT_SECONDS, self.buckets.seconds_until_room(self.shared))
                break
            own = self.own.get(mail.domain, ()) if mail.domain != asked.domain else ()
            if (rest := self._rest(mail.domain)) is not None:
                admitted.later[mail.number] = rest
            elif self.buckets.room(own) >= 1:
                self._let_through(mail, own, admitted)
            else:
                waiting[mail.domain] += 1
                admitted.later[mail.number] = self.buckets.opens_at(own, waiting[mail.domain])
        return admitted

    def _let_through(self, mail: Mail, own: Keys, admitted: Admitted) -> None:
        admitted.mails.append(mail)
        if keys := (*self.shared, *own):
            self.buckets.take(keys)
            admitted.keys[mail.number] = keys

    def _rest(self, name: str) -> datetime | None:
        domain = self.domains.get(name)
        return domain.rests_until if domain else None
