"""Writes matched people, their subscriptions, their tags and the proof of consent, each table in one go."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection

from subscribers.models import ConsentRecord, Import, Subscriber, Subscription
from subscribers.models.transfer import Entries
from subscribers.transfer.journal import ranges
from subscribers.transfer.loading import change, load, new_keys, written
from subscribers.transfer.matching import DETAILS, Match

_PERSON: Final = ("id", "email", "fingerprint", *DETAILS, "attributes", "created_at", "updated_at")
_CHANGED: Final = (*DETAILS, "attributes::jsonb", "updated_at::timestamptz")
_encode: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Writer:
    """Works within the transaction of one chunk, and notes in `entries` what it did, for whoever undoes it."""

    def __init__(self, started: Import, now: datetime) -> None:
        self._import = started
        self._now = now
        self._stamp = written(now)
        self.entries: Entries = {}
        self.enrolled = 0

    def write(self, matches: Sequence[Match]) -> None:
        """People who are on every list and change nothing cost nothing."""
        added = sorted((match for match in matches if match.outcome == Import.Outcome.NEW), key=_by_address)
        changed = [match for match in matches if match.outcome == Import.Outcome.UPDATED]
        people = self._add(added)
        people += [(_key(match), match) for match in changed]
        self._change(changed)
        confirmed = self._confirm(changed)
        self._join(people)
        self._prove(people, confirmed)
        self._tag(people)

    def _add(self, added: Sequence[Match]) -> list[tuple[int, Match]]:
        # In the order of their addresses: two imports of the same people wait for each other instead of
        # deadlocking, and the index is filled from one end to the other.
        keys = new_keys(Subscriber, len(added)) if added else []
        load(Subscriber, _PERSON, (self._person(key, match) for key, match in zip(keys, added, strict=True)))
        if keys:
            self.entries["new"] = ranges(keys)
        return list(zip(keys, added, strict=True))

    def _person(self, key: int, match: Match) -> Sequence[str]:
        stated = match.candidate
        given = stated.details.get
        attributes = _encode(stated.attributes) if stated.attributes else "{}"
        return (
            str(key), stated.email, stated.fingerprint,
            given("first_name", ""), given("last_name", ""), given("language", ""), given("time_zone", ""),
            attributes, self._stamp, self._stamp,
        )  # fmt: skip

    def _change(self, changed: Sequence[Match]) -> None:
        rows, entries = [], []
        for match in changed:
            known = match.known
            # Tags count as a change of the person too: whoever undoes an earlier import shall see it.
            if known is None or not (match.details or match.attributes or match.tags):
                continue
            details = [match.details[name][1] if name in match.details else getattr(known, name) for name in DETAILS]
            attributes = known.attributes | {name: after for name, (_before, after) in match.attributes.items()}
            rows.append((known.key, *details, _encode(attributes), self._stamp))
            entries.append([known.key, match.fields(), known.updated_at.isoformat()])
        change(Subscriber, _CHANGED, rows)
        if entries:
            self.entries["at"] = self._now.isoformat()
            self.entries["changed"] = entries

    def _confirm(self, changed: Sequence[Match]) -> set[int]:
        """The subscriptions that still waited a moment ago."""
        waiting = [link.key for match in changed for link in match.confirms]
        if not waiting:
            return set()
        pending = Subscription.objects.filter(pk__among=waiting, status=Subscription.Status.PENDING)
        confirmed = set(pending.select_for_update().order_by("pk").values_list("pk", flat=True))
        Subscription.objects.filter(pk__among=sorted(confirmed)).update(
            status=Subscription.Status.ACTIVE, expires_at=self._import.consent_expires_at
        )
        return confirmed

    def _join(self, people: Sequence[tuple[int, Match]]) -> None:
        states = Subscription.Status
        status = (states.PENDING if self._import.needs_confirmation else states.ACTIVE).value
        columns = ["subscriber_id", "mailing_list_id", "status", "created_at"]
        ending = [status, self._stamp]
        if self._import.consent_expires_at:
            columns.append("expires_at")
            ending.append(written(self._import.consent_expires_at))
        load(Subscription, columns, ((str(key), str(number), *ending) for key, number in _joins(people)))
        joined: dict[str, list[int]] = {}
        for key, match in people:
            for number in match.joins if match.known else ():
                joined.setdefault(str(number), []).append(key)
        if joined:
            self.entries["joined"] = {number: ranges(keys) for number, keys in joined.items()}
        self.enrolled += sum(len(match.joins) for _key, match in people)

    def _prove(self, people: Sequence[tuple[int, Match]], confirmed: set[int]) -> None:
        """Nobody agrees by being asked to: then the proof is what they answer."""
        proofs = [(key, match.language, link.mailing_list)
                  for key, match in people for link in match.confirms if link.key in confirmed]  # fmt: skip
        entries: dict[str, list[int]] = {}
        for key, _language, number in proofs:
            entries.setdefault(str(number), []).append(key)
        if entries:
            self.entries["confirmed"] = {number: ranges(keys) for number, keys in entries.items()}
        self.enrolled += len(proofs)
        if not self._import.needs_confirmation:
            proofs += [(key, match.language, number) for key, match in people for number in match.joins]
        record(self._import, ConsentRecord.Action.GRANTED, self._import.consent_statement, proofs, self._now)

    def _tag(self, people: Sequence[tuple[int, Match]]) -> None:
        tags = [(key, number) for key, match in people for number in match.tags]
        load(Subscriber.tags.through, ("subscriber_id", "tag_id"), ((str(key), str(number)) for key, number in tags))
        tagged: dict[str, list[int]] = {}
        for key, match in people:
            for number in match.tags if match.known else ():
                tagged.setdefault(str(number), []).append(key)
        if tagged:
            self.entries["tagged"] = {number: ranges(keys) for number, keys in tagged.items()}


def record(
    about: Import, action: str, statement: str, proofs: Sequence[tuple[int | None, str, int]], now: datetime
) -> None:
    """A line of the ledger for each person, with their language, and list."""
    expires_at = about.consent_expires_at
    basis = ConsentRecord.Basis.IMPLIED if expires_at else ConsentRecord.Basis.EXPRESS
    columns = ["mailing_list_id", "language", "action", "source", "statement", "basis", "found_in_id", "recorded_at"]
    ending = [action, ConsentRecord.Source.IMPORT.value, statement, basis.value, str(about.pk), written(now)]
    if expires_at:
        columns.append("expires_at")
        ending.append(written(expires_at))
    named = [(str(key), str(number), language, *ending) for key, language, number in proofs if key]
    load(ConsentRecord, ["subscriber_id", *columns], named)
    load(ConsentRecord, columns, [(str(number), language, *ending) for key, language, number in proofs if not key])


def lock(people: Sequence[int]) -> None:
    """Nobody else changes them or their lists until the transaction ends."""
    if connection.features.has_select_for_update:
        # In one order, so that two imports of the same people wait for each other instead of deadlocking.
        list(Subscriber.objects.select_for_update().filter(pk__among=people).order_by("pk").values_list("pk"))


def _joins(people: Sequence[tuple[int, Match]]) -> Iterator[tuple[int, int]]:
    return ((key, number) for key, match in people for number in match.joins)


def _key(match: Match) -> int:
    assert match.known
    return match.known.key


def _by_address(match: Match) -> str:
    return match.candidate.email
