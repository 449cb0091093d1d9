"""The demo's acts, in an environment that catches its mail."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.rehearsal.performance import WentWrong, perform

# Some twenty a second, so that an audience of five hundred is slow enough to watch and fast enough to wait for.
LIMIT = 1500


class Command(BaseCommand):
    help = "Imports invented people and sends them a campaign, which the mail catcher must catch. `demo` prepares it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workbook", type=Path, help="Where to write the sample workbook.")
        parser.add_argument("--limit", type=int, default=LIMIT, help="Mails in an hour.")

    def handle(self, *args: Any, workbook: Path, limit: int, **options: Any) -> None:
        if settings.MAILBOX_DIR is None:
            raise CommandError("This sends mail to invented people: set MAILBOX_DIR where a mail catcher keeps it.")
        # Every nudge is a line for the log of a server, and none for a reader of this.
        logging.getLogger("django-q").setLevel(logging.WARNING)
        try:
            ledger = perform(workbook, limit)
        except WentWrong as error:
            raise CommandError(str(error)) from error
        print(f"ledger: {ledger}", flush=True)
        if not ledger.adds_up:
            raise CommandError("The sum is wrong: somebody is missing.")
