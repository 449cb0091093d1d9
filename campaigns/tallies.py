"""Numbers of the first page and of reports that take long to count: a worker counts them beforehand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from time import monotonic
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from campaigns import readership, reports
from campaigns.models import Campaign, Delivery, Tally
from campaigns.readership import Report
from campaigns.reports import Ledger
from subscribers.models import Subscriber, Subscription

# Fewer are counted whenever somebody looks.
MANY: Final = 50_000
DAYS: Final = 30
CAMPAIGNS: Final = 5
# Of older campaigns, what readers did is counted again so often.
REPORTS_AGE: Final = timedelta(days=1)
PEOPLE: Final = "people"
_CAMPAIGN: Final = "campaign:"
Daily = Counter[tuple[int, date]]


@dataclass(frozen=True)
class People:
    """`active` is by the number of the list, `joined` and `left` by list and day. `as_of` is None if that is now."""

    number: int
    active: dict[int, int]
    joined: Daily
    left: Daily
    day: date
    as_of: datetime | None = None


def people() -> People:
    kept = _kept(PEOPLE)
    return _read(kept) if kept and kept.is_valid else count_people()


def ledger(campaign: Campaign) -> Ledger:
    """Of a campaign that is over."""
    kept = _kept(_name(campaign)) if _is_large(campaign) else None
    return Ledger(**kept.numbers) if kept and kept.is_valid else reports.ledger(campaign)


def report(campaign: Campaign, *, anew: bool = False) -> Report:
    """All of it. That of a large campaign that is over may be as old as it says, unless it is asked for anew."""
    return Report(campaign, readership.everything(campaign)) if anew else _report(campaign, readership.everything)


def headline(campaign: Campaign) -> Report:
    """Its first lines; the rest may be there or not."""
    return _report(campaign, readership.headline)


def links(campaign: Campaign) -> Report:
    """Those of the mail, and how often each was followed."""
    return _report(campaign, readership.followed)


def last_read() -> Report | None:
    """The first lines about the last campaign, if its readers are counted and nobody has to wait for it."""
    campaign = last_sent().first()
    if campaign is None or not campaign.is_tracked or (_is_large(campaign) and not _report_kept(campaign)):
        return None
    return headline(campaign)


def last_sent() -> QuerySet[Campaign]:
    return Campaign.objects.filter(status__in=Campaign.ENDED, started_at__isnull=False).order_by("-finished_at")


def count_people() -> People:
    ever = Subscription.objects.exclude(status=Subscription.Status.PENDING)
    active = Subscription.objects.filter(status=Subscription.Status.ACTIVE).order_by().values_list("mailing_list")
    return People(
        number=Subscriber.objects.count(),
        active=dict(active.annotate(people=Count("*"))),
        joined=_per_day(ever, "created_at"),
        left=_per_day(ever.filter(status=Subscription.Status.ENDED), "ended_at"),
        day=timezone.localdate(),
    )


def keep() -> None:
    """Count whatever is large, unless that was done a moment ago; for a worker, again and again."""
    large = {_name(campaign): campaign for campaign in last_sent()[:CAMPAIGNS] if _is_final(campaign)}
    Tally.objects.filter(name__startswith=_CAMPAIGN).exclude(name__in=large).delete()
    for name, campaign in large.items():
        _count(name, partial(_sums, campaign))
    # One at a time: the others have the next minutes.
    for campaign in _reports_due():
        if _count(_report_name(campaign), partial(readership.everything, campaign)):
            break
    if Subscription.objects.values("pk")[: MANY + 1].count() > MANY:
        _count(PEOPLE, _everybody)
    else:
        Tally.objects.filter(name=PEOPLE).delete()


def _is_large(campaign: Campaign) -> bool:
    return (campaign.planned or 0) > MANY


def _is_final(campaign: Campaign) -> bool:
    """And so large that this is worth knowing: nobody has to decide about a mail."""
    return _is_large(campaign) and not campaign.deliveries.ended().filter(status=Delivery.Status.UNCERTAIN).exists()


def _count(name: str, numbers: Callable[[], dict[str, Any]]) -> bool:
    """Whether that was due."""
    kept = _kept(name)
    if kept and not kept.is_due:
        return False
    begun = monotonic()
    counted = {"numbers": numbers(), "took": timedelta(seconds=monotonic() - begun), "counted_at": timezone.now()}
    Tally.objects.update_or_create(name=name, defaults=counted)
    return True


def _kept(name: str) -> Tally | None:
    return Tally.objects.filter(name=name).first()


def _name(campaign: Campaign) -> str:
    return f"{_CAMPAIGN}{campaign.pk}"


def _report_name(campaign: Campaign) -> str:
    return f"report:{campaign.pk}"


def _report_kept(campaign: Campaign) -> Tally | None:
    is_kept = _is_large(campaign) and campaign.status in Campaign.ENDED
    return _kept(_report_name(campaign)) if is_kept else None


def _report(campaign: Campaign, count: Callable[[Campaign], readership.Numbers]) -> Report:
    kept = _report_kept(campaign)
    return Report(campaign, kept.numbers, kept.counted_at) if kept else Report(campaign, count(campaign))


def _reports_due() -> list[Campaign]:
    """The last campaigns, and all others once a day; first those that were not counted for the longest time."""
    large = list(last_sent().filter(planned__gt=MANY))
    known = dict(Tally.objects.filter(name__startswith="report:").values_list("name", "counted_at"))
    never = timezone.now() - 2 * REPORTS_AGE

    def counted_at(campaign: Campaign) -> datetime:
        return known.get(_report_name(campaign), never)

    stale = [one for one in large[CAMPAIGNS:] if counted_at(one) < timezone.now() - REPORTS_AGE]
    return sorted([*large[:CAMPAIGNS], *stale], key=counted_at)


def _per_day(held: QuerySet[Subscription], column: str) -> Daily:
    """In the site's time zone."""
    first = timezone.make_aware(datetime.combine(timezone.localdate() - timedelta(days=DAYS - 1), time.min))
    days = held.filter(**{f"{column}__gte": first}).annotate(day=TruncDate(column))
    counted = days.order_by().values_list("mailing_list", "day").annotate(people=Count("*"))
    return Counter({(mailing_list, day): people for mailing_list, day, people in counted})


def _sums(campaign: Campaign) -> dict[str, Any]:
    return asdict(reports.ledger(campaign))


def _everybody() -> dict[str, Any]:
    people = count_people()
    daily = {
        name: [[number, day.isoformat(), count] for (number, day), count in counts.items()]
        for name, counts in (("joined", people.joined), ("left", people.left))
    }
    return {"number": people.number, "active": list(people.active.items()), "day": people.day.isoformat(), **daily}


def _read(kept: Tally) -> People:
    numbers = kept.numbers
    joined, left = (
        Counter({(number, date.fromisoformat(day)): count for number, day, count in numbers[name]})
        for name in ("joined", "left")
    )
    day = date.fromisoformat(numbers["day"])
    return People(numbers["number"], dict(numbers["active"]), joined, left, day, kept.counted_at)
