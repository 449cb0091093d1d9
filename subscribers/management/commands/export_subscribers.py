"""`manage.py export_subscribers -o FILE`: what an export in the admin writes, in this process."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from subscribers import selections
from subscribers.errands import Refused
from subscribers.models import Export, MailingList, Segment
from subscribers.selections import BadSelection
from subscribers.terminal import progress, say
from subscribers.transfer import columns, exporting

Format = Export.Format


class Command(BaseCommand):
    help = "Writes people to an .xlsx or .csv file that an import reads back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="an existing file is replaced")
        parser.add_argument("--list", metavar="LABEL", help="only who is active on this list")
        parser.add_argument("--segment", metavar="NAME", help="only who is in this segment")
        parser.add_argument("--format", choices=Format.values, help="unless the name of the file says it")
        parser.add_argument(
            "--column", action="append", default=[], metavar="KEY", help="in their order; otherwise the usual ones"
        )
        parser.add_argument("--columns", action="store_true", help="tell which columns there are, and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            selection = _selection(options)
            if options["columns"]:
                _tell_columns(selection)
            else:
                _write(options, selection)
        except (BadSelection, Refused) as refusal:
            raise CommandError(str(refusal)) from refusal


def _selection(options: dict[str, Any]) -> dict[str, Any]:
    selection = {}
    if options["list"]:
        selection["mailing_list"] = _number(MailingList, "label", options["list"])
    if options["segment"]:
        selection["segment"] = _number(Segment, "name", options["segment"])
    return selection


def _number(model: type[Any], field: str, wanted: str) -> int:
    known = dict(model.objects.order_by("-pk").values_list(field, "pk"))
    if wanted not in known:
        raise CommandError(f"There is no “{wanted}”, only: {', '.join(sorted(known)) or 'none at all'}.")
    return int(known[wanted])


def _tell_columns(selection: dict[str, Any]) -> None:
    for column in columns.offered(selection):
        say(f"  {column.key}  {column.label}{'' if column.is_usual else ' (if asked for)'}")


def _write(options: dict[str, Any], selection: dict[str, Any]) -> None:
    output: Path | None = options["output"]
    if output is None:
        raise CommandError("Say where to write it: -o FILE.")
    form = options["format"] or output.suffix.lstrip(".").lower()
    if form not in Format.values:
        raise CommandError(f"Say what kind of file it shall be: --format {' or '.join(Format.values)}.")
    keys = options["column"] or [column.key for column in columns.offered(selection) if column.is_usual]
    total, done = selections.people(selection).count(), 0
    try:
        with progress("Export") as shown:
            for done in exporting.write(output, keys, selection, form):
                shown.show(done, max(total, done))
    except OSError as error:
        raise CommandError(f"{output}: {error.strerror}.") from error
    say(f"  {done:,} written to {output}.")
