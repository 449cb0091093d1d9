"""Holds candidates against the people we know: who is new, who changes, who must be left alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from subscribers import addresses
from subscribers.models import Import, ImportIssue, MailingList, Subscriber, Subscription, Suppression
from subscribers.transfer.candidates import Candidate, Flaw

Existing = Import.Existing
Outcome = Import.Outcome
Reason = ImportIssue.Reason
Status = Subscription.Status


@dataclass
class Match:
    """What the import means to do about one candidate."""

    candidate: Candidate
    person: Subscriber
    outcome: Outcome
    joins: list[MailingList] = field(default_factory=list)
    """Lists the person is not on yet."""
    confirms: list[Subscription] = field(default_factory=list)
    """Subscriptions that waited for a confirmation, for which the import states the consent."""
    flaws: list[Flaw] = field(default_factory=list)

    @property
    def is_written(self) -> bool:
        return self.outcome in (Outcome.NEW, Outcome.UPDATED)


class Matcher:
    def __init__(self, existing: str, mailing_lists: Sequence[MailingList]) -> None:
        self._existing = existing
        self._lists = mailing_lists

    def match(self, candidates: Sequence[Candidate]) -> list[Match]:
        """Three queries, however many candidates there are."""
        prints = {candidate.email: addresses.fingerprint(candidate.email) for candidate in candidates}
        known = _known(prints)
        stops = _stops(prints.values())
        links = _links(known.values(), self._lists)
        matches = []
        for candidate in candidates:
            fingerprint = prints[candidate.email]
            person = known.get(candidate.email) or Subscriber(email=candidate.email, fingerprint=fingerprint)
            stopped = stops.get(fingerprint, {})
            if None in stopped:
                matches.append(_suppressed(candidate, person, stopped[None]))
            else:
                own = links.get(person.pk, {}) if person.pk else {}
                matches.append(self._match(candidate, person, own, stopped.keys()))
        return matches

    def _match(
        self, candidate: Candidate, person: Subscriber, own: dict[int, Subscription], stopped: Iterable[int | None]
    ) -> Match:
        match = Match(candidate, person, Outcome.UNCHANGED, flaws=list(candidate.flaws))
        left = [page for page in self._lists if page.pk in stopped or _has_left(own.get(page.pk))]
        if left:
            match.flaws.insert(0, _left(left, own))
        if left and len(left) == len(self._lists):
            match.outcome = Outcome.LEFT
            return match
        match.joins = [page for page in self._lists if page not in left and page.pk not in own]
        match.confirms = [
            link for link in own.values() if link.status == Status.PENDING and link.mailing_list_id not in stopped
        ]
        changed = self._fill_in(person, candidate)
        if person.pk is None:
            match.outcome = Outcome.NEW
        elif changed or match.joins or match.confirms:
            match.outcome = Outcome.UPDATED
        return match

    def _fill_in(self, person: Subscriber, candidate: Candidate) -> bool:
        """Give the person what the row states, as far as staff want that; whether anything differs now."""
        if person.pk and self._existing == Existing.LEAVE:
            return False
        overwrite = self._existing == Existing.OVERWRITE
        changed = False
        for name, value in candidate.details.items():
            held = getattr(person, name)
            if held != value and (overwrite or not held):
                setattr(person, name, value)
                changed = True
        for name, value in candidate.attributes.items():
            held = person.attributes.get(name)
            if held != value and (overwrite or held in (None, "")):
                person.attributes = person.attributes | {name: value}
                changed = True
        return changed


def _known(emails: Iterable[str]) -> dict[str, Subscriber]:
    # Locked in one order, so that two imports of the same people wait for each other instead of deadlocking.
    people = Subscriber.objects.select_for_update().filter(email__in=list(emails)).order_by("id")
    return {person.email: person for person in people}


def _stops(fingerprints: Iterable[str]) -> dict[str, dict[int | None, Suppression]]:
    stops: dict[str, dict[int | None, Suppression]] = {}
    for stop in Suppression.objects.in_force().filter(fingerprint__in=list(fingerprints)):
        stops.setdefault(stop.fingerprint, {})[stop.mailing_list_id] = stop
    return stops


def _links(people: Iterable[Subscriber], lists: Sequence[MailingList]) -> dict[int, dict[int, Subscription]]:
    links: dict[int, dict[int, Subscription]] = {}
    for link in Subscription.objects.filter(subscriber__in=[person.pk for person in people], mailing_list__in=lists):
        links.setdefault(link.subscriber_id, {})[link.mailing_list_id] = link
    return links


def _has_left(link: Subscription | None) -> bool:
    return link is not None and link.status == Status.ENDED


def _suppressed(candidate: Candidate, person: Subscriber, stop: Suppression) -> Match:
    words = _("This address gets no mail (%(reason)s, since %(date)s).")
    message = words % {"reason": stop.get_reason_display(), "date": date_format(stop.created_at, "SHORT_DATE_FORMAT")}
    return Match(candidate, person, Outcome.SUPPRESSED, flaws=[Flaw(Reason.SUPPRESSED, message)])


def _left(left: Sequence[MailingList], own: dict[int, Subscription]) -> Flaw:
    names = ", ".join(page.name for page in left)
    return Flaw(Reason.LEFT, _("Left %(lists)s before and is not put back.") % {"lists": names})
