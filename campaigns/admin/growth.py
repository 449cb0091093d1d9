"""How lists grow: active people, who joined and who left, day by day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from subscribers.models import MailingList, Subscription

DAYS = 30
WIDTH, HEIGHT, MARGIN = 120, 32, 2


@dataclass(frozen=True)
class Growth:
    """`days` holds the number of active people at the end of each day, today last."""

    mailing_list: MailingList
    active: int
    joined: int
    left: int
    days: list[int]

    @property
    def line(self) -> str:
        """The points of an SVG polyline, WIDTH × HEIGHT."""
        lowest, highest = min(self.days), max(self.days)
        span = (highest - lowest) or 1
        step = (WIDTH - 2 * MARGIN) / (len(self.days) - 1)
        height = HEIGHT - 2 * MARGIN
        flat = MARGIN + height / 2 if highest == lowest else None
        heights = [flat or MARGIN + height * (highest - count) / span for count in self.days]
        return " ".join(f"{MARGIN + step * at:.1f},{y:.1f}" for at, y in enumerate(heights))

    @property
    def area(self) -> str:
        """The same line closed along the bottom."""
        return f"{MARGIN},{HEIGHT} {self.line} {WIDTH - MARGIN},{HEIGHT}"


def moved() -> tuple[int, int]:
    """How many joined a list in these days and how many left one."""
    since = first_moment()
    ever = Subscription.objects.exclude(status=Subscription.Status.PENDING)
    return ever.filter(created_at__gte=since).count(), ever.filter(ended_at__gte=since).count()


def largest_lists(most: int = 6) -> list[Growth]:
    """Three queries, however many lists."""
    held = Count("subscriptions", filter=Q(subscriptions__status=Subscription.Status.ACTIVE))
    lists = list(MailingList.objects.annotate(active_people=held).order_by("-active_people", "name")[:most])
    today = timezone.localdate()
    ever = Subscription.objects.filter(mailing_list__in=lists).exclude(status=Subscription.Status.PENDING)
    joined = per_day(ever, "created_at")
    left = per_day(ever.filter(status=Subscription.Status.ENDED), "ended_at")
    return [grown(row, row.active_people, joined, left, today) for row in lists]


def first_moment() -> datetime:
    """When the first of the days began in the site's time zone."""
    return timezone.make_aware(datetime.combine(timezone.localdate() - timedelta(days=DAYS - 1), time.min))


def per_day(held: QuerySet[Subscription], column: str) -> Counter[tuple[int, date]]:
    """(List, day) → people."""
    days = held.filter(**{f"{column}__gte": first_moment()}).annotate(day=TruncDate(column))
    counted = days.values_list("mailing_list", "day").annotate(Count("pk")).order_by()
    return Counter({(mailing_list, day): people for mailing_list, day, people in counted})


def grown(
    mailing_list: MailingList,
    active: int,
    joined: Counter[tuple[int, date]],
    left: Counter[tuple[int, date]],
    today: date,
) -> Growth:
    """Walks back from today: yesterday's end is today's without those who came, with those who went."""
    days, count = [], active
    for back in range(DAYS):
        key = (mailing_list.pk, today - timedelta(days=back))
        days.append(count)
        count -= joined[key] - left[key]
    return Growth(
        mailing_list,
        active,
        joined=sum(number for (pk, _day), number in joined.items() if pk == mailing_list.pk),
        left=sum(number for (pk, _day), number in left.items() if pk == mailing_list.pk),
        days=days[::-1],
    )
