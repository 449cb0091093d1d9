"""For a mail server: reads one mail from standard input and does what it says."""

from __future__ import annotations

import sys
from os import EX_TEMPFAIL
from typing import Any, BinaryIO, Final

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error as DatabaseError

from campaigns.feedback.incoming.anatomy import LONGEST
from campaigns.feedback.incoming.receive import receive_from_pipe

CHUNK: Final = 65_536


class Command(BaseCommand):
    help = "Reads a mail from standard input: a wish to leave, a bounce or a complaint. Ignores any other."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--verbose", action="store_true", help="Say what was done.")

    def handle(self, *args: Any, verbose: bool, **options: Any) -> None:
        try:
            receipt = receive_from_pipe(read(sys.stdin.buffer))
        except DatabaseError as error:
            # The mail server keeps the mail and tries again.
            self.stderr.write(f"The database is away: {str(error).splitlines()[0]}")
            sys.exit(EX_TEMPFAIL)
        if verbose:
            self.stdout.write(receipt.words)


def read(source: BinaryIO) -> bytes:
    """To the end, or the server would take it for a failure; but not all of it is kept."""
    kept = source.read(LONGEST)
    while source.read(CHUNK):
        pass
    return kept
