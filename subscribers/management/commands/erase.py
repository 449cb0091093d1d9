"""Erase one person for good."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from subscribers import erasure
from subscribers.addresses import AddressRefused, normalise


class Command(BaseCommand):
    help = "Erase whoever has this address, from every table and file; only a fingerprint remains, as a suppression."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def handle(self, *args: Any, address: str, yes: bool, **options: Any) -> None:
        try:
            known = normalise(address)
            if not yes and input("This cannot be undone. Write the address again: ").strip() != address.strip():
                raise CommandError("Nothing was erased.")
            erasure.erase(known)
        except (AddressRefused, erasure.Refused) as refusal:
            raise CommandError(str(refusal)) from refusal
        erasure.wipe()
        self.stdout.write("Erased.")
