"""Settings that would lose mail are found before it is lost."""

from __future__ import annotations

import pytest
from django.conf import settings as configured
from django.core.checks import run_checks

from campaigns.delivery.backend import EmailBackend


class OurOwnQueue(EmailBackend):
    """With something of a project's own."""


def ids() -> list[str]:
    return [str(message.id) for message in run_checks() if str(message.id).startswith("campaigns.")]


def test_our_own_settings_are_fine() -> None:
    assert ids() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("max_attempts", 3, "campaigns.E001"),
        ("queue_limit", 50, "campaigns.E001"),
        ("retry", 60, "campaigns.E002"),
    ],
)
def test_a_queue_that_would_repeat_or_hoard_tasks_is_an_error(
    settings: object, name: str, value: int, expected: str
) -> None:
    settings.Q_CLUSTER = configured.Q_CLUSTER | {name: value}

    assert ids() == [expected]


def test_the_stock_command_must_not_come_before_ours(settings: object) -> None:
    settings.INSTALLED_APPS = ["django_q", *(app for app in configured.INSTALLED_APPS if app != "django_q")]

    assert ids() == ["campaigns.E003"]


@pytest.mark.parametrize("backend", ["campaigns.delivery.backend.EmailBackend", f"{__name__}.OurOwnQueue"])
def test_a_mailer_must_not_lead_back_into_the_queue(settings: object, backend: str) -> None:
    settings.MAILERS = {"main": {"BACKEND": backend, "OPTIONS": {}}}

    assert ids() == ["campaigns.E005"]


def test_sqlite_must_take_its_write_lock_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {}}
    monkeypatch.setitem(configured.DATABASES, "default", sqlite)

    assert "campaigns.E004" in ids()


@pytest.mark.parametrize(
    ("host", "tls", "found"),
    [
        ("imap.example.org", "none", ["campaigns.W006"]),
        ("imap.example.org", "ssl", []),
        ("127.0.0.1", "none", []),
    ],
)
def test_the_password_of_a_mailbox_should_not_cross_the_network_in_the_open(settings, host, tls, found) -> None:
    settings.INCOMING_MAIL = {"host": host, "tls": tls}

    assert ids() == found
