"""Takes a file in: looks at it, guesses how to read it, and says at once what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.files.base import File
from django.db import transaction

from subscribers.models import Import, MailingList, Tag
from subscribers.transfer import mapping, profiles
from subscribers.transfer.importing import source_of
from subscribers.transfer.reading import Row, Source, look


def receive(
    file: File[bytes],
    *,
    name: str,
    mailing_lists: Iterable[MailingList],
    tags: Iterable[str] = (),
    dialect: Mapping[str, Any] | None = None,
    **stated: Any,
) -> Import:
    """Keep an uploaded file with our best guess at its columns. Raises FileRefused; then nothing is kept.

    `dialect`: how to read it, as far as that is known; `stated`: the other fields, such as `consent_statement`.
    """
    received = Import(name=name[:250], **stated)
    received.file.save(name, file, save=False)
    try:
        # Not within the transaction: others would wait to write for as long as the file takes to open.
        read_as(received, dialect or {})
        with transaction.atomic():
            received.save()
            _put(received, mailing_lists, tags)
    except BaseException:
        received.file.delete(save=False)
        raise
    return received


def restate(received: Import, *, mailing_lists: Iterable[MailingList], tags: Iterable[str], **stated: Any) -> bool:
    """Say otherwise what `receive` was told; False if the import has begun meanwhile."""
    with transaction.atomic():
        if received.settle(**stated):
            _put(received, mailing_lists, tags)
            return True
    return False


def _put(received: Import, mailing_lists: Iterable[MailingList], tags: Iterable[str]) -> None:
    received.mailing_lists.set(mailing_lists)
    received.tags.set([Tag.objects.get_or_create(name=name)[0] for name in tags])


def read_as(received: Import, dialect: Mapping[str, Any]) -> list[Row]:
    """Read the first rows in this way, whatever it leaves open being guessed; the columns are guessed anew.

    Columns with the same headings as those of an earlier file hold the same. Returns the first rows below the
    headings, and leaves the saving to the caller. Raises FileRefused.
    """
    opened, rows = look(Source(source_of(received).path, received.name, dict(dialect)))
    heading = dialect["heading"] if "heading" in dialect else mapping.find_heading(rows)
    below = [row for row in rows if row.number > heading]
    received.dialect = opened.dialect | {"heading": heading, "sheets": opened.sheets}
    received.columns = mapping.column_names(rows, heading)
    received.mapping = mapping.guess(received.columns, below)
    profiles.recall(received)
    return below


def sample(received: Import) -> list[Row]:
    """The first rows below the headings, read as settled. Raises FileRefused."""
    _opened, rows = look(source_of(received))
    return [row for row in rows if row.number > received.dialect.get("heading", 0)]
