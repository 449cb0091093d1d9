"""`manage.py qcluster`: stands before the command of django-q2."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from campaigns.management.cluster import Cluster


class Command(BaseCommand):
    help = "Plans, sends and imports in the background, until it is told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        Cluster().run()
