"""`make demo`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from campaigns.rehearsal.demo import show

PORT = 8000


class Command(BaseCommand):
    help = "Imports, composes and sends a campaign on this machine, then serves the admin to look around."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Stop after the ledger line.")
        parser.add_argument(
            "--port", type=int, default=os.environ.get("PORT"), help="Else PORT, else 8000, or any with --once."
        )
        parser.add_argument("--folder", type=Path, default=settings.BASE_DIR / ".demo", help="Made new each time.")
        parser.add_argument("--limit", type=int, help="Mails in an hour, which takes a minute here.")

    def handle(self, *args: Any, once: bool, port: int | None, folder: Path, limit: int | None, **options: Any) -> None:
        if port is None:
            # Nobody visits a demo that ends by itself, so it takes whatever port is free.
            port = 0 if once else PORT
        script = ["--limit", str(limit)] if limit else []
        sys.exit(show(folder, web_port=port, once=once, script=script))
