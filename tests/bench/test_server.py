"""The bench's own SMTP server answers each command and each mail once, however the bytes arrive."""

import smtplib
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.far_ends.sink import ROUND_TRIP_MILLISECONDS, far_away, own_server

MAIL = b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
# How to hang up without a farewell.
AT_ONCE = struct.pack("ii", 1, 0)
BODIES = {
    "usual": b"Subject: Hello\r\n\r\nHello.\r\n.\r\n",
    "empty": b".\r\n",
    "beginning with an empty line": b"\r\n.\r\n",
    "with dots that end nothing": b"One.\r\n..\r\nTwo.\r\n. \r\n" + b"long " * 5000 + b"end.\r\n.\r\n",
}


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with own_server(tmp_path, "chunking") as door:
        yield port_of(door)


def port_of(door: str) -> int:
    return int(door.rpartition(":")[2])


def answers_to(port: int, said: bytes, piece: int) -> list[bytes]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(said), piece):
            client.sendall(said[start : start + piece])
        return [line[:3] for line in client.makefile("rb").read().splitlines()]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("piece", [3, 100_000])
def test_pipelined_mails_are_answered_in_order(port: int, body: bytes, piece: int) -> None:
    said = MAIL + body + MAIL + body + b"QUIT\r\n"

    answers = answers_to(port, said, piece)

    one_mail = [b"250", b"250", b"354", b"250"]
    assert answers == [b"220", *one_mail, *one_mail, b"221"]


@pytest.mark.parametrize("piece", [3, 100_000])
def test_chunks_are_counted_whatever_they_hold(port: int, piece: int) -> None:
    body = b"QUIT\r\n.\r\nDATA\r\n"
    chunks = b"BDAT 2\r\nA:BDAT %d LAST\r\n" % len(body) + body + b"BDAT 0 LAST\r\n"

    answers = answers_to(port, chunks + b"RSET\r\nQUIT\r\n", piece)

    assert answers == [b"220", b"250", b"250", b"250", b"250", b"221"]


def test_over_a_long_wire_each_answer_takes_its_time(tmp_path: Path) -> None:
    """Not one after the other, if they were asked for at once."""
    said = MAIL + BODIES["with dots that end nothing"] + b"NOOP\r\n" * 1000 + b"QUIT\r\n"

    with far_away(tmp_path) as door:
        started = time.monotonic()
        answers = answers_to(port_of(door), said, len(said))
        took = time.monotonic() - started

    assert answers == [b"220", b"250", b"250", b"354", *[b"250"] * 1001, b"221"]
    assert ROUND_TRIP_MILLISECONDS < took * 1000 < 500 * ROUND_TRIP_MILLISECONDS


def test_who_hangs_up_does_not_end_it_for_others(tmp_path: Path) -> None:
    with far_away(tmp_path, "chunking") as door:
        for _number in range(20):
            with socket.create_connection(("127.0.0.1", port_of(door))) as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                client.sendall(b"BDAT 3000000 LAST\r\n" + b"x" * 100_000)

        assert answers_to(port_of(door), b"NOOP\r\nQUIT\r\n", 100) == [b"220", b"250", b"221"]


def test_an_ordinary_client_is_served(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        refused = client.sendmail("a@example.org", ["b@example.org"], "Subject: Hello\n\nHello.\n")

        assert refused == {}
        assert client.has_extn("pipelining")
