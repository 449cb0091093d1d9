"""Reads the mailbox of INCOMING_MAIL now, as workers do every few minutes, and says what was there."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from campaigns.feedback.incoming.reading import name, read
from campaigns.feedback.incoming.receipt import Kind

SECONDS = 60.0


class Command(BaseCommand):
    help = "Reads the mailbox that INCOMING_MAIL names, to its end, and says what was there."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.INCOMING_MAIL is None:
            raise CommandError("Name the mailbox in INCOMING_MAIL.")
        self.stdout.write(name())
        has_more = True
        while has_more:
            reading = read(seconds=SECONDS)
            if reading is None:
                raise CommandError("Somebody else is reading it at this moment.")
            if reading.failure:
                raise CommandError(f"It cannot be read: {reading.failure}")
            counts = ", ".join(f"{kind}: {reading.counts[kind]}" for kind in Kind)
            self.stdout.write(counts)
            has_more = reading.has_more
