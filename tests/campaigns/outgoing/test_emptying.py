"""What a mail said is forgotten after a while; that it was sent is not."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from campaigns import tasks
from campaigns.delivery import counter, emptying, shelf
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


def test_what_a_rollback_leaves_in_storage_is_thrown_away_a_day_later(tmp_path: Path, settings: object) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    write()
    for content in (b"rolled back", b"rolled back just now"):
        with transaction.atomic():
            shelf.put(content)
            transaction.set_rollback(True)
    old = tmp_path / "attached" / sha256(b"rolled back").hexdigest()
    for file in [old, tmp_path / StoredFile.objects.get().file.name]:
        os.utime(file, (time.time() - 2 * 86_400,) * 2)
    assert len(files(tmp_path)) == 3

    assert len(list(shelf.tidying(2))) == 2

    assert not old.exists()
    assert len(files(tmp_path)) == 2


def test_where_nothing_was_ever_attached_there_is_nothing_to_tidy(tmp_path: Path, settings: object) -> None:
    settings.MEDIA_ROOT = str(tmp_path)

    assert list(shelf.tidying(2)) == []


def test_a_tick_tidies_storage_once_a_day(tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    monkeypatch.setattr(emptying, "_tidied_at", None)
    monkeypatch.setattr(emptying, "_tidying", None)
    for _day in range(2):
        old = tmp_path / "attached" / "unknown"
        old.parent.mkdir(exist_ok=True)
        old.write_bytes(b"nobody's")
        os.utime(old, (time.time() - 2 * 86_400,) * 2)
        for _second in range(3):
            emptying.empty_old()

    # The second one came on the same day.
    assert old.exists()
    monkeypatch.setattr(emptying, "TIDY_SECONDS", 0.0)
    emptying.empty_old()
    assert not old.exists()
