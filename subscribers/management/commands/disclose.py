"""Write down everything that is held about one address."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from subscribers.addresses import AddressRefused, normalise
from subscribers.disclosure import disclose


class Command(BaseCommand):
    help = "Tell everything that is held about one address, as JSON or as a page to read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")
        parser.add_argument("--html", action="store_true", help="A page to read instead of JSON.")

    def handle(self, *args: Any, address: str, html: bool, **options: Any) -> None:
        try:
            told = disclose(normalise(address))
        except AddressRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(told.as_html() if html else told.as_json())
