"""Works on an import in this process, and shows meanwhile how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import sleep
from typing import Final

from django.db import connection
from django.utils import timezone

from subscribers.models import Import
from subscribers.terminal import Progress, progress
from subscribers.transfer.importing import proceed
from subscribers.transfer.progress import progress as progress_of

# Only as long as nobody else has the import: then there is no reason to stop in between.
SECONDS: Final = 3600.0
LOOK_AGAIN: Final = 0.5


def follow(started: Import, label: str) -> None:
    """Until it is no longer under way, whoever works on it."""
    with progress(label) as bar, _shown(started.pk, bar):
        while started.is_under_way:
            if not proceed(started, seconds=SECONDS) and _is_under_way(started):
                # A worker was faster: wait for it.
                sleep(LOOK_AGAIN)
        _show(started, bar)


def _is_under_way(started: Import) -> bool:
    started.refresh_from_db()
    return started.is_under_way


@contextmanager
def _shown(number: int, bar: Progress) -> Iterator[None]:
    """By a thread of its own, which reads what is committed."""
    is_over = Event()

    def look() -> None:
        try:
            while not is_over.wait(LOOK_AGAIN):
                found = Import.objects.filter(pk=number).first()
                if found and not is_over.is_set():
                    _show(found, bar)
        finally:
            connection.close()

    thread = Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _show(found: Import, bar: Progress) -> None:
    now = progress_of(found)
    if not now.done:
        return
    words = f"{now.per_second:,.0f}/s"
    if now.done_at:
        words += f", until {timezone.localtime(now.done_at):%H:%M:%S}"
    bar.show(now.done, max(now.total or 0, now.done), words)
