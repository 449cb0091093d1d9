"""`manage.py import_subscribers FILE`: what the wizard does, without a browser and without a cluster."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils import timezone

from subscribers.management.following import follow
from subscribers.models import Import, ImportIssue, MailingList
from subscribers.terminal import say
from subscribers.transfer import headings, intake, naming, rejects, wording
from subscribers.transfer.faults import FileRefused
from subscribers.transfer.importing import RENEWED
from subscribers.transfer.progress import outcomes

# Exit codes besides 0, and 1 for what could not be done at all.
ROWS_LEFT_OUT = 3
INTERRUPTED = 130

Outcome = Import.Outcome
Status = Import.Status


class Command(BaseCommand):
    help = (
        "Imports people from an .xlsx, .csv or .tsv file, in this process. Exits with 0 if every row could be read,"
        f" with {ROWS_LEFT_OUT} if some could not, with 1 if nothing could be done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        people = parser.add_argument_group("about the people")
        people.add_argument("--list", action="append", default=[], metavar="LABEL", help="a list to put them on")
        people.add_argument("--consent", metavar="WORDS", help="where their consent comes from; kept as the proof")
        people.add_argument("--confirm", action="store_true", help="ask each of them by mail to confirm")
        people.add_argument(
            "--until", type=date.fromisoformat, metavar="YYYY-MM-DD", help="of implied consent: its end"
        )
        people.add_argument("--tag", action="append", default=[], metavar="WORD")
        people.add_argument("--existing", choices=Import.Existing.values, default=Import.Existing.FILL)
        people.add_argument(
            "--check-domains", action="store_true", help="leave out whose domain takes no mail, as the DNS says"
        )
        reading = parser.add_argument_group("about the file")
        reading.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="TARGET=HEADING",
            help="email=E-mail, attribute:company=Firma, attribute:age:number=C; others are left out then",
        )
        reading.add_argument("--sheet")
        reading.add_argument("--encoding")
        reading.add_argument("--delimiter")
        reading.add_argument("--heading", type=int, metavar="ROW", help="the row of the headings; 0 if there is none")
        parser.add_argument("--rejected", type=Path, metavar="FILE.xlsx", help="write the rows left out here")
        parser.add_argument("--dry-run", action="store_true", help="tell what would happen, and keep nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["consent"] or not options["consent"].strip():
            raise CommandError("Say where their consent comes from: --consent.")
        received = _receive(options)
        with _interruptible(received):
            _check(received, options["map"])
            follow(received, "Dry run")
            if not options["dry_run"] and received.run():
                follow(received, "Import")
        _end(received, options)


def _receive(options: dict[str, Any]) -> Import:
    asked = {name: options[name] for name in ("sheet", "encoding", "delimiter", "heading")}
    path: Path = options["file"]
    try:
        with path.open("rb") as file:
            return intake.receive(
                File(file),
                name=path.name,
                mailing_lists=list(_lists(options["list"])),
                tags=options["tag"],
                dialect={name: value for name, value in asked.items() if value is not None},
                consent_statement=options["consent"].strip(),
                needs_confirmation=options["confirm"],
                consent_expires_at=_end_of(options["until"]) if options["until"] else None,
                existing=options["existing"],
                checks_domains=options["check_domains"],
            )
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error
    except FileRefused as refusal:
        raise CommandError(f"{path}: {wording.explain(refusal)}") from refusal


def _lists(labels: Iterable[str]) -> Iterator[MailingList]:
    known = {each.label: each for each in MailingList.objects.all()}
    for label in labels:
        if label not in known:
            raise CommandError(f"There is no list “{label}”, only: {', '.join(sorted(known)) or 'none at all'}.")
        yield known[label]


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def _check(received: Import, pairs: list[str]) -> None:
    """Begin the dry run, with the columns as they were named, or else as they are understood."""
    settled: dict[str, Any] = {"mapping": received.mapping, "attributes": received.attributes}
    try:
        if pairs:
            found = naming.named(pairs, received.columns)
            settled = {"mapping": found.mapping, "attributes": found.attributes}
    except naming.Misnamed as error:
        raise CommandError(str(error)) from error
    if headings.LISTS not in settled["mapping"].values() and not received.mailing_lists.exists():
        raise CommandError("Say which list they are put on, --list, or which column names it, --map lists=HEADING.")
    for at, heading in enumerate(received.columns):
        say(f"  {heading} → {settled['mapping'].get(str(at), 'left out')}")
    received.check_again(**settled)


@contextmanager
def _interruptible(received: Import) -> Iterator[None]:
    """What was not begun leaves nothing; what was interrupted can be undone like any other import."""
    try:
        yield
    except KeyboardInterrupt:
        received.cancel()
        received.forget_file()
        say("\nCancelled. What was imported by then can be undone on the page of the import.")
        raise SystemExit(INTERRUPTED) from None
    except CommandError:
        _forget(received)
        raise


def _forget(received: Import) -> None:
    received.forget_file()
    received.delete()


def _end(received: Import, options: dict[str, Any]) -> None:
    for line in outcomes(received):
        say(f"  {line.rows:>10,}  {line.label}")
    for code, rows in received.issues.values_list("reason").annotate(rows=Count("pk")).order_by("-rows"):
        say(f"  {rows:>10,}    {ImportIssue.Reason(code).label}")
    if renewed := received.counts.get(RENEWED, 0):
        say(f"  {renewed:>10,}  subscriptions whose implied consent is renewed")
    invalid, problem, status = received.counts.get(Outcome.INVALID, 0), received.problem, received.status
    if options["rejected"] and received.issues.filter(is_rejected=True).exists():
        options["rejected"].write_bytes(rejects.rejected_rows(received))
        say(f"  The rows left out are in {options['rejected']}.")
    if options["dry_run"]:
        _forget(received)
        say("  Nothing was changed.")
    if status not in (Status.DONE, Status.CHECKED):
        raise CommandError(problem or f"The import is {received.get_status_display()}.")
    if invalid:
        sys.exit(ROWS_LEFT_OUT)
