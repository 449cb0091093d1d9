"""Every step of SMTP times everything that can go wrong there, on three kinds of servers."""

from __future__ import annotations

import pytest

from campaigns.delivery.wires.parcel import Sealed
from tests.campaigns.delivery.wires.lane import board_to, parcels_for, send
from tests.campaigns.delivery.wires.rogue import ENDLESS, GARBAGE, HALF_CLOSE, HANG_UP, SILENCE, rogue

PLAIN: tuple[str, ...] = ()
PIPELINED = ("PIPELINING",)
CHUNKED = ("PIPELINING", "CHUNKING")
SERVERS = {"plain": PLAIN, "pipelined": PIPELINED, "chunked": CHUNKED}

LATER = "451 4.3.0 try later"
NEVER = "554 transaction failed"
DISMISSED = "421 4.3.2 closing"
BREAKDOWNS = [HANG_UP, HALF_CLOSE, SILENCE, GARBAGE, ENDLESS]

# By step, what becomes of the mail after a temporary and a permanent reply, a dismissal, and a breakdown.
MEANINGS = {
    "CONNECT": ("unavailable", "rejected", "unavailable", "unavailable"),
    # A server that does not know EHLO is greeted in the old way.
    "EHLO": ("accepted", "accepted", "unavailable", "unavailable"),
    "MAIL": ("unavailable", "rejected", "unavailable", "unavailable"),
    "RCPT": ("deferred", "refused", "deferred", "deferred"),
    "DATA": ("deferred", "refused", "deferred", "deferred"),
    "BODY": ("deferred", "refused", "deferred", "deferred"),
    "END": ("deferred", "refused", "deferred", "unknown"),
    "QUIT": ("accepted", "accepted", "accepted", "accepted"),
}
# A window of BDAT is written before the first answer comes.
IN_CHUNKS = {"MAIL": "unknown", "RCPT": "unknown", "END": "unknown"}
TOO_LONG_TO_WRITE = Sealed(b"all work and no play\r\n" * 300_000)


def patience(failure: str) -> float:
    """Short where nothing will come."""
    return 0.2 if failure == SILENCE else 5


def cases() -> list[object]:
    found = []
    for name, offers in SERVERS.items():
        for step, (later, never, dismissed, broken) in MEANINGS.items():
            if name == "chunked":
                if step in {"DATA", "BODY"}:
                    continue
                broken = IN_CHUNKS.get(step, broken)
            meanings = {LATER: later, NEVER: never, DISMISSED: dismissed, **dict.fromkeys(BREAKDOWNS, broken)}
            for failure, kind in meanings.items():
                found.append(pytest.param(offers, step, failure, kind, id=f"{name}-{step}-{failure}"))
    return found


@pytest.mark.parametrize(("offers", "step", "failure", "kind"), cases())
def test_a_failure_means_one_thing_and_the_next_mail_goes(
    offers: tuple[str, ...], step: str, failure: str, kind: str
) -> None:
    is_looked_at_again = step == "MAIL" and offers == PIPELINED and failure not in {LATER, NEVER, DISMISSED, SILENCE}
    with rogue(*offers, **{step: [failure] * (2 if is_looked_at_again else 1)}) as server:
        ann, bob = parcels_for("ann", "bob")
        if step == "BODY":
            ann = ann._replace(message=TOO_LONG_TO_WRITE)
        with board_to(server, timeout=patience(failure)) as board:
            (first,) = send(board, [ann])
            server.may_read_on.set()
            (second,) = send(board, [bob])

    assert (first.kind, second.kind) == (kind, "accepted")
    assert server.recipients() == ["ann@example.org", "bob@example.org"] if kind == "accepted" else ["bob@example.org"]
    assert first.answer


@pytest.mark.parametrize("offers", SERVERS.values(), ids=SERVERS)
@pytest.mark.parametrize("failure", [LATER, NEVER, DISMISSED, *BREAKDOWNS])
def test_what_is_wrong_with_a_reset_is_nobodys_fault(offers: tuple[str, ...], failure: str) -> None:
    with (
        rogue(*offers, RCPT=["550 5.1.1 unknown"], RSET=[failure]) as server,
        board_to(server, timeout=patience(failure)) as board,
    ):
        ann, bob = parcels_for("ann", "bob")
        (first,) = send(board, [ann])
        (second,) = send(board, [bob])

    assert (first.kind, second.kind) == ("refused", "accepted")
    assert server.recipients() == ["bob@example.org"]


@pytest.mark.parametrize("offers", [PLAIN, PIPELINED], ids=["plain", "pipelined"])
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "END"])
@pytest.mark.parametrize("failure", [LATER, NEVER, DISMISSED, *BREAKDOWNS])
def test_the_others_of_a_window_go_whatever_happens_to_one(offers: tuple[str, ...], step: str, failure: str) -> None:
    usual = "354 go on" if step == "DATA" else "250 fine"
    window = parcels_for("ann", "bob", "chloe", "dilnoza")
    with rogue(*offers, **{step: [usual, failure]}) as server, board_to(server, timeout=patience(failure)) as board:
        outcomes = send(board, window)

    kinds = [outcome.kind for outcome in outcomes]
    assert [kinds[0], *kinds[2:]] == ["accepted"] * 3
    mails = server.recipients()
    assert len(set(mails)) == len(mails) == kinds.count("accepted")
    assert kinds[1] in {*MEANINGS[step], "accepted"}
