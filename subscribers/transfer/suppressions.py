"""Lists of suppressions as files: to move to another installation with the same key, or to another program."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from itertools import chain, islice
from pathlib import Path
from typing import IO, Final

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from subscribers import addresses, patterns
from subscribers.models import MailingList, Suppression
from subscribers.transfer import workbooks
from subscribers.transfer.cells import neutral, original
from subscribers.transfer.reading import Row, Source, reading

COLUMNS: Final = ("suppressed", "reason", "list", "expires", "since", "note")
FINGERPRINT: Final = re.compile(r"([\w-]+):([0-9a-f]{64})\Z")
MOST_PROBLEMS: Final = 50
AT_ONCE: Final = 1_000


@dataclass
class Report:
    new: int = 0
    known: int = 0
    problems: list[str] = field(default_factory=list)
    wrong: int = 0


class Unreadable(ValueError):
    """A row says nothing that could be stored; ``str()`` says why in words."""


def take_in(path: Path, name: str, *, reason: str) -> Report:
    """Each row that can be read, whatever is wrong with others. Raises FileRefused."""
    report = Report()
    lists = {each.label: each for each in MailingList.objects.all()}
    with reading(Source(path, name, {})) as opened:
        rows = iter(opened.rows)
        first = next(rows, None)
        columns = _columns(first) if first else {}
        rest = rows if columns or not first else chain([first], rows)
        while some := list(islice(rest, AT_ONCE)):
            found = list(_readable(some, columns or {"suppressed": 0}, lists, reason, report))
            new = Suppression.objects.keep(found)
            report.new += new
            report.known += len(found) - new
    return report


def as_csv(rows: QuerySet[Suppression]) -> Iterator[str]:
    """Line by line; formulas are made harmless."""
    yield "\N{ZERO WIDTH NO-BREAK SPACE}" + _line(COLUMNS)
    for row in rows.select_related("mailing_list").order_by("pk").iterator(2_000):
        yield _line(map(neutral, _cells(row)))


def as_workbook(rows: QuerySet[Suppression], file: IO[bytes]) -> None:
    stops = rows.select_related("mailing_list").order_by("pk").iterator(2_000)
    workbooks.write(file, COLUMNS, map(_cells, stops))


def _cells(row: Suppression) -> tuple[str, ...]:
    return (
        row.domain or row.fingerprint,
        row.reason,
        row.mailing_list.label if row.mailing_list else "",
        row.expires_at.isoformat() if row.expires_at else "",
        row.created_at.isoformat(),
        row.note,
    )


def _line(cells: Iterable[str]) -> str:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _columns(row: Row) -> dict[str, int]:
    """Where the columns are, if this is a row of headings."""
    names = [cell.strip().lower() for cell in row.cells]
    return {name: names.index(name) for name in COLUMNS if name in names} if "suppressed" in names else {}


def _readable(
    rows: Iterable[Row], columns: dict[str, int], lists: dict[str, MailingList], reason: str, report: Report
) -> Iterator[Suppression]:
    for row in rows:
        try:
            yield _suppression(row, columns, lists, reason)
        except Unreadable as problem:
            report.wrong += 1
            if len(report.problems) < MOST_PROBLEMS:
                words = _("Row %(number)d: %(problem)s") % {"number": row.number, "problem": problem}
                report.problems.append(words)


def _suppression(row: Row, columns: dict[str, int], lists: dict[str, MailingList], reason: str) -> Suppression:
    cells = {name: original(row.cells[at]).strip() for name, at in columns.items() if at < len(row.cells)}
    label = cells.get("list", "")
    if label and label not in lists:
        raise Unreadable(_("There is no list with the label “%(label)s”.") % {"label": label})
    stated = cells.get("reason") or reason
    if stated not in Suppression.Reason.values:
        raise Unreadable(_("“%(reason)s” is no reason.") % {"reason": stated})
    fingerprint, domain = _who(cells.get("suppressed", ""))
    return Suppression(
        fingerprint=fingerprint,
        domain=domain,
        mailing_list=lists.get(label),
        reason=stated,
        note=cells.get("note", "")[:250],
        expires_at=_moment(cells.get("expires", "")),
    )


def _who(text: str) -> tuple[str, str]:
    written = FINGERPRINT.match(text)
    if written:
        if written[1] != settings.FINGERPRINT_KEY[0]:
            raise Unreadable(_("This fingerprint was made with another key, so it means nobody here."))
        return text, ""
    try:
        if "@" in text.lstrip("@"):
            return addresses.fingerprint(addresses.normalise(text)), ""
        return "", patterns.normalise(text)
    except (addresses.AddressRefused, patterns.PatternRefused) as refusal:
        raise Unreadable(str(refusal)) from refusal


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = parse_datetime(text)
        day = None if moment else parse_date(text)
    except ValueError:
        moment = day = None
    if day:
        moment = datetime(day.year, day.month, day.day)
    if moment is None:
        raise Unreadable(_("“%(text)s” is no date. Write it like 2027-01-31.") % {"text": text})
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
