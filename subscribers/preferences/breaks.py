"""Until when a reader wants no mail: days begin as where they live."""

from __future__ import annotations

import calendar
import zoneinfo
from datetime import date, datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone

from subscribers.consent import pauses
from subscribers.models import Subscriber

DAY: Final = timedelta(days=1)
MONTHS: Final = (1, 3, 6)
# Nobody remembers what they stopped longer ago.
LONGEST: Final = timedelta(days=2 * 365)
# No moment, and not that there is none.
WRONG: Final = datetime.min


def asked_for(subscriber: Subscriber, posted: QueryDict) -> datetime | None:
    """The beginning of the first day with mail: in so many months, or as chosen. None if that is no day to come."""
    months = {str(number): number for number in MONTHS}.get(posted.get("months", ""))
    if months:
        return beginning(subscriber, months_on(today(subscriber), months))
    try:
        day = date.fromisoformat(posted.get("until", ""))
    except ValueError:
        return None
    return beginning(subscriber, day) if first_day(subscriber) <= day <= last_day(subscriber) else None


def exactly(posted: QueryDict) -> datetime | None:
    """A moment as we wrote it for an undo; None if there was no pause, or it is over by now; or WRONG."""
    written = posted.get("moment", "")
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return WRONG
    now = timezone.now()
    if timezone.is_naive(moment) or moment > now + LONGEST + DAY:
        return WRONG
    return moment if moment > now else None


def months_on(day: date, months: int) -> date:
    """The same day of a later month, or the last day of a shorter one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def end_for(subscriber: Subscriber) -> date | None:
    """The first day with mail of a break that is under way."""
    until = pauses.paused_until(subscriber)
    return until and day_of(subscriber, until)


def first_day(subscriber: Subscriber) -> date:
    return today(subscriber) + DAY


def last_day(subscriber: Subscriber) -> date:
    return today(subscriber) + LONGEST


def today(subscriber: Subscriber) -> date:
    return day_of(subscriber, timezone.now())


def day_of(subscriber: Subscriber, moment: datetime) -> date:
    return moment.astimezone(zone_of(subscriber)).date()


def beginning(subscriber: Subscriber, day: date) -> datetime:
    return datetime.combine(day, time(), zone_of(subscriber))


def zone_of(subscriber: Subscriber) -> zoneinfo.ZoneInfo:
    known = subscriber.time_zone in zoneinfo.available_timezones()
    return zoneinfo.ZoneInfo(subscriber.time_zone if known else settings.TIME_ZONE)
