"""Other backends as a wire, and no backend at all."""

from __future__ import annotations

import time
from contextlib import closing

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from campaigns.delivery.wires.parcel import Sealed
from campaigns.delivery.wires.switchboard import Switchboard
from tests.campaigns.delivery.wires.lane import parcels_for, send, send_window

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"
HERE = "tests.campaigns.delivery.wires.test_foreign"


class UncertainBackend(BaseEmailBackend):
    def send_messages(self, email_messages: list[EmailMessage]) -> int:
        recipient = email_messages[0].to[0]
        if recipient.startswith("bob"):
            raise RuntimeError("perhaps")
        return 0 if recipient.startswith("chloe") else 1


class ClosedBackend(UncertainBackend):
    def open(self) -> bool:
        raise OSError("nobody there")


def test_any_backend_of_django_is_a_way_out(mailoutbox: list[EmailMessage]) -> None:
    with closing(Switchboard({"BACKEND": LOCMEM, "OPTIONS": {}}, 1)) as board:
        outcomes = send(board, parcels_for("ann", "bob"))

    assert [outcome.kind for outcome in outcomes] == ["accepted"] * 2
    assert outcomes[0].duration_ms is not None
    assert [mail.to for mail in mailoutbox] == [["ann@example.org"], ["bob@example.org"]]


def test_each_parcel_goes_to_its_recipient_alone(mailoutbox: list[EmailMessage]) -> None:
    (ann,) = parcels_for("ann")
    ann.message.cc = ["bob@example.org"]
    ann.message.from_email = "News <news@example.org>"
    parcels = [ann, ann._replace(number=1, recipient="bob@example.org", sender="bounces@example.org")]

    with closing(Switchboard({"BACKEND": LOCMEM, "OPTIONS": {}}, 1)) as board:
        send(board, parcels)

    assert [mail.recipients() for mail in mailoutbox] == [["ann@example.org"], ["bob@example.org"]]
    assert [mail.message()["Cc"] for mail in mailoutbox] == ["bob@example.org"] * 2
    assert [mail.message()["From"] for mail in mailoutbox] == ["News <news@example.org>"] * 2
    assert mailoutbox[1].from_email == "bounces@example.org"


def test_what_a_backend_does_not_say_is_uncertain() -> None:
    with closing(Switchboard({"BACKEND": f"{HERE}.UncertainBackend", "OPTIONS": {}}, 1)) as board:
        outcomes = send(board, parcels_for("ann", "bob", "chloe", "dilnoza"))

    assert [outcome.kind for outcome in outcomes] == ["accepted", "unknown", "unknown", "accepted"]


@pytest.mark.parametrize("backend", [f"{HERE}.ClosedBackend", f"{HERE}.NoSuchBackend"])
def test_a_backend_that_cannot_be_opened_spends_one_mail(backend: str) -> None:
    with closing(Switchboard({"BACKEND": backend, "OPTIONS": {}}, 1)) as board:
        outcomes = send_window(board, parcels_for("ann", "bob"))

    assert [outcome.kind for outcome in outcomes.values()] == ["unavailable"]


def test_a_broken_mail_is_invalid_and_the_next_goes(mailoutbox: list[EmailMessage]) -> None:
    ann, bob = parcels_for("ann", "bob")
    ann.message.extra_headers["X-Note"] = "two\nlines"

    with closing(Switchboard({"BACKEND": LOCMEM, "OPTIONS": {}}, 1)) as board:
        outcomes = send(board, [ann, bob, bob._replace(number=2, message=Sealed(b"Subject: x\r\n\r\n"))])

    assert [outcome.kind for outcome in outcomes] == ["invalid", "accepted", "invalid"]
    assert len(mailoutbox) == 1


def test_a_backend_keeps_to_the_time(mailoutbox: list[EmailMessage]) -> None:
    with closing(Switchboard({"BACKEND": LOCMEM, "OPTIONS": {}}, 1)) as board:
        outcomes = send_window(board, parcels_for("ann"), until=time.monotonic())

    assert outcomes == {}
    assert not mailoutbox


def test_a_mailer_that_is_gone_spends_one_mail() -> None:
    with closing(Switchboard(None, 2)) as board:
        outcomes = send_window(board, parcels_for("ann", "bob"))

    assert [outcome.kind for outcome in outcomes.values()] == ["unavailable"]
    assert "MAILERS" in outcomes[0].answer
