"""The first lines of a report: its most wanted numbers, each with what it is a part of."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns.admin.report_sections import PARTS, outcome_labels, reach_columns
from campaigns.admin.spans import Number, in_digits, in_percent, least
from campaigns.readership import Reach, Report


@dataclass(frozen=True)
class Tile:
    name: str
    label: str
    digits: str
    details: str


@dataclass(frozen=True)
class Part:
    status: str
    label: str
    count: int


@dataclass(frozen=True)
class Head:
    report: Report

    @property
    def reach(self) -> Reach:
        return self.report.reach

    @property
    def tiles(self) -> list[Tile]:
        reach = self.reach
        labels = outcome_labels()
        of_planned, of_sent = _("%(percent)s of planned"), _("%(percent)s of sent")
        of_delivered = _("%(percent)s of delivered")
        found = [
            _tile("sent", _("Sent"), reach.sent, reach.planned, of_planned),
            _tile("delivered", labels["delivered"], reach.delivered, reach.sent, of_sent),
        ]
        if self.report.counts_people or reach.opened or reach.clicked:
            found.append(_tile("opened", _("Opened"), reach.opened, reach.delivered, of_delivered))
            found.append(_tile("clicked", _("Clicked"), reach.clicked, reach.delivered, of_delivered))
        found.append(_tile("unsubscribed", _("Unsubscribed"), reach.unsubscribed, reach.delivered, of_delivered))
        found.append(_tile("complained", _("Complained"), reach.complained, reach.delivered, of_delivered))
        return found

    @property
    def deeds(self) -> list[tuple[str, str]]:
        """What somebody is known to have done, by the name under which people are exported."""
        labels = {column.name: column.label for column in reach_columns()}
        names = ("bounced", "opened", "clicked", "unsubscribed", "complained")
        return [(name, labels[name]) for name in names if least(getattr(self.reach, name))]

    @property
    def readers(self) -> list[Tile]:
        """Openings and clicks: by person, else in sums."""
        return [tile for tile in self.tiles if tile.name in {"opened", "clicked"}] or self.sums

    @property
    def sums(self) -> list[Tile]:
        """Without persons."""
        openings, clicks = self.report.openings, self.report.clicks
        if not openings and not clicks and not self.report.campaign.is_tracked:
            return []
        return [
            Tile("openings", _("Times opened"), in_digits(openings), ""),
            Tile("clicks", _("Times a link was followed"), in_digits(clicks), ""),
        ]

    @property
    def parts(self) -> list[Part]:
        labels = outcome_labels()
        return [Part(part, labels[part], number) for part in PARTS if (number := getattr(self.reach, part))]

    @property
    def is_range(self) -> bool:
        """Somewhere machines may be among those who were counted."""
        spans = (self.reach.opened, self.reach.clicked, self.report.openings, self.report.clicks)
        return any(span.least != span.most for span in spans)


def _tile(name: str, label: str, number: Number, whole: int, words: str) -> Tile:
    percent = in_percent(number, whole)
    return Tile(name, label, in_digits(number), words % {"percent": percent} if percent else "")
