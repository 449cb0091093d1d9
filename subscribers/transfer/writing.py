"""Writes matched people, their subscriptions, their tags and the proof of consent, each table in one go."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Final

from django.db import connection

from subscribers.models import ConsentRecord, Import, Subscriber, Subscription
from subscribers.models.transfer import Entries, Ranges
from subscribers.transfer.blocks import Block
from subscribers.transfer.journal import ranges
from subscribers.transfer.loading import change, load, load_for, load_keys, load_lines, new_keys, texts, written
from subscribers.transfer.matching import LINK, Link, Match
from subscribers.transfer.spelled import DETAILS, FIELDS

_CHANGED: Final = ("id", *DETAILS, "attributes", "updated_at")

# Keys of people who have something in common, such as a list.
People = Mapping[int, list[int]]
# The same by list and language.
Proofs = Mapping[tuple[int, str], list[int]]


class Writer:
    """Works within the transaction of one chunk, and notes in `entries` what it did, for whoever undoes it."""

    def __init__(self, started: Import, now: datetime) -> None:
        self._import = started
        self._now = now
        self._stamp = written(now)
        self._created = {"created_at": self._stamp, "updated_at": self._stamp}
        self.entries: Entries = {}
        self.enrolled = 0
        self.renewed = 0

    def write(self, fresh: Block, lists: Iterable[int], tags: Iterable[int]) -> None:
        """New people, all of them alike; everything about them has the same moment."""
        if not fresh:
            return
        keys = new_keys(Subscriber, len(fresh))
        load_lines(Subscriber, FIELDS, keys, fresh.lines, self._created)
        self.entries["new"] = people = ranges(keys)
        for number in lists:
            of_list = {"mailing_list_id": str(number)}
            taken = {"subscriber_id": "id", "created_at": "created_at"}
            load_for(people, Subscription, taken, of_list | self._subscription)
            self.enrolled += len(fresh)
            if not self._import.needs_confirmation:
                taken = {"subscriber_id": "id", "language": "language", "recorded_at": "created_at"}
                line = _line(self._import, ConsentRecord.Action.GRANTED, self._import.consent_statement)
                load_for(people, ConsentRecord, taken, of_list | line)
        for number in tags:
            load_for(people, Subscriber.tags.through, {"subscriber_id": "id"}, {"tag_id": str(number)})

    def write_matches(self, matches: Sequence[Match]) -> None:
        """People who are on every list and change nothing cost nothing."""
        added = [match for match in matches if match.outcome == Import.Outcome.NEW]
        added.sort(key=attrgetter("candidate.email"))
        changed = [match for match in matches if match.outcome == Import.Outcome.UPDATED]
        people = [*self._add_matches(added), *((match.known.key, match) for match in changed if match.known)]
        self._change(changed)
        self._confirm(changed)
        self._renew(changed)
        self._join(people)
        self._tag(people)

    def _add_matches(self, added: Sequence[Match]) -> list[tuple[int, Match]]:
        if not added:
            return []
        stated = [match.candidate for match in added]
        details = {name: [each.details.get(name, "") for each in stated] for name in DETAILS}
        keys = new_keys(Subscriber, len(added))
        columns = {
            "id": texts(keys),
            "email": [each.email for each in stated],
            "fingerprint": [each.fingerprint for each in stated],
            **details,
            "attributes": [json.dumps(each.attributes, ensure_ascii=False) for each in stated],
        }
        load(Subscriber, columns, self._created)
        self.entries["new"] = [*self.entries.get("new", []), *ranges(keys)]
        return list(zip(keys, added, strict=True))

    def _change(self, changed: Sequence[Match]) -> None:
        rows, entries = [], []
        for match in changed:
            known = match.known
            # Tags count as a change of the person too: whoever undoes an earlier import shall see it.
            if known is None or not (match.details or match.attributes or match.tags):
                continue
            details = [match.details[name][1] if name in match.details else getattr(known, name) for name in DETAILS]
            attributes = known.attributes | {name: after for name, (_before, after) in match.attributes.items()}
            rows.append((str(known.key), *details, json.dumps(attributes, ensure_ascii=False), self._stamp))
            entries.append([known.key, match.fields(), known.updated_at.isoformat()])
        if entries:
            change(Subscriber, dict(zip(_CHANGED, zip(*rows, strict=True), strict=True)))
            self.entries["at"] = self._now.isoformat()
            self.entries["changed"] = entries

    def _confirm(self, changed: Sequence[Match]) -> None:
        """The subscriptions that still wait at this moment."""
        waiting = {link.key: (match, link) for match in changed for link in match.confirms}
        if not waiting:
            return
        pending = Subscription.objects.filter(pk__among=waiting, status=Subscription.Status.PENDING)
        confirmed = list(pending.select_for_update().order_by("pk").values_list("pk", flat=True))
        Subscription.objects.filter(pk__among=confirmed).update(
            status=Subscription.Status.ACTIVE, expires_at=self._import.consent_expires_at
        )
        people, proofs = defaultdict(list), defaultdict(list)
        for match, link in (waiting[key] for key in confirmed):
            assert match.known
            people[link.mailing_list].append(match.known.key)
            proofs[link.mailing_list, match.language].append(match.known.key)
        if people:
            self.entries["confirmed"] = _noted(people)
        self._prove(proofs)
        self.enrolled += len(confirmed)

    def _renew(self, changed: Sequence[Match]) -> None:
        """The subscriptions that are still as they were when they were looked at: nobody left at this moment."""
        links = {link: match for match in changed for link in match.renews}
        if not links:
            return
        found = Subscription.objects.filter(pk__among=[link.key for link in links]).select_for_update().order_by("pk")
        same = {Link(*row) for row in found.values_list(*LINK)}
        renewed = [(link, match) for link, match in links.items() if link in same]
        Subscription.objects.filter(pk__among=[link.key for link, _match in renewed]).update(
            status=Subscription.Status.ACTIVE, ended_at=None, expires_at=self._import.consent_expires_at
        )
        proofs = defaultdict(list)
        for link, match in renewed:
            assert match.known
            proofs[link.mailing_list, match.language].append(match.known.key)
            before = [link.status, *(moment and moment.isoformat() for moment in (link.ended_at, link.expires_at))]
            self.entries.setdefault("renewed", []).append([match.known.key, link.mailing_list, *before])
        self._prove(proofs)
        self.renewed += len(renewed)

    def _join(self, people: Sequence[tuple[int, Match]]) -> None:
        joining, joined, proofs = defaultdict(list), defaultdict(list), defaultdict(list)
        for key, match in people:
            for number in match.joins:
                joining[number].append(key)
                proofs[number, match.language].append(key)
                if match.known:
                    joined[number].append(key)
        if joined:
            self.entries["joined"] = _noted(joined)
        for number, keys in joining.items():
            self._subscribe(number, keys)
        # Nobody agrees by being asked to: then the proof is what they answer.
        if not self._import.needs_confirmation:
            self._prove(proofs)

    def _subscribe(self, number: int, keys: Sequence[int]) -> None:
        same = {"mailing_list_id": str(number), "created_at": self._stamp, **self._subscription}
        load_keys(Subscription, "subscriber_id", ranges(keys), same)
        self.enrolled += len(keys)

    @cached_property
    def _subscription(self) -> dict[str, str]:
        states = Subscription.Status
        status = states.PENDING if self._import.needs_confirmation else states.ACTIVE
        return {"status": status.value, **_expiring(self._import)}

    def _prove(self, proofs: Proofs) -> None:
        record(self._import, ConsentRecord.Action.GRANTED, self._import.consent_statement, proofs, self._now)

    def _tag(self, people: Sequence[tuple[int, Match]]) -> None:
        tagging, tagged = defaultdict(list), defaultdict(list)
        for key, match in people:
            for number in match.tags:
                tagging[number].append(key)
                if match.known:
                    tagged[number].append(key)
        for number, keys in tagging.items():
            load_keys(Subscriber.tags.through, "subscriber_id", ranges(keys), {"tag_id": str(number)})
        if tagged:
            self.entries["tagged"] = _noted(tagged)


def record(about: Import, action: str, statement: str, proofs: Proofs, now: datetime) -> None:
    """A line of the ledger for each person and list."""
    same = {"recorded_at": written(now), **_line(about, action, statement)}
    for (number, language), keys in proofs.items():
        about_all = {"mailing_list_id": str(number), "language": language, **same}
        load_keys(ConsentRecord, "subscriber_id", ranges(keys), about_all)


def _line(about: Import, action: str, statement: str) -> dict[str, str]:
    basis = ConsentRecord.Basis.IMPLIED if about.consent_expires_at else ConsentRecord.Basis.EXPRESS
    return {
        "action": action,
        "source": ConsentRecord.Source.IMPORT.value,
        "statement": statement,
        "basis": basis.value,
        "found_in_id": str(about.pk),
        **_expiring(about),
    }


def _expiring(about: Import) -> dict[str, str]:
    """If the consent was only implied."""
    return {"expires_at": written(about.consent_expires_at)} if about.consent_expires_at else {}


def lock(people: Iterable[int]) -> None:
    """Nobody else changes them or their lists until the transaction ends."""
    if connection.features.has_select_for_update:
        # In one order, so that two imports of the same people wait for each other instead of deadlocking.
        list(Subscriber.objects.select_for_update().filter(pk__among=people).order_by("pk").values_list("pk"))


def _noted(people: People) -> dict[str, Ranges]:
    return {str(number): ranges(keys) for number, keys in people.items()}
