"""The bench's own SMTP server answers each command and each mail once, however the bytes arrive."""

import os
import smtplib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import sink

MAIL = b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
BODIES = {
    "usual": b"Subject: Hello\r\n\r\nHello.\r\n.\r\n",
    "empty": b".\r\n",
    "beginning with an empty line": b"\r\n.\r\n",
    "with dots that end nothing": b"One.\r\n..\r\nTwo.\r\n. \r\n" + b"long " * 5000 + b"end.\r\n.\r\n",
}


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[int]:
    monkeypatch.setitem(os.environ, "SINK", "own")
    with sink.open_sink(tmp_path) as door:
        yield int(door.rpartition(":")[2])


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("piece", [3, 100_000])
def test_pipelined_mails_are_answered_in_order(port: int, body: bytes, piece: int) -> None:
    said = MAIL + body + MAIL + body + b"QUIT\r\n"

    with socket.create_connection(("127.0.0.1", port)) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(said), piece):
            client.sendall(said[start : start + piece])
        answers = client.makefile("rb").read().splitlines()

    one_mail = [b"250", b"250", b"354", b"250"]
    assert [answer[:3] for answer in answers] == [b"220", *one_mail, *one_mail, b"221"]


def test_an_ordinary_client_is_served(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        refused = client.sendmail("a@example.org", ["b@example.org"], "Subject: Hello\n\nHello.\n")

        assert refused == {}
        assert client.has_extn("pipelining")
