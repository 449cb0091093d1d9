"""What happened with one person, newest first; whoever knows more about people adds a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils.translation import gettext as _

from subscribers.models import BulkStep, ConsentRecord, SignUp, Subscriber

from .bulk import in_words

PAGE = 30
GRANTING = frozenset({ConsentRecord.Action.GRANTED, ConsentRecord.Action.TRACKING_GRANTED})
TRACKING = frozenset({ConsentRecord.Action.TRACKING_GRANTED, ConsentRecord.Action.TRACKING_WITHDRAWN})
# Enough to look far back, and no address typed by hand makes anybody read everything.
MOST_PAGES = 100


@dataclass(frozen=True)
class Entry:
    at: datetime
    icon: str
    title: str
    details: str = ""
    link: str = ""


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    number: int
    has_older: bool


# Given a person and a number, at least that many of the newest entries, or all there are.
Source = Callable[[Subscriber, int], Iterable[Entry]]
_sources: list[Source] = []


def register(source: Source) -> Source:
    _sources.append(source)
    return source


def page(subscriber: Subscriber, number: int = 1) -> Page:
    number = max(1, min(number, MOST_PAGES))
    newest = _newest(subscriber, number * PAGE + 1)
    return Page(newest[(number - 1) * PAGE : number * PAGE], number, has_older=len(newest) > number * PAGE)


def _newest(subscriber: Subscriber, most: int) -> list[Entry]:
    entries = [entry for source in _sources for entry in source(subscriber, most)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:most]


@register
def consent(subscriber: Subscriber, most: int) -> Iterable[Entry]:
    for record in subscriber.consent_records.select_related("mailing_list", "found_in")[:most]:
        granted = record.action in GRANTING
        number = record.found_in.pk if record.found_in else None
        yield Entry(
            at=record.recorded_at,
            icon="how_to_reg" if granted else "person_remove",
            title=_consent_title(record, granted=granted),
            details=" · ".join(filter(None, _consent_details(record))),
            link=reverse("admin:subscribers_import_change", args=[number]) if number else "",
        )


@register
def added(subscriber: Subscriber, most: int) -> Iterable[Entry]:
    yield Entry(at=subscriber.created_at, icon="person_add", title=_("Added to Broadsheet"))


@register
def sign_ups(subscriber: Subscriber, most: int) -> Iterable[Entry]:
    found = SignUp.objects.filter(email=subscriber.email).select_related("form", "found_in")
    for row in found.order_by("-created_at")[:most]:
        yield Entry(
            at=row.created_at,
            icon="how_to_vote" if row.found_in else "dynamic_form",
            title=_("Was asked to confirm") if row.found_in else _("Signed up"),
            details=" · ".join(filter(None, [str(row.form or row.found_in or ""), row.referrer])),
            link=reverse("admin:subscribers_signup_change", args=[row.pk]),
        )


@register
def changes(subscriber: Subscriber, most: int) -> Iterable[Entry]:
    """By staff on the pages of this person."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Subscriber), object_id=str(subscriber.pk)
    )
    for entry in entries.select_related("user").order_by("-action_time", "-pk")[:most]:
        yield Entry(
            at=entry.action_time,
            icon="edit",
            title=entry.get_change_message() or _("Changed"),
            details=entry.user.get_username(),
        )


@register
def bulk_changes(subscriber: Subscriber, most: int) -> Iterable[Entry]:
    passed = BulkStep.objects.filter(first__lte=subscriber.pk, last__gte=subscriber.pk).order_by("-pk")
    for step in passed.select_related("change__created_by")[:most]:
        if subscriber.pk in step.people:
            yield Entry(
                at=step.at,
                icon="groups",
                title=_("Bulk change: %(what)s") % {"what": in_words(step.change)},
                details=step.change.created_by.get_username() if step.change.created_by else "",
                link=reverse("admin:subscribers_bulkchange_change", args=[step.change_id]),
            )


def _consent_title(record: ConsentRecord, *, granted: bool) -> str:
    if record.action in TRACKING:
        return _("Agreed to be counted by person") if granted else _("Refused to be counted by person")
    if record.mailing_list is None:
        return _("Wants mail again") if granted else _("Left everything")
    title = _("Joined “%(list)s”") if granted else _("Left “%(list)s”")
    return title % {"list": record.mailing_list}


def _consent_details(record: ConsentRecord) -> list[str]:
    return [
        str(record.get_source_display()),
        record.found_in.name if record.found_in else "",
        record.statement,
        record.language,
        record.network_address or "",
    ]
