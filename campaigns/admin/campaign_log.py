"""The send log of one campaign: filtered, searched and turned page by page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise

from campaigns.models import Attempt, Campaign, Delivery
from campaigns.models.delivery import DeliveryQuerySet

PAGE = 50
WAITING = "waiting"
ENDED = (Delivery.Status.SENT, Delivery.Status.FAILED, Delivery.Status.SKIPPED, Delivery.Status.UNCERTAIN)


@dataclass(frozen=True)
class Line:
    delivery: Delivery
    language: str
    latest: Attempt | None

    @property
    def words(self) -> str | Promise:
        """Why it was skipped, else what the server said last."""
        if self.delivery.status == Delivery.Status.SKIPPED:
            return skip_reason(self.delivery)
        return self.latest.answer if self.latest else self.delivery.reason


@dataclass(frozen=True)
class Log:
    """One page; `newer` and `older` are query strings, empty where there is nothing more."""

    lines: list[Line]
    outcome: str
    search: str
    newer: str
    older: str

    @property
    def is_fresh(self) -> bool:
        """The newest page of what nobody is just ticking or looking for: it may change under their eyes."""
        return not self.search and not self.newer and self.outcome != Delivery.Status.UNCERTAIN


def skip_reason(delivery: Delivery) -> str | Promise:
    return dict(Delivery.Skip.choices).get(delivery.reason, delivery.reason)


def read_log(campaign: Campaign, wanted: QueryDict) -> Log:
    outcome, search = wanted.get("outcome", ""), wanted.get("search", "").strip()
    found = campaign.deliveries.to(search) if search else campaign.deliveries.all()
    if outcome in ENDED:
        found = found.ended().filter(status=outcome)
    elif outcome == WAITING:
        found = found.waiting_of(campaign)
    elif not search:
        # What has happened is news; who waits is not, unless somebody asks for them.
        found = found.ended()
    deliveries, has_newer, has_older = page(found, wanted.get("before", ""), wanted.get("after", ""))
    asked = {name: value for name, value in (("outcome", outcome), ("search", search)) if value}
    return Log(
        lines(campaign, deliveries),
        outcome,
        search,
        newer="?" + urlencode(asked | {"after": deliveries[0].pk}) if has_newer else "",
        older="?" + urlencode(asked | {"before": deliveries[-1].pk}) if has_older else "",
    )


def page(found: DeliveryQuerySet, before: str, after: str) -> tuple[list[Delivery], bool, bool]:
    """By key, because counting and skipping a million rows takes long: (rows, whether newer, whether older)."""
    if after.isdecimal():
        rows = list(found.filter(pk__gt=int(after)).order_by("pk")[: PAGE + 1])
        return rows[:PAGE][::-1], len(rows) > PAGE, bool(rows)
    if before.isdecimal():
        rows = list(found.filter(pk__lt=int(before)).order_by("-pk")[: PAGE + 1])
        return rows[:PAGE], bool(rows), len(rows) > PAGE
    rows = list(found.order_by("-pk")[: PAGE + 1])
    return rows[:PAGE], False, len(rows) > PAGE


def lines(campaign: Campaign, deliveries: Iterable[Delivery]) -> list[Line]:
    languages = dict(campaign.editions.values_list("pk", "language"))
    latest = latest_attempts(deliveries)
    return [Line(one, languages.get(one.edition_id or 0, ""), latest.get(one.pk)) for one in deliveries]


def latest_attempts(deliveries: Iterable[Delivery]) -> dict[int, Attempt]:
    attempts = Attempt.objects.filter(delivery__in=[one.pk for one in deliveries]).order_by("pk")
    return {attempt.delivery_id: attempt for attempt in attempts}
