"""One change to everybody in a selection, as `subscribers.errands` runs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from subscribers.consent import flows
from subscribers.erasure import erase_all, staff_among, wipe
from subscribers.errands import Refused, register
from subscribers.models import (
    BulkChange,
    BulkStep,
    ConsentRecord,
    MailingList,
    Subscriber,
    Subscription,
    Suppression,
    Tag,
)
from subscribers.models.suppression import unsuppressed

Action = BulkChange.Action
Status = Subscription.Status

CHANGED: Final = "changed"
UNCHANGED: Final = "unchanged"
LEFT: Final = "left"
SUPPRESSED: Final = "suppressed"
STAFF: Final = "staff"

# The numbers of those who were changed, and how many others there are by the reason why they were not.
Outcome = tuple[set[int], Counter[str]]


class Changing:
    """The work of a bulk change. Doing it again to the same people changes nobody."""

    def begin(self, errand: BulkChange) -> None:
        self._do = _VERBS[Action(errand.action)](errand.arguments)

    def step(self, errand: BulkChange, people: list[Subscriber]) -> Counter[str]:
        changed, others = self._do(people)
        # Of people who are gone, nobody asks what was done to them.
        if changed and errand.action != Action.ERASE:
            numbers = sorted(changed)
            BulkStep.objects.create(change=errand, first=numbers[0], last=numbers[-1], people=numbers)
        counts = others + Counter({CHANGED: len(changed)})
        rest = len(people) - counts.total()
        return counts + Counter({UNCHANGED: rest})

    def end(self, errand: BulkChange) -> None:
        """Each step is complete in itself, but for what the database keeps of rows that are gone."""
        if errand.action == Action.ERASE:
            wipe()


Doing = Callable[[list[Subscriber]], Outcome]


def _join(arguments: dict[str, Any]) -> Doing:
    """Whoever left stays out, and so does whoever is suppressed: nobody's wish is overruled for a whole crowd."""
    mailing_list = _found(MailingList, arguments.get("mailing_list"))
    statement = str(arguments.get("statement", ""))
    if not statement:
        raise Refused(_("Nobody said where the consent comes from."))

    def do(people: list[Subscriber]) -> Outcome:
        known = {each.pk: each for each in people}
        links = Subscription.objects.filter(mailing_list=mailing_list, subscriber__in=known)
        lapsed = set(links.lapsed().values_list("subscriber", flat=True))
        left = set(links.filter(status=Status.ENDED).values_list("subscriber", flat=True)) - lapsed
        stopped = _stopped(known, mailing_list) - left
        waiting = links.filter(Q(status=Status.PENDING) | Q(status=Status.ACTIVE, expires_at__isnull=False))
        confirmed = {*waiting.values_list("subscriber", flat=True), *lapsed} - stopped
        new = known.keys() - set(links.values_list("subscriber", flat=True)) - stopped
        links.filter(subscriber__in=confirmed).update(status=Status.ACTIVE, ended_at=None, expires_at=None)
        Subscription.objects.bulk_create(
            [
                Subscription(subscriber=known[number], mailing_list=mailing_list, status=Status.ACTIVE)
                for number in sorted(new)
            ],
            # Whoever joined or left at this very moment knows better.
            ignore_conflicts=True,
        )
        changed = new | confirmed
        _record((known[number] for number in changed), mailing_list, ConsentRecord.Action.GRANTED, statement)
        return changed, Counter({LEFT: len(left), SUPPRESSED: len(stopped)})

    return do


def _leave(arguments: dict[str, Any]) -> Doing:
    mailing_list = _found(MailingList, arguments.get("mailing_list"))
    statement = str(arguments.get("statement", ""))

    def do(people: list[Subscriber]) -> Outcome:
        known = {each.pk: each for each in people}
        links = Subscription.objects.filter(mailing_list=mailing_list, subscriber__in=known)
        on_it = links.exclude(status=Status.ENDED)
        changed = set(on_it.values_list("subscriber", flat=True))
        on_it.update(status=Status.ENDED, ended_at=timezone.now(), expires_at=None)
        _record((known[number] for number in changed), mailing_list, ConsentRecord.Action.WITHDRAWN, statement)
        return changed, Counter()

    return do


def _tag(arguments: dict[str, Any]) -> Doing:
    tag = _found(Tag, arguments.get("tag"))
    through = Subscriber.tags.through

    def do(people: list[Subscriber]) -> Outcome:
        numbers = {each.pk for each in people}
        had = set(through.objects.filter(tag=tag, subscriber__in=numbers).values_list("subscriber", flat=True))
        new = numbers - had
        through.objects.bulk_create(
            [through(tag_id=tag.pk, subscriber_id=number) for number in sorted(new)], ignore_conflicts=True
        )
        return new, Counter()

    return do


def _untag(arguments: dict[str, Any]) -> Doing:
    tag = _found(Tag, arguments.get("tag"))

    def do(people: list[Subscriber]) -> Outcome:
        worn = Subscriber.tags.through.objects.filter(tag=tag, subscriber__in=[each.pk for each in people])
        changed = set(worn.values_list("subscriber", flat=True))
        worn.delete()
        return changed, Counter()

    return do


def _language(arguments: dict[str, Any]) -> Doing:
    code = str(arguments.get("language", ""))
    if code not in dict(settings.LANGUAGES):
        raise Refused(_("Nobody said which language."))

    def do(people: list[Subscriber]) -> Outcome:
        changed = {each.pk for each in people if each.language != code}
        Subscriber.objects.filter(pk__in=changed).update(language=code, updated_at=timezone.now())
        return changed, Counter()

    return do


def _suppress(arguments: dict[str, Any]) -> Doing:
    note = str(arguments.get("note", ""))

    def do(people: list[Subscriber]) -> Outcome:
        numbers = [each.pk for each in people]
        mailed = Subscriber.objects.filter(unsuppressed(), pk__in=numbers)
        changed = dict(mailed.values_list("pk", "email"))
        flows.suppress(list(changed.values()), Suppression.Reason.MANUAL, note=note)
        return set(changed), Counter()

    return do


def _erase(_arguments: dict[str, Any]) -> Doing:
    def do(people: list[Subscriber]) -> Outcome:
        kept = staff_among([each.email for each in people])
        gone = {each.email: each.pk for each in people if each.email not in kept}
        erase_all(gone)
        return set(gone.values()), Counter({STAFF: len(kept)})

    return do


_VERBS: dict[Action, Callable[[dict[str, Any]], Doing]] = {
    Action.JOIN: _join,
    Action.LEAVE: _leave,
    Action.TAG: _tag,
    Action.UNTAG: _untag,
    Action.LANGUAGE: _language,
    Action.SUPPRESS: _suppress,
    Action.ERASE: _erase,
}


def _stopped(known: dict[int, Subscriber], mailing_list: MailingList) -> set[int]:
    """Those who get no mail at all, or none from this list."""
    numbers = {each.email: each.pk for each in known.values()}
    stops = Suppression.objects.refusing().filter(Q(mailing_list=None) | Q(mailing_list=mailing_list))
    return {numbers[email] for email, _row in stops.among(numbers)}


def _record(people: Iterable[Subscriber], mailing_list: MailingList, action: str, statement: str) -> None:
    ConsentRecord.objects.bulk_create(
        [
            ConsentRecord(
                subscriber=person,
                mailing_list=mailing_list,
                action=action,
                source=ConsentRecord.Source.ADMIN,
                statement=statement,
                language=person.language,
            )
            for person in sorted(people, key=lambda person: person.pk)
        ]
    )


def _found(model: type[Any], number: object) -> Any:
    """Raises Refused: it may have been deleted since the change was asked for."""
    found = model.objects.filter(pk=number).first()
    if found is None:
        raise Refused(
            _("What was to be changed does not exist any more: %(kind)s.") % {"kind": model._meta.verbose_name}
        )
    return found


register(BulkChange, Changing)
