"""Runs the mail catcher until it is stopped."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.rehearsal.catcher import catch
from campaigns.rehearsal.mailbox import Mailbox


class Command(BaseCommand):
    help = "Takes mail by SMTP on this machine and keeps it in a folder, which the Mailbox page shows."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=1025)
        parser.add_argument("--dir", type=Path, default=settings.MAILBOX_DIR, help="Else MAILBOX_DIR.")

    def handle(self, *args: Any, host: str, port: int, dir: Path | None, **options: Any) -> None:
        if dir is None:
            raise CommandError("Say where to keep the mails: --dir, or MAILBOX_DIR in the environment.")
        try:
            asyncio.run(catch(Mailbox(dir), host, port))
        except OSError as error:
            raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror}.") from error
