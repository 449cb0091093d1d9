"""`manage.py cluster_health`: for supervisors, and for whoever wonders."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from campaigns.delivery import heartbeats
from campaigns.delivery.heartbeats import SILENT_AFTER


class Command(BaseCommand):
    help = "Says whether a cluster of this host is at work; exits with 1 if not."
    # Supervisors ask often, and the checks take longer than the answer.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--any", action="store_true", help="be content with a cluster of another host")
        parser.add_argument(
            "--within",
            type=float,
            default=SILENT_AFTER.total_seconds(),
            metavar="SECONDS",
            help="how long a cluster may be silent (default: %(default)g)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        where = "anywhere" if options["any"] else f"on {heartbeats.host()}"
        try:
            signs = [sign for sign in heartbeats.signs() if options["any"] or sign.heartbeat.host == heartbeats.host()]
        except Error as error:
            raise CommandError(f"The database does not answer: {error}") from error
        if not signs:
            raise CommandError(f"No cluster runs {where}.")
        latest = signs[0]
        silent_for = latest.silent_for.total_seconds()
        if silent_for > options["within"]:
            raise CommandError(f"{latest.heartbeat} has been silent for {silent_for:.0f} seconds.")
        if all(sign.is_stuck for sign in signs):
            raise CommandError(f"A lane of {latest.heartbeat} has not moved for {latest.still_seconds:.0f} seconds.")
        if latest.trouble:
            raise CommandError(f"{latest.heartbeat} cannot work: {latest.trouble}")
        self.stdout.write(f"{latest.heartbeat} ticked {max(silent_for, 0):.1f} seconds ago.")
