"""The mail catcher is a real server in a process of its own."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from campaigns.rehearsal.mailbox import Mailbox
from campaigns.rehearsal.processes import listens
from campaigns.rehearsal.stage import free_port


@dataclass
class Running:
    port: int
    mailbox: Mailbox
    process: subprocess.Popen[bytes]

    def send(self, *recipients: str) -> dict[str, tuple[int, bytes]]:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as server:
            return server.sendmail("letter@example.org", recipients, b"Subject: Hello\r\n\r\n.A dot and text\r\n")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    port = free_port()
    words = [sys.executable, "manage.py", "catch_mail", "--port", str(port), "--dir", str(tmp_path)]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    process = subprocess.Popen(words, cwd=settings.BASE_DIR, env=environment)
    deadline = time.monotonic() + 20
    while not listens(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    try:
        yield Running(port, Mailbox(tmp_path), process)
    finally:
        process.kill()
        process.wait()


def test_it_keeps_what_it_takes(running: Running) -> None:
    assert running.send("ann@example.org") == {}

    (entry,) = running.mailbox.entries()
    assert entry.rcpt_tos == ("ann@example.org",)
    assert running.mailbox.content(entry.number) == b"Subject: Hello\r\n\r\n.A dot and text\r\n"


@pytest.mark.parametrize(
    ("domain", "code"), [("gone.example.org", 550), ("full.example.org", 452), ("strict.example.org", 550)]
)
def test_the_domain_says_who_is_refused(running: Running, domain: str, code: int) -> None:
    refused = running.send("ann@example.org", f"bob@{domain}")

    assert refused[f"bob@{domain}"][0] == code
    (entry,) = running.mailbox.entries()
    assert entry.rcpt_tos == ("ann@example.org",)


def test_a_busy_server_takes_the_second_try(running: Running) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="come again"):
        running.send("bob@busy.example.org")

    assert running.send("bob@busy.example.org") == {}


def test_a_silent_server_hangs_up_after_the_message(running: Running) -> None:
    with pytest.raises(smtplib.SMTPServerDisconnected):
        running.send("bob@silent.example.org")

    assert list(running.mailbox.entries()) == []


def test_it_stops_when_asked_even_while_somebody_is_connected(running: Running) -> None:
    with socket.create_connection(("127.0.0.1", running.port)):
        running.process.send_signal(signal.SIGTERM)

        assert running.process.wait(timeout=10) == 0
