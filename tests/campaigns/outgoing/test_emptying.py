"""What a mail said is forgotten after a while; that it was sent is not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from campaigns import tasks
from campaigns.delivery import counter, shelf
from campaigns.models import Attachment, Delivery, Message, StoredFile
from tests.campaigns.outgoing import post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def days(settings: object) -> None:
    settings.KEEP_MESSAGES_DAYS = 7


def write(subject: str = "Your receipt") -> None:
    letter = post.letter(subject, body="The secret is 42")
    letter.attach("receipt.pdf", b"a receipt", "application/pdf")
    letter.send()


def let_days_pass(days: int) -> None:
    Message.objects.update(created_at=timezone.now() - timedelta(days=days))


def files(folder: Path) -> list[Path]:
    return list((folder / "attached").iterdir())


def test_content_goes_after_the_set_time_and_the_ledger_stays(tmp_path: Path) -> None:
    write()
    post.leave()

    let_days_pass(6)
    tasks.tick()
    assert Message.objects.full().count() == 1

    let_days_pass(8)
    tasks.tick()

    message = Message.objects.get()
    assert (message.subject, message.body, message.headers, message.alternatives) == ("Your receipt", "", [], [])
    assert message.emptied_at
    assert Attachment.objects.count() == 0
    assert post.outcomes() == {"sent": 1}
    assert Delivery.objects.get().attempts.count() == 1


def test_what_still_waits_keeps_its_content() -> None:
    write()

    let_days_pass(8)
    tasks.tick()
    post.leave()

    assert post.outcomes() == {"sent": 1}


def test_an_emptied_mail_is_not_sent_again() -> None:
    write()
    Delivery.objects.update(status="failed")
    let_days_pass(8)
    tasks.tick()

    assert counter.retry(Delivery.objects.values_list("pk", flat=True)) == 0


def test_a_file_goes_when_no_mail_has_it_any_more(tmp_path: Path) -> None:
    write("One")
    write("Two")
    post.leave()
    StoredFile.objects.update(used_at=timezone.now() - 2 * shelf.KEEP)
    Message.objects.filter(subject="One").update(created_at=timezone.now() - timedelta(days=8))

    tasks.tick()
    assert len(files(tmp_path)) == 1

    let_days_pass(8)
    tasks.tick()

    assert files(tmp_path) == []
    assert StoredFile.objects.count() == 0


def test_a_file_that_was_used_today_stays_for_mails_that_nobody_can_see_yet(tmp_path: Path) -> None:
    write()
    post.leave()
    let_days_pass(8)

    tasks.tick()

    assert len(files(tmp_path)) == 1
    write()
    post.leave()
    assert len(files(tmp_path)) == 1


def test_no_word_of_it_is_left_in_its_row() -> None:
    write()
    post.leave()
    let_days_pass(8)
    tasks.tick()

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM campaigns_message")
        assert "42" not in str([column for row in cursor.fetchall() for column in row if isinstance(column, str)])
