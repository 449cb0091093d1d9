"""What a server says it can do, and what we make of it."""

from __future__ import annotations

import pytest

from tests.campaigns.delivery.wires.lane import board_to, parcels_for, send
from tests.campaigns.delivery.wires.rogue import rogue


def test_a_mail_larger_than_the_limit_is_refused_without_being_sent() -> None:
    with rogue("SIZE 500") as server, board_to(server) as board:
        ann, _bob = parcels_for("ann", "bob", text="x" * 70 + "\n" + "y" * 500)
        (bob,) = parcels_for("bob")
        first, second = send(board, [ann, bob._replace(number=1)])

    assert (first.kind, second.kind) == ("refused", "accepted")
    assert "500" in first.answer
    assert server.lines[1].startswith("MAIL FROM:<news@example.org> SIZE=")
    assert server.recipients() == ["bob@example.org"]


def test_a_size_without_a_number_limits_nothing() -> None:
    with rogue("SIZE") as server, board_to(server) as board:
        (outcome,) = send(board, parcels_for("ann"))

    assert outcome.kind == "accepted"
    assert " SIZE=" in server.lines[1]


@pytest.mark.parametrize(("offers", "kind"), [((), "invalid"), (("SMTPUTF8",), "accepted")])
def test_a_local_part_in_other_letters_needs_a_server_that_takes_them(offers: tuple[str, ...], kind: str) -> None:
    with rogue(*offers) as server, board_to(server) as board:
        chloe, bob = parcels_for("chloé", "bob")
        outcomes = send(board, [chloe._replace(message=bob.message), bob])

    assert [outcome.kind for outcome in outcomes] == [kind, "accepted"]
    if kind == "invalid":
        assert "chloé@example.org" in outcomes[0].answer
    else:
        assert server.lines[1].endswith("SMTPUTF8")


def test_a_domain_in_other_letters_is_written_in_ascii() -> None:
    with rogue() as server, board_to(server) as board:
        (ann,) = parcels_for("ann")
        send(board, [ann._replace(recipient="ann@bücher.example")])

    assert server.recipients() == ["ann@xn--bcher-kva.example"]


@pytest.mark.parametrize(
    "address", ["", "ann", "ann@example.org>\r\nRCPT TO:<eve@example.org", "ann bob@example.org", "a@b@example.org"]
)
def test_what_is_no_address_never_gets_into_a_command(address: str) -> None:
    with rogue("PIPELINING") as server, board_to(server) as board:
        ann, bob = parcels_for("ann", "bob")
        first, second = send(board, [ann._replace(recipient=address), bob])

    assert (first.kind, second.kind) == ("invalid", "accepted")
    assert server.recipients() == ["bob@example.org"]


def test_a_bounce_has_no_sender_and_odd_addresses_may_be_quoted() -> None:
    with rogue("PIPELINING") as server, board_to(server) as board:
        (ann,) = parcels_for("ann")
        (outcome,) = send(board, [ann._replace(sender="", recipient='"ann smith"@example.org')])

    assert outcome.kind == "accepted"
    assert server.lines[1:3] == ["MAIL FROM:<>", 'RCPT TO:<"ann smith"@example.org>']
