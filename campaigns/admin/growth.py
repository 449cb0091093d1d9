"""How lists grow: active people, who joined and who left, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from campaigns.tallies import DAYS, People
from subscribers.models import MailingList

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


def largest_lists(people: People, most: int = 6) -> list[Growth]:
    lists = sorted(MailingList.objects.order_by("name"), key=lambda row: -people.active.get(row.pk, 0))
    return [grown(row, people) for row in lists[:most]]


def grown(mailing_list: MailingList, people: People) -> Growth:
    """Walks back from today: yesterday's end is today's without those who came, with those who went."""
    number = mailing_list.pk
    active = count = people.active.get(number, 0)
    days = []
    for back in range(DAYS):
        key = (number, people.day - timedelta(days=back))
        days.append(count)
        count -= people.joined[key] - people.left[key]
    return Growth(
        mailing_list,
        active,
        joined=sum(joined for (pk, _day), joined in people.joined.items() if pk == number),
        left=sum(left for (pk, _day), left in people.left.items() if pk == number),
        days=days[::-1],
    )
