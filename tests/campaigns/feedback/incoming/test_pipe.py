"""A mail server hands over a mail and reads nothing but how the command ended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from campaigns.models import Event, Inbox
from campaigns.signing import links_of
from tests.campaigns.admin.composing import staff
from tests.campaigns.delivery import scene
from tests.campaigns.feedback.incoming.reports import letter

ROOT = Path(__file__).resolve().parents[4]


def handed_over(
    octets: bytes, environment: dict[str, str], *words: str, **changes: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "manage.py", "receive_mail", *words],
        input=octets,
        env=environment | changes,
        cwd=ROOT,
        capture_output=True,
        check=False,
    )


@pytest.mark.django_db(transaction=True)
def test_a_wish_that_came_through_a_pipe_is_done_without_a_word(process_environment: dict[str, str]) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    token = links_of(campaign.deliveries.get().pk).unsubscribe_url.rpartition("/")[2]

    done = handed_over(letter(f"unsubscribe-{token}", "x" * 3_000_000), process_environment)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert Event.objects.get().kind == "unsubscribed"
    page = staff("view_inbox").get("/admin/campaigns/inbox/").content.decode()
    assert "handed over by a mail server" in page
    assert Inbox.objects.get().unsubscribed == 1


@pytest.mark.django_db(transaction=True)
def test_whatever_else_comes_is_taken_and_forgotten(process_environment: dict[str, str]) -> None:
    done = handed_over(b"\0\xff", process_environment, "--verbose")

    assert (done.returncode, done.stdout) == (0, b"It is no wish to leave, no bounce and no complaint.\n")


@pytest.mark.django_db(transaction=True)
def test_the_mail_server_keeps_the_mail_while_the_database_is_away(process_environment: dict[str, str]) -> None:
    nowhere = "postgres://ann:secret@127.0.0.1:1/nowhere"
    token = links_of(1).unsubscribe_url.rpartition("/")[2]

    done = handed_over(letter(f"unsubscribe-{token}"), process_environment, DATABASE_URL=nowhere)

    assert done.returncode == 75
    assert b"secret" not in done.stderr
