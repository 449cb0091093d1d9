"""Writes people to a file that staff can fetch for some days, as `subscribers.errands` runs it.

The rows are appended to a file of which the one to be fetched is made in the end. How many bytes of it are valid
is committed with the cursor, so whatever a killed worker wrote beyond them is cut off by the next one.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path, PurePath
from typing import Any, Final

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from subscribers.errands import LEASE, PEOPLE, Overtaken, Refused, register
from subscribers.models import Export, Subscriber
from subscribers.models.errand import stored_name
from subscribers.selections import people
from subscribers.transfer import columns
from subscribers.transfer import facts as facts  # Registers itself.
from subscribers.transfer.columns import UnknownColumn
from subscribers.transfer.formats import KINDS

WRITTEN: Final = "written"
# While it is being written, its file holds the rows only.
ROWS: Final = "people.rows"


class Table:
    """The columns of a file, and what stands in them."""

    def __init__(self, chosen: Sequence[str], selection: Mapping[str, Any], form: str) -> None:
        """Raises Refused."""
        try:
            self._columns = columns.named(chosen, selection)
        except UnknownColumn as unknown:
            raise Refused(_("There is no column “%(column)s” any more.") % {"column": unknown}) from unknown
        self._kind = KINDS[form]

    def heading(self) -> bytes:
        return self._kind.heading([column.heading for column in self._columns])

    def rows(self, those: Sequence[Subscriber], *, above: int) -> bytes:
        """Raises Refused if the file would hold more rows than its programs can show."""
        most = self._kind.most_rows
        if most is not None and above + len(those) > most:
            raise Refused(too_many(most))
        told = [column.values(those) for column in self._columns]
        return self._kind.rows([[values.get(person.pk) for values in told] for person in those], above=above)

    def complete(self, rows: Path, file: Path, keep: Callable[[], None]) -> None:
        self._kind.complete(rows, file, keep)


class Exporting:
    """The work of an export."""

    def begin(self, errand: Export) -> None:
        self._table = Table(errand.columns, errand.selection, errand.format)
        if not errand.file or _size(Path(errand.file.path)) < errand.written:
            self._begin_anew(errand)
        self._rows = Path(errand.file.path)

    def _begin_anew(self, errand: Export) -> None:
        """Nothing is written yet, or what was written is gone."""
        errand.file.name = stored_name(errand, ROWS)
        rows = Path(errand.file.path)
        rows.parent.mkdir(parents=True, exist_ok=True)
        rows.touch(mode=settings.FILE_UPLOAD_PERMISSIONS)
        written = _append(rows, self._table.heading(), behind=0)
        _note(errand, file=errand.file.name, written=written, cursor=0, counts={})

    def step(self, errand: Export, people: list[Subscriber]) -> Counter[str]:
        rows = self._table.rows(people, above=errand.counts.get(WRITTEN, 0))
        _note(errand, written=_append(self._rows, rows, behind=errand.written))
        return Counter({WRITTEN: len(people)})

    def end(self, errand: Export) -> None:
        # What a killed worker had written beyond the last commit.
        os.truncate(self._rows, errand.written)
        done = self._rows.with_suffix(f".{errand.format}")
        self._table.complete(self._rows, done, lambda: _note(errand))
        name = str(PurePath(str(errand.file.name)).with_suffix(done.suffix))
        kept = timedelta(days=settings.KEEP_EXPORTS_DAYS)
        _note(errand, file=name, written=done.stat().st_size, expires_at=timezone.now() + kept)


register(Export, Exporting)


def write(file: Path, chosen: Sequence[str], selection: Mapping[str, Any], form: str) -> Iterator[int]:
    """Write it here and now, and tell after some people how many are written. Raises Refused and BadSelection."""
    table = Table(chosen, selection, form)
    rows = file.with_name(f".{file.name}.rows")
    size, done, cursor = 0, 0, 0
    rows.touch(mode=settings.FILE_UPLOAD_PERMISSIONS)
    try:
        size = _append(rows, table.heading(), behind=0)
        while those := list(people(selection).filter(pk__gt=cursor).order_by("pk")[:PEOPLE]):
            size = _append(rows, table.rows(those, above=done), behind=size)
            done, cursor = done + len(those), those[-1].pk
            yield done
        table.complete(rows, file, lambda: None)
    finally:
        rows.unlink(missing_ok=True)


def too_many(most: int) -> str:
    return _("A workbook holds at most %(most)s people. Choose the text format, or fewer people.") % {"most": most}


def remove_old() -> None:
    """The files that have expired, and those of exports that came to nothing."""
    for export in Export.objects.with_old_file():
        export.forget_file()


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else -1


def _append(file: Path, rows: bytes, *, behind: int) -> int:
    """The size of the file afterwards."""
    with file.open("r+b") as opened:
        opened.truncate(behind)
        opened.seek(behind)
        opened.write(rows)
        opened.flush()
        os.fsync(opened.fileno())
    return behind + len(rows)


def _note(export: Export, **changes: Any) -> None:
    """What is true of it now; the lease is kept. Raises Overtaken."""
    if not Export.objects.under_way().filter(pk=export.pk).update(**changes, leased_until=Now() + LEASE):
        raise Overtaken
    for name, value in changes.items():
        setattr(export, name, value)
