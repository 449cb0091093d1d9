"""`make demo`, as a stranger runs it: the main job with real processes."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path

import pytest
from django.conf import settings

from campaigns.rehearsal.mailbox import Entry, Mailbox, parsed
from campaigns.rehearsal.processes import answers
from campaigns.rehearsal.stage import free_port
from tests.wire import check_wire

# They look at the same two demos, so whoever started these shall do all of them.
pytestmark = pytest.mark.xdist_group("demo")

LEDGER = re.compile(r"ledger: planned=(\d+) sent=(\d+) failed=(\d+) skipped=(\d+) uncertain=(\d+)")
# A stranger has no settings, and the demo must not need any besides the one that `make` gives.
ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ} | {"DEBUG": "true"}


@dataclass
class Shown:
    folder: Path
    code: int
    lines: list[str]

    @property
    def mailbox(self) -> Mailbox:
        return Mailbox(self.folder / "mailbox")

    @property
    def mails(self) -> list[Entry]:
        return list(self.mailbox.entries())


@dataclass
class AsEnvelope:
    mail_from: str
    rcpt_tos: list[str]


def demo(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "demo", "--folder", str(folder), *words]
    return subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=ENVIRONMENT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def processes_in(folder: Path) -> list[str]:
    """Those whose environment names the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if bytes(folder) in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return found


@dataclass
class Interrupted:
    code: int
    was_open: bool
    running: list[str]
    left: list[str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def interrupted(folder: Path) -> Interrupted:
    """A demo that serves the admin, and is stopped from the keyboard while it imports."""
    port = free_port()
    with demo(folder, "--port", str(port)) as process:
        assert process.stdout
        assert any("Importing" in line for line in process.stdout)
        was_open, running = answers(f"http://127.0.0.1:{port}/admin/login/"), processes_in(folder)
        process.send_signal(signal.SIGINT)
    return Interrupted(process.returncode, was_open, running, processes_in(folder))


@pytest.fixture(scope="module")
def shown(folder: Path, interrupted: Interrupted) -> Shown:
    """A whole demo, in the folder that the interrupted one left."""
    # A higher limit than the demo's own, so that this takes seconds.
    with demo(folder, "--once", "--limit", "6000") as process:
        assert process.stdout
        lines = process.stdout.read().splitlines()
    return Shown(folder, process.returncode, lines)


def test_an_interrupted_demo_stops_everything(interrupted: Interrupted) -> None:
    assert interrupted.was_open
    assert len(interrupted.running) > 3
    assert (interrupted.code, interrupted.left) == (130, [])


def test_it_ends_well_and_its_last_line_is_a_ledger_that_adds_up(shown: Shown) -> None:
    assert shown.code == 0, shown.lines

    ledger = LEDGER.fullmatch(shown.lines[-1])
    assert ledger
    planned, sent, failed, skipped, uncertain = map(int, ledger.groups())
    assert planned == sent + failed + skipped + uncertain == 474
    assert (failed, uncertain) == (6, 0)
    # Five are suppressed. Up to three leave meanwhile, fewer if they are too late on a slow machine.
    assert 5 <= skipped <= 8


def test_it_leaves_no_process_behind(shown: Shown) -> None:
    assert processes_in(shown.folder) == []


def test_everybody_gets_one_mail_in_a_language_they_read(shown: Shown) -> None:
    mails = shown.mails

    assert len(mails) >= 460
    assert max(Counter(mail.rcpt_tos for mail in mails).values()) == 1
    assert Counter(mail.language for mail in mails).keys() == {"en", "de", "ar"}


def test_the_mail_of_each_is_addressed_to_them_alone(shown: Shown) -> None:
    for mail in shown.mails:
        assert [parseaddr(mail.recipient)[1]] == list(mail.rcpt_tos)


def test_every_mail_keeps_the_rules_of_the_wire(shown: Shown) -> None:
    judged = {mail.number: check_wire(content_of(shown, mail), envelope_of(mail)) for mail in shown.mails}

    assert len(judged) > 300
    assert {number: broken for number, broken in judged.items() if broken} == {}


def test_no_two_mails_share_a_message_id(shown: Shown) -> None:
    numbers = [str(parsed(content_of(shown, mail))["Message-ID"]) for mail in shown.mails]

    assert len(set(numbers)) == len(numbers)


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        with demo(tmp_path, "--port", port) as process:
            assert process.stdout
            lines = process.stdout.read().splitlines()

    assert process.returncode == 1
    assert len(lines) == 1
    assert f"Port {port} is taken" in lines[0]


def content_of(shown: Shown, mail: Entry) -> bytes:
    return shown.mailbox.content(mail.number)


def envelope_of(mail: Entry) -> AsEnvelope:
    return AsEnvelope(mail.mail_from, list(mail.rcpt_tos))
