"""Encryption and login, before anybody is named."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from tests.campaigns.delivery.wires.lane import board_to, parcels_for, send, send_window
from tests.campaigns.delivery.wires.rogue import GARBAGE, HALF_CLOSE, HANG_UP, SILENCE, Rogue, rogue

# For localhost, signed by itself, and of use to nobody.
CERTIFICATE = Path(__file__).with_name("localhost.pem")
LOGIN = {"username": "ann", "password": "secret"}


@pytest.fixture
def is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


def encrypt(server: Rogue, *, at_once: bool = False) -> None:
    server.certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.certificate.load_cert_chain(CERTIFICATE)
    server.is_encrypted = at_once


@pytest.mark.usefixtures("is_trusted")
@pytest.mark.parametrize("offers", [(), ("PIPELINING",), ("PIPELINING", "CHUNKING")])
@pytest.mark.parametrize("way", ["use_tls", "use_ssl"])
def test_an_encrypted_connection_takes_mails_of_any_length(offers: tuple[str, ...], way: str) -> None:
    with rogue("STARTTLS", *offers) as server:
        encrypt(server, at_once=way == "use_ssl")
        with board_to(server, timeout=10, **{way: True}) as board:
            outcomes = send(board, parcels_for("ann", "bob", text="all work and no play\n" * 100_000))

    assert [outcome.kind for outcome in outcomes] == ["accepted"] * 2
    assert [len(content) > 2_000_000 for _recipient, content in server.mails] == [True, True]


@pytest.mark.parametrize("way", ["use_tls", "use_ssl"])
def test_a_server_whose_certificate_nobody_knows_gets_nothing(way: str) -> None:
    with rogue("STARTTLS") as server:
        encrypt(server, at_once=way == "use_ssl")
        with board_to(server, **{way: True}) as board:
            (outcome,) = send_window(board, parcels_for("ann", "bob")).values()

    assert outcome.kind == "unavailable"
    assert "certificate" in outcome.answer
    assert "MAIL" not in server.commands


def test_a_server_without_the_encryption_we_insist_on_is_not_used() -> None:
    with rogue() as server, board_to(server, use_tls=True) as board:
        (outcome,) = send_window(board, parcels_for("ann", "bob")).values()

    assert outcome.kind == "unavailable"
    assert "STARTTLS" in outcome.answer
    assert "MAIL" not in server.commands


@pytest.mark.usefixtures("is_trusted")
@pytest.mark.parametrize("failure", ["454 4.7.0 no", "502 no", "421 no", HANG_UP, HALF_CLOSE, SILENCE, GARBAGE])
def test_without_encryption_nothing_is_sent_and_nobody_blamed(failure: str) -> None:
    with rogue("STARTTLS", STARTTLS=[failure]) as server:
        encrypt(server)
        with board_to(server, use_tls=True, timeout=0.5) as board:
            first = send_window(board, parcels_for("ann"))
            second = send_window(board, parcels_for("ann"))

    assert [outcome.kind for outcome in [*first.values(), *second.values()]] == ["unavailable", "accepted"]


@pytest.mark.usefixtures("is_trusted")
def test_words_put_before_the_encryption_are_not_heard_after_it() -> None:
    with rogue("STARTTLS", STARTTLS=["220 go on\r\n250-rogue.test\r\n250 CHUNKING"]) as server:
        encrypt(server)
        with board_to(server, use_tls=True) as board:
            (outcome,) = send(board, parcels_for("ann"))

    assert outcome.kind == "accepted"
    assert "BDAT" not in server.commands


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        (["535 5.7.8 bad credentials"] * 3, "rejected"),
        (["454 4.7.0 try later"] * 3, "unavailable"),
        (["421 4.3.2 closing"], "unavailable"),
        *[([failure], "unavailable") for failure in (HANG_UP, HALF_CLOSE, SILENCE, GARBAGE)],
    ],
)
def test_a_login_that_fails_spends_no_recipient(replies: list[str], kind: str) -> None:
    with rogue("AUTH PLAIN", AUTH=replies) as server, board_to(server, timeout=0.5, **LOGIN) as board:
        (outcome,) = send_window(board, parcels_for("ann", "bob")).values()
        (bob,) = send_window(board, parcels_for("bob")).values()

    assert (outcome.kind, outcome.names_recipient) == (kind, False)
    assert "secret" not in outcome.answer
    assert bob.kind == "accepted" or len(replies) > 1


def test_a_refused_login_is_remembered_when_the_server_hangs_up_after_it() -> None:
    refusal = ["535 5.7.8 bad credentials", HANG_UP]
    with rogue("AUTH PLAIN LOGIN", AUTH=refusal) as server, board_to(server, **LOGIN) as board:
        (outcome,) = send_window(board, parcels_for("ann")).values()

    assert (outcome.kind, outcome.code) == ("rejected", 535)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        server = Rogue(port=free.getsockname()[1])
    with board_to(server) as board:
        (outcome,) = send_window(board, parcels_for("ann", "bob")).values()

    assert outcome.kind == "unavailable"
    assert outcome.answer == "Connection refused"


def test_closing_while_a_connection_is_being_opened_leaves_none_open() -> None:
    with rogue(CONNECT=[SILENCE]) as server, board_to(server, timeout=0.2) as board:
        board.wires[0].begin(parcels_for("ann"), float("inf"))
        board.wait(0)

    assert board.wires[0].outcomes() == []
