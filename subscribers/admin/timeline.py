"""What happened with one person, newest first; whoever knows more about people adds a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.utils.translation import gettext as _

from subscribers.models import ConsentRecord, Subscriber


@dataclass(frozen=True)
class Entry:
    at: datetime
    icon: str
    title: str
    details: str = ""
    link: str = ""


# Given a person and a number, at least that many of the newest entries, or all there are.
Source = Callable[[Subscriber, int], Iterable[Entry]]
_sources: list[Source] = []


def register(source: Source) -> Source:
    _sources.append(source)
    return source


def newest(subscriber: Subscriber, most: int = 50) -> list[Entry]:
    entries = [entry for source in _sources for entry in source(subscriber, most)]
    return list(islice(sorted(entries, key=lambda entry: entry.at, reverse=True), most))


@register
def consent(subscriber: Subscriber, most: int) -> Iterable[Entry]:
    for record in subscriber.consent_records.select_related("mailing_list")[:most]:
        granted = record.action == ConsentRecord.Action.GRANTED
        yield Entry(
            at=record.recorded_at,
            icon="how_to_reg" if granted else "person_remove",
            title=_consent_title(record, granted=granted),
            details=" · ".join(filter(None, _consent_details(record))),
        )


@register
def added(subscriber: Subscriber, most: int) -> Iterable[Entry]:
    yield Entry(at=subscriber.created_at, icon="person_add", title=_("Added to Broadsheet"))


def _consent_title(record: ConsentRecord, *, granted: bool) -> str:
    if record.mailing_list is None:
        return _("Wants mail again") if granted else _("Left everything")
    title = _("Joined “%(list)s”") if granted else _("Left “%(list)s”")
    return title % {"list": record.mailing_list}


def _consent_details(record: ConsentRecord) -> list[str]:
    return [
        str(record.get_source_display()),
        record.statement,
        record.language,
        record.network_address or "",
    ]
