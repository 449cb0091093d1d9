"""Whom a campaign was meant for, by what became of their mails: for exports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign, Delivery, Event
from subscribers import selections
from subscribers.models import Subscriber
from subscribers.selections import BadSelection
from subscribers.transfer import columns
from subscribers.transfer.columns import Ask, Column, Values
from subscribers.transfer.mapping import REMARK

# As a selection: ``{"recipients": {"campaign": 3, "outcome": "failed"}}``, or without an outcome all of them.
KIND: Final = "recipients"
Status = Delivery.Status
Kind = Event.Kind
# What readers and their servers did afterwards, as far as no machine did it.
_DONE: Final = {
    Kind.OPENED: gettext_lazy("opened it"),
    Kind.CLICKED: gettext_lazy("clicked a link"),
    Kind.BOUNCED: gettext_lazy("it came back"),
    Kind.UNSUBSCRIBED: gettext_lazy("unsubscribed"),
    Kind.COMPLAINED: gettext_lazy("complained"),
}
# The page of a campaign calls it so.
_STATUS: Final = {"waiting": Status.QUEUED.value}


def question(text: str) -> dict[str, Any]:
    """``3`` or ``3.failed``, as it stands in an address."""
    number, _dot, outcome = text.partition(".")
    asked: dict[str, Any] = {"campaign": int(number) if number.isdecimal() and len(number) < 19 else 0}
    return asked | ({"outcome": _STATUS.get(outcome, outcome)} if outcome else {})


def narrow(found: QuerySet[Subscriber], wanted: Mapping[str, Any]) -> QuerySet[Subscriber]:
    """Raises BadSelection. People who are gone, whose mails stay in the send log, cannot be found any more."""
    campaign, outcome = _campaign(wanted), wanted.get("outcome", "")
    mails = Delivery.objects.filter(campaign=campaign, subscriber=OuterRef("pk"))
    if outcome in Kind.values:
        events = Event.objects.filter(delivery=OuterRef("pk"), kind=outcome, is_suspect=False)
        return found.filter(Exists(mails.filter(Exists(events))))
    if outcome and outcome not in Status.values:
        raise BadSelection(_("No mail can have this outcome."))
    return found.filter(Exists(mails.filter(status=outcome) if outcome else mails))


def describe(wanted: Mapping[str, Any]) -> str:
    """Raises BadSelection."""
    words = {"campaign": _campaign(wanted).name, "outcome": _outcome(wanted.get("outcome", ""))}
    if not words["outcome"]:
        return _("Recipients of “%(campaign)s”") % words
    return _("Recipients of “%(campaign)s”: %(outcome)s") % words


def about_mails(selection: Mapping[str, Any]) -> Iterator[Column]:
    """What became of the mail of the campaign whose recipients are asked for."""
    wanted = selection.get(KIND)
    if not isinstance(wanted, Mapping):
        return
    mails = Delivery.objects.filter(campaign=_campaign(wanted))
    told: list[tuple[str, str, Ask]] = [
        ("outcome", _("Outcome"), _of_mail(mails, lambda mail: mail.status)),
        ("reason", _("Reason"), _of_mail(mails, lambda mail: mail.reason)),
        ("finished", _("Finished"), _of_mail(mails, lambda mail: mail.finished_at)),
        ("clicks", _("Links clicked"), _clicks(mails)),
    ]
    for name, label, values in told:
        yield Column(f"mail:{name}", label, f"{REMARK}{name}", values, is_usual=True)


def _of_mail(mails: QuerySet[Delivery], read: Callable[[Delivery], Any]) -> Ask:
    def ask(people: Sequence[Subscriber]) -> Values:
        return {mail.subscriber_id or 0: read(mail) for mail in mails.filter(subscriber__in=people)}

    return ask


def _clicks(mails: QuerySet[Delivery]) -> Ask:
    def ask(people: Sequence[Subscriber]) -> Values:
        theirs = mails.filter(subscriber__in=people)
        clicks = Event.objects.filter(delivery__in=theirs, kind=Kind.CLICKED, is_suspect=False)
        found: dict[int, int] = {}
        for person in clicks.values_list("delivery__subscriber", flat=True):
            found[person] = found.get(person, 0) + 1
        return found

    return ask


def _campaign(wanted: Mapping[str, Any]) -> Campaign:
    campaign = Campaign.objects.filter(pk=wanted.get("campaign", 0)).first()
    if campaign is None:
        raise BadSelection(_("What these people were chosen by does not exist any more."))
    return campaign


def _outcome(outcome: str) -> str:
    return str((_DONE | dict(Status.choices)).get(outcome, ""))


selections.register(KIND, narrow, describe)
columns.register(about_mails)
