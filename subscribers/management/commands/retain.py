"""Carry out the retention rules now."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand

from subscribers import retention
from subscribers.models import RetentionRule

SECONDS: Final = 10.0


class Command(BaseCommand):
    help = "Remove what is older than the retention rules allow."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only tell how much that would be.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        for rule in RetentionRule.objects.all():
            if dry_run:
                number = retention.would_remove(rule)
                state = "in force" if rule.is_active else "not in force"
                self.stdout.write(f"{rule} ({rule.days} days, {state}): {number:,} would be removed now")
            elif rule.is_active:
                while retention.carry_out(rule, seconds=SECONDS):
                    self.stdout.write(f"{rule}: {rule.removed:,} removed so far")
                self.stdout.write(f"{rule}: {rule.removed:,} removed")
