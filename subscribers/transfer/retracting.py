"""One commit of an import, taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from subscribers import searching
from subscribers.models import ConsentRecord, Import, ImportJournal, Subscriber, Subscription
from subscribers.models.transfer import Entries
from subscribers.transfer import traces
from subscribers.transfer.journal import keys
from subscribers.transfer.splicing import splice
from subscribers.transfer.writing import Proofs, lock, record

DELETED_AT_ONCE: Final = 2_000

# Person and what they had before and after, by the name of the field.
Fields = dict[str, list[Any]]


class Retraction:
    """`look` at what would happen, or `carry_out` within a transaction."""

    def __init__(self, about: Import, entries: Entries) -> None:
        self._import = about
        self._entries = entries
        self._writes = False
        self.removed = 0
        self.restored: set[int] = set()
        self.kept: dict[int, str] = {}

    def look(self) -> None:
        self._retract()

    def carry_out(self, later: QuerySet[ImportJournal]) -> None:
        """`later`: what other imports have written since, which remembers some of ours as what was before."""
        self._writes = True
        lock(sorted(self._people()))
        fields = {key: (changes, before) for key, changes, before in self._entries.get("changed", [])}
        self._retract()
        splice(fields, self._entries.get("at", ""), later)

    def _people(self) -> set[int]:
        found = set(keys(self._entries.get("new", [])))
        for changes in (self._entries.get(kind, {}) for kind in ("joined", "confirmed", "tagged")):
            found.update(key for ranges in changes.values() for key in keys(ranges))  # type: ignore[attr-defined]
        singly = (*self._entries.get("changed", []), *self._entries.get("renewed", []))
        return found | {key for key, *_rest in singly}

    def _retract(self) -> None:
        for number, ranges in self._entries.get("confirmed", {}).items():
            self._wait_again(int(number), list(keys(ranges)))
        self._lapse(self._entries.get("renewed", []))
        for number, ranges in self._entries.get("joined", {}).items():
            self._leave(int(number), list(keys(ranges)))
        for number, ranges in self._entries.get("tagged", {}).items():
            self._untag(int(number), list(keys(ranges)))
        self._restore()
        self._remove(list(keys(self._entries.get("new", []))))

    def _remove(self, people: list[int]) -> None:
        present = set(Subscriber.objects.filter(pk__among=people).values_list("pk", flat=True))
        kept = {person: why for person, why in traces.of_new(self._import, people).items() if person in present}
        going = sorted(present - kept.keys())
        self.kept |= kept
        self.removed += len(going)
        if self._writes and going:
            links = Subscription.objects.filter(subscriber__pk__among=going)
            # The ledger loses their names when they are deleted, and tells of the lists still.
            self._take_back(_by_list(links.values_list("subscriber_id", "mailing_list_id", "subscriber__language")))
            for at in range(0, len(going), DELETED_AT_ONCE):
                Subscriber.objects.filter(pk__among=going[at : at + DELETED_AT_ONCE]).delete()

    def _wait_again(self, number: int, people: list[int]) -> None:
        links = Subscription.objects.filter(mailing_list=number, subscriber__pk__among=people)
        back = self._unless_acted(links, Subscription.Status.ACTIVE, number, people)
        if self._writes and back:
            links.filter(subscriber__pk__among=back).update(status=Subscription.Status.PENDING, expires_at=None)

    def _lapse(self, renewed: list[list[Any]]) -> None:
        lists: dict[int, dict[int, tuple[Any, ...]]] = defaultdict(dict)
        for person, number, *before in renewed:
            lists[number][person] = tuple(before)
        for number, people in lists.items():
            links = Subscription.objects.filter(mailing_list=number, subscriber__pk__among=list(people))
            back = self._unless_acted(links, Subscription.Status.ACTIVE, number, list(people))
            alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
            for person in back if self._writes else ():
                alike[people[person]].append(person)
            for (status, ended_at, expires_at), those in alike.items():
                links.filter(subscriber__pk__among=those).update(
                    status=status, ended_at=ended_at, expires_at=expires_at
                )

    def _leave(self, number: int, people: list[int]) -> None:
        links = Subscription.objects.filter(mailing_list=number, subscriber__pk__among=people)
        back = self._unless_acted(links, traces.given(self._import), number, people)
        if self._writes and back:
            links.filter(subscriber__pk__among=back).delete()

    def _unless_acted(self, links: QuerySet[Subscription], given: str, number: int, people: list[int]) -> list[int]:
        """Whose subscription still is as the import left it; the ledger says that it no longer is."""
        acted = dict(traces.consents(self._import, people, number))
        back, proofs = [], []
        for person, status, language in links.values_list("subscriber_id", "status", "subscriber__language"):
            if status == given and person not in acted:
                back.append(person)
                proofs.append((person, number, language))
            else:
                self.kept[person] = acted.get(person, traces.ACTED)
        self.restored.update(back)
        if self._writes and not (self._import.needs_confirmation and given == Subscription.Status.PENDING):
            self._take_back(_by_list(proofs))
        return back

    def _untag(self, tag: int, people: list[int]) -> None:
        links = Subscriber.tags.through.objects.filter(tag_id=tag, subscriber__pk__among=people)
        self.restored.update(links.values_list("subscriber_id", flat=True))
        if self._writes:
            links.delete()

    def _restore(self) -> None:
        changed = {key: (fields, before) for key, fields, before in self._entries.get("changed", [])}
        written = []
        for person in Subscriber.objects.filter(pk__among=sorted(changed)):
            fields, before = changed[person.pk]
            restored = [name for name, (had, got) in fields.items() if _put_back(person, name, had, got)]
            if len(restored) < len(fields):
                self.kept[person.pk] = traces.EDITED
            if restored:
                self.restored.add(person.pk)
            moment = self._moment(person, before)
            if self._writes and (restored or moment != person.updated_at):
                values = {name: getattr(person, name) for name in {_column(name) for name in restored}}
                Subscriber.objects.filter(pk=person.pk).update(**values, updated_at=moment)
                written.append(person.pk)
        if written:
            searching.write_anew(Subscriber.objects.filter(pk__in=written))

    def _moment(self, person: Subscriber, before: str) -> datetime:
        """Whoever nobody changed since has never been changed by us either."""
        is_ours = person.updated_at.isoformat() == self._entries.get("at", "")
        return datetime.fromisoformat(before) if is_ours else person.updated_at

    def _take_back(self, proofs: Proofs) -> None:
        statement = _("The import “%(name)s” was undone.") % {"name": self._import.name}
        record(self._import, ConsentRecord.Action.WITHDRAWN, statement, proofs, timezone.now())


def _by_list(proofs: Iterable[tuple[int, int, str]]) -> Proofs:
    found: dict[tuple[int, str], list[int]] = {}
    for person, number, language in proofs:
        found.setdefault((number, language), []).append(person)
    return found


def _put_back(person: Subscriber, name: str, had: Any, got: Any) -> bool:
    """Whether the person still had what the import gave them."""
    _kind, _colon, attribute = name.partition(":")
    if not attribute:
        if getattr(person, name) != got:
            return False
        setattr(person, name, had)
        return True
    if person.attributes.get(attribute) != got:
        return False
    others = {key: value for key, value in person.attributes.items() if key != attribute}
    person.attributes = others if had is None else others | {attribute: had}
    return True


def _column(name: str) -> str:
    return "attributes" if ":" in name else name
