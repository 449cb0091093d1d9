"""A connection is kept, shared and given up as it should be."""

from __future__ import annotations

import time

import pytest

from tests.campaigns.delivery.wires.lane import board_to, mail_to, parcels_for, send, send_window
from tests.campaigns.delivery.wires.rogue import HANG_UP, SILENCE, rogue

PIPELINED = ("PIPELINING",)
CHUNKED = ("PIPELINING", "CHUNKING")
SERVERS = pytest.mark.parametrize("offers", [(), PIPELINED, CHUNKED], ids=["plain", "pipelined", "chunked"])


@SERVERS
def test_windows_share_one_connection_which_ends_politely(offers: tuple[str, ...]) -> None:
    with rogue(*offers) as server, board_to(server) as board:
        first = send_window(board, parcels_for("ann", "bob"))
        second = send_window(board, parcels_for("chloe"))

    assert [outcome.kind for outcome in [*first.values(), *second.values()]] == ["accepted"] * 3
    assert server.recipients() == ["ann@example.org", "bob@example.org", "chloe@example.org"]
    assert (server.connections, server.commands[-1]) == (1, "QUIT")


def test_a_pipelined_mail_costs_one_round_trip() -> None:
    with rogue(*PIPELINED) as server, board_to(server) as board:
        send_window(board, parcels_for("ann", "bob"))

    assert server.commands == ["EHLO", *["MAIL", "RCPT", "DATA"] * 2, "QUIT"]


def test_chunks_are_sent_only_where_the_mailer_wants_them_or_the_server_is_far() -> None:
    with rogue(*CHUNKED) as server:
        with board_to(server, chunking=False) as board:
            send_window(board, parcels_for("ann"))
        with board_to(server, chunking=True) as board:
            send_window(board, parcels_for("ann"))

    assert (server.commands.count("DATA"), server.commands.count("BDAT")) == (1, 1)


@SERVERS
def test_an_accepted_mail_has_the_servers_words_and_a_duration(offers: tuple[str, ...]) -> None:
    with rogue(*offers, END=["250-2.0.0 fine\r\n250 2.0.0 queued\x00 as 4711"]) as server, board_to(server) as board:
        (outcome,) = send(board, parcels_for("ann"))

    assert (outcome.code, outcome.answer) == (250, "250 2.0.0 fine 2.0.0 queued  as 4711")
    assert outcome.duration_ms is not None


@SERVERS
@pytest.mark.parametrize("text", [".\n..\nHello\n.\nBye", "all work and no play\n" * 100_000], ids=["dots", "long"])
def test_a_content_arrives_whole(offers: tuple[str, ...], text: str) -> None:
    with rogue(*offers) as server, board_to(server, timeout=10) as board:
        outcomes = send(board, parcels_for("ann", "bob", text=text))

    assert [outcome.kind for outcome in outcomes] == ["accepted"] * 2
    body = text.rstrip("\n").replace("\n", "\r\n").encode()
    stuffed = body if "CHUNKING" in offers else b"." + body.replace(b"\n.", b"\n..") if text[0] == "." else body
    assert [content.partition(b"\r\n\r\n")[2].rstrip(b"\r\n") for _recipient, content in server.mails] == [stuffed] * 2


@SERVERS
def test_a_refused_recipient_is_forgotten_before_the_next_mail(offers: tuple[str, ...]) -> None:
    with rogue(*offers, RCPT=["550 5.1.1 unknown"]) as server, board_to(server) as board:
        ann, bob = send(board, parcels_for("ann", "bob"))

    assert (ann.kind, bob.kind) == ("refused", "accepted")
    assert server.recipients() == ["bob@example.org"]
    assert server.connections == 1


def test_a_mail_for_nobody_is_empty() -> None:
    with rogue(*PIPELINED, RCPT=["550 5.1.1 unknown"], DATA=["354 go on"]) as server, board_to(server) as board:
        ann, bob = send(board, parcels_for("ann", "bob"))

    assert (ann.kind, bob.kind) == ("refused", "accepted")
    assert server.recipients() == ["bob@example.org"]


@SERVERS
def test_a_connection_that_was_closed_while_idle_is_opened_again(offers: tuple[str, ...]) -> None:
    with rogue(*offers, RSET=["250 fine"]) as server, board_to(server) as board:
        send_window(board, parcels_for("ann"))
        server.hang_up()
        outcomes = send_window(board, parcels_for("bob"))

    assert [outcome.kind for outcome in outcomes.values()] == ["accepted"]
    assert server.connections == 2


@SERVERS
@pytest.mark.parametrize("failure", ["421 4.4.2 idle for too long", "421 4.7.0 too many mails on this connection"])
def test_a_server_that_has_enough_of_a_connection_gets_another(offers: tuple[str, ...], failure: str) -> None:
    with rogue(*offers, MAIL=["250 fine", failure]) as server, board_to(server) as board:
        outcomes = send_window(board, parcels_for("ann", "bob", "chloe"))

    assert [outcome.kind for outcome in outcomes.values()] == ["accepted"] * 3
    assert server.recipients() == ["ann@example.org", "bob@example.org", "chloe@example.org"]
    assert server.connections == 2


@SERVERS
def test_a_new_connection_that_is_closed_at_once_is_not_tried_for_ever(offers: tuple[str, ...]) -> None:
    with rogue(*offers, MAIL=["421 go away"] * 9) as server, board_to(server) as board:
        outcomes = send_window(board, parcels_for("ann", "bob"))

    assert [(outcome.kind, outcome.answer) for outcome in outcomes.values()] == [("unavailable", "421 go away")]
    assert server.connections == 1


def test_a_recipient_at_whom_the_server_hangs_up_without_a_word_is_found() -> None:
    with rogue(*PIPELINED, MAIL=[HANG_UP, "250 fine"], RCPT=[HANG_UP]) as server, board_to(server) as board:
        ann, bob = send(board, parcels_for("ann", "bob"))

    assert (ann.kind, bob.kind) == ("deferred", "accepted")


def test_a_connection_is_replaced_after_its_share_of_mails() -> None:
    with rogue(*PIPELINED) as server, board_to(server, mails_per_connection=2) as board:
        for name in ("ann", "bob", "chloe", "dilnoza"):
            send_window(board, parcels_for(name))

    assert (server.connections, server.commands.count("QUIT")) == (2, 2)


@SERVERS
def test_what_was_not_begun_in_time_is_not_begun_at_all(offers: tuple[str, ...]) -> None:
    with rogue(*offers) as server, board_to(server) as board:
        outcomes = send_window(board, parcels_for("ann", "bob"), until=time.monotonic())

    assert outcomes == {}
    assert "MAIL" not in server.commands


@SERVERS
@pytest.mark.parametrize("kind", ["unavailable", "rejected"])
def test_nobody_else_is_spent_on_what_is_not_their_fault(offers: tuple[str, ...], kind: str) -> None:
    reply = {"unavailable": "451 4.3.1 disk full", "rejected": "550 5.7.1 sender not allowed"}[kind]
    with rogue(MAIL=[reply] * 2) as server, board_to(server) as board:
        outcomes = send_window(board, parcels_for("ann", "bob", "chloe"))

    assert [(outcome.kind, outcome.names_recipient) for outcome in outcomes.values()] == [(kind, False)]


@pytest.mark.parametrize(("step", "kinds"), [("MAIL", []), ("DATA", []), ("END", ["unknown"])])
def test_closing_in_the_middle_leaves_only_what_is_in_doubt(step: str, kinds: list[str]) -> None:
    with rogue(*PIPELINED, **{step: [SILENCE]}) as server:
        with board_to(server, timeout=9) as board:
            board.wires[0].begin(parcels_for("ann", "bob"), float("inf"))
            while step not in server.reached:
                board.wait(0.01)

        assert [tried.outcome.kind for tried in board.wires[0].outcomes()] == kinds


def test_many_connections_are_opened_at_once_and_served_together() -> None:
    with rogue(*PIPELINED) as server, board_to(server, size=16) as board:
        for number, wire in enumerate(board.wires):
            wire.begin(parcels_for(f"person-{number}-a", f"person-{number}-b"), float("inf"))
        while not all(wire.is_idle for wire in board.wires):
            board.wait(1)
        outcomes = [tried.outcome.kind for wire in board.wires for tried in wire.outcomes()]

    assert outcomes == ["accepted"] * 32
    assert len(set(server.recipients())) == 32
    assert server.connections == 16


def test_one_silent_server_does_not_keep_the_other_wires_waiting() -> None:
    with rogue(*PIPELINED, END=[SILENCE]) as server, board_to(server, size=2, timeout=1) as board:
        ann, bob = parcels_for("ann", "bob")
        silent, quick = board.wires
        silent.begin([ann], float("inf"))
        while "END" not in server.reached:
            board.wait(0.01)
        quick.begin([bob], float("inf"))
        while not quick.is_idle:
            board.wait(1)

        assert [tried.outcome.kind for tried in quick.outcomes()] == ["accepted"]
        assert not silent.is_idle


def test_a_broken_mail_fails_alone() -> None:
    ann, bob = parcels_for("ann", "bob")
    broken = mail_to("ann")
    broken.extra_headers["X-Note"] = "two\nlines"
    with rogue(*PIPELINED) as server, board_to(server) as board:
        first, second = send(board, [ann._replace(message=broken), bob])

    assert (first.kind, second.kind) == ("invalid", "accepted")
    assert "X-Note" not in str(server.mails)
