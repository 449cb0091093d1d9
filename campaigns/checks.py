"""System checks for settings that would lose mail, double it or break a limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string

# Why: tasks are nudges. None is kept, repeated or run for ever, and none waits behind a busy worker.
QUEUE = {"queue_limit": 1, "bulk": 1, "max_attempts": 1, "ack_failures": True, "save_limit": -1, "catch_up": False}

THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


@register
def queue(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = [
        Error(
            f"Q_CLUSTER has {name}={settings.Q_CLUSTER.get(name)!r}.", hint=f"Set it to {value!r}.", id="campaigns.E001"
        )
        for name, value in QUEUE.items()
        if settings.Q_CLUSTER.get(name) != value
    ]
    times: Mapping[str, Any] = settings.Q_CLUSTER
    if times.get("retry", 0) <= 3 * times.get("timeout", 0):
        found.append(
            Error(
                "Q_CLUSTER would hand a task out again while a worker still has it.",
                hint="Make retry more than three times timeout.",
                id="campaigns.E002",
            )
        )
    apps = [name.partition(".")[0] for name in settings.INSTALLED_APPS]
    if apps.index("campaigns") > apps.index("django_q"):
        found.append(
            Error(
                "The qcluster command of django_q would run instead of ours.",
                hint="Put campaigns before django_q in INSTALLED_APPS.",
                id="campaigns.E003",
            )
        )
    return found


@register
def mailers(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    return [
        Error(
            f"The mailer “{alias}” leads back into the queue, so a mail would never leave.",
            hint="Name a backend in MAILERS that talks to a server; EMAIL_BACKEND alone names the queue.",
            id="campaigns.E005",
        )
        for alias, mailer in settings.MAILERS.items()
        if getattr(import_string(mailer["BACKEND"]), "is_queue", False)
    ]


@register
def incoming_mail(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    mailbox = settings.INCOMING_MAIL
    if mailbox is None or mailbox["tls"] != "none" or mailbox["host"] in THIS_MACHINE:
        return []
    return [
        Warning(
            f"The password of the mailbox at {mailbox['host']} crosses the network for everybody to read.",
            hint="Begin INCOMING_MAIL with imaps://, or leave out tls=none.",
            id="campaigns.W006",
        )
    ]


@register
def sqlite(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3") or database["OPTIONS"].get("transaction_mode") == "IMMEDIATE":
        return []
    return [
        Error(
            "SQLite would refuse writers that meet.",
            hint='Set OPTIONS["transaction_mode"] to "IMMEDIATE".',
            id="campaigns.E004",
        )
    ]
