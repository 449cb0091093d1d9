"""Workers read the mailbox by IMAP: each mail once, in order, whatever the server and the mails are like."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from campaigns import notifications, tasks
from campaigns.feedback.incoming import anatomy, reading
from campaigns.models import Campaign, Event, Inbox, Incident
from campaigns.signing import links_of
from tests.campaigns.delivery import scene
from tests.campaigns.feedback.incoming.reports import arf, dsn, letter
from tests.catcher import Catcher
from tests.imap import ImapServer, imap_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: object) -> Iterator[ImapServer]:
    with imap_server() as running:
        settings.INCOMING_MAIL = running.options()  # type: ignore[attr-defined]
        yield running


@pytest.fixture
def campaign(catcher: Catcher) -> Campaign:
    return scene.send(scene.campaign("Ann", "Bob", "Carl"))


def wish(campaign: Campaign, name: str) -> bytes:
    number = campaign.deliveries.get(email=f"{name}@example.org").pk
    return letter("unsubscribe-" + links_of(number).unsubscribe_url.rpartition("/")[2])


def happened() -> dict[str, str]:
    return {event.delivery.email: event.kind for event in Event.objects.select_related("delivery")}


def test_each_mail_is_done_and_letters_of_people_stay_unread(
    server: ImapServer, campaign: Campaign, catcher: Catcher
) -> None:
    bounce, complaint = (catcher.to(f"{name}@example.org")[0].content for name in ("bob", "carl"))
    server.put(letter("Hello, I have a question"), wish(campaign, "ann"), dsn(bounce, recipient="bob@example.org"))
    server.put(arf(complaint))

    done = reading.read(seconds=60)

    assert done.counts == {"ignored": 1, "unsubscribed": 1, "bounced": 1, "complained": 1}
    assert happened() == {
        "ann@example.org": "unsubscribed",
        "bob@example.org": "bounced",
        "carl@example.org": "complained",
    }
    assert server.seen == {2, 3, 4}
    box = Inbox.objects.get()
    assert (box.unsubscribed, box.bounced, box.complained, box.ignored) == (1, 1, 1, 1)
    assert box.read_at
    assert "secret" not in str(vars(box))


def test_what_was_read_is_not_read_again(server: ImapServer, campaign: Campaign) -> None:
    server.put(wish(campaign, "ann"))
    reading.read(seconds=60)
    server.put(wish(campaign, "bob"))
    server.asked.clear()

    reading.read(seconds=60)

    assert [asked.split()[1] for asked in server.asked if asked.startswith("FETCH")] == ["2"]
    assert len(happened()) == 2


def test_numbers_far_apart_are_found(server: ImapServer, campaign: Campaign) -> None:
    server.mails = {3: wish(campaign, "ann"), 4_000_000_000: wish(campaign, "bob")}

    reading.read(seconds=60)

    assert len(happened()) == 2
    assert len([asked for asked in server.asked if asked.startswith("SEARCH")]) < 20


def test_mails_that_were_numbered_anew_are_done_again_without_harm(server: ImapServer, campaign: Campaign) -> None:
    server.put(wish(campaign, "ann"))
    reading.read(seconds=60)
    server.validity, server.mails = 8, {1: wish(campaign, "ann"), 2: wish(campaign, "bob")}

    reading.read(seconds=60)

    assert happened() == {"ann@example.org": "unsubscribed", "bob@example.org": "unsubscribed"}


def test_a_poisonous_mail_does_not_block_the_next(server: ImapServer, campaign: Campaign) -> None:
    server.put(b"", b"\0\r\n\xff" * 1000, b'Content-Type: multipart/x; boundary="("\r\n\r\n--(', wish(campaign, "ann"))

    done = reading.read(seconds=60)

    assert done.counts == {"ignored": 3, "unsubscribed": 1}


@pytest.mark.parametrize("refusal", ["NO [SERVERBUG] Broken", "BAD Command Error. 12"])
def test_a_mail_that_the_server_does_not_hand_out_is_skipped_for_the_next(
    server: ImapServer, campaign: Campaign, caplog: pytest.LogCaptureFixture, refusal: str
) -> None:
    server.put(wish(campaign, "ann"), wish(campaign, "bob"), wish(campaign, "carl"))
    server.refuses, server.refusal = {2}, refusal

    done = reading.read(seconds=60)
    again = reading.read(seconds=60)

    assert set(happened()) == {"ann@example.org", "carl@example.org"}
    assert (done.counts, done.failure) == ({"unsubscribed": 2}, "")
    assert again.counts == {}
    assert "[2] are skipped" in caplog.text


def test_the_newest_mail_may_be_handed_out_the_next_time(server: ImapServer, campaign: Campaign) -> None:
    server.put(wish(campaign, "ann"), wish(campaign, "bob"))
    server.refuses = {2}
    assert "SERVERBUG" in reading.read(seconds=60).failure
    server.refuses = set()

    reading.read(seconds=60)

    assert set(happened()) == {"ann@example.org", "bob@example.org"}
    assert Inbox.objects.get().failure == ""


def test_a_server_that_hands_out_nothing_is_not_asked_for_all_and_nothing_is_lost(
    server: ImapServer, campaign: Campaign
) -> None:
    server.put(*[wish(campaign, name) for name in ("ann", "bob", "carl")], letter("Hello"))
    server.refuses = {1, 2, 3, 4}

    assert "SERVERBUG" in reading.read(seconds=60).failure
    assert len([asked for asked in server.asked if asked.startswith("FETCH")]) == 3
    server.refuses = set()
    reading.read(seconds=60)

    assert len(happened()) == 3


def test_of_a_huge_mail_only_the_beginning_is_fetched(server: ImapServer, campaign: Campaign) -> None:
    server.put(wish(campaign, "ann") + b"x" * 3_000_000)

    done = reading.read(seconds=60)

    assert done.counts == {"unsubscribed": 1}
    assert f"<0.{anatomy.LONGEST}>" in next(asked for asked in server.asked if asked.startswith("FETCH"))


def test_a_connection_that_is_lost_goes_on_where_it_was(server: ImapServer, campaign: Campaign) -> None:
    server.put(wish(campaign, "ann"), wish(campaign, "bob"))
    server.hangs_up_at = 2

    assert reading.read(seconds=60).failure
    server.hangs_up_at = None
    done = reading.read(seconds=60)

    assert done.counts == {"unsubscribed": 1}
    assert len(happened()) == 2
    assert Inbox.objects.get().failure == ""


def test_a_folder_that_cannot_be_written_is_read_all_the_same(server: ImapServer, campaign: Campaign) -> None:
    server.is_read_only = True
    server.put(wish(campaign, "ann"), wish(campaign, "bob"))

    assert reading.read(seconds=60).counts == {"unsubscribed": 2}


def test_two_workers_never_read_at_once(server: ImapServer, campaign: Campaign) -> None:
    server.put(wish(campaign, "ann"))
    assert reading.inbox().take("another worker")

    assert reading.read(seconds=60) is None
    assert server.asked == []

    Inbox.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert reading.read(seconds=60).counts == {"unsubscribed": 1}


def test_the_tick_asks_for_a_worker_every_two_minutes(server: ImapServer, campaign: Campaign) -> None:
    def asked() -> int:
        return sum(task.func() == "campaigns.tasks.read_mailbox" for task in OrmQ.objects.all())

    server.put(wish(campaign, "ann"))
    tasks.tick()
    tasks.tick()
    assert asked() == 1
    tasks.read_mailbox()
    assert happened() == {"ann@example.org": "unsubscribed"}

    Inbox.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    tasks.tick()
    assert asked() == 2


def test_what_a_worker_does_not_manage_at_once_is_due_at_once(server: ImapServer, campaign: Campaign) -> None:
    server.put(wish(campaign, "ann"))

    assert reading.read(seconds=-1).has_more

    assert reading.is_due()


def test_staff_are_told_once_when_it_cannot_be_read_for_long(server: ImapServer, settings: object) -> None:
    User.objects.create_superuser("chloe", "chloe@example.com")
    settings.INCOMING_MAIL = server.options(password="wrong")  # type: ignore[attr-defined]

    assert reading.read(seconds=60).failure == "[AUTHENTICATIONFAILED] Invalid credentials"
    notifications.watch()
    assert not Incident.objects.exists()

    Inbox.objects.update(failing_since=timezone.now() - timedelta(minutes=11))
    reading.read(seconds=60)
    notifications.watch()
    notifications.watch()
    (told,) = mail.outbox
    assert told.subject == "The incoming mail cannot be read"
    assert "Invalid credentials" in told.body
    assert "/admin/campaigns/inbox/" in told.body
    client = Client()
    client.force_login(User.objects.get())
    assert "Invalid credentials" in client.get("/admin/campaigns/inbox/").content.decode()
    assert "cannot be read since" in client.get("/admin/").content.decode()

    settings.INCOMING_MAIL = server.options()  # type: ignore[attr-defined]
    reading.read(seconds=60)
    notifications.watch()
    assert not Incident.objects.open().exists()


@pytest.mark.parametrize("changes", [{"port": 1}, {"folder": "Nowhere"}])
def test_whatever_keeps_us_from_reading_is_said_in_words(
    server: ImapServer, settings: object, changes: dict[str, object]
) -> None:
    settings.INCOMING_MAIL = server.options(**changes)  # type: ignore[attr-defined]

    with pytest.raises(CommandError, match=r"refused|does not exist"):
        call_command("read_mailbox")


def test_it_can_be_read_by_hand(server: ImapServer, campaign: Campaign) -> None:
    server.put(wish(campaign, "ann"), letter("Hello"))
    said = StringIO()

    call_command("read_mailbox", stdout=said)

    assert said.getvalue() == (
        "news@example.org · 127.0.0.1 · INBOX\nunsubscribed: 1, bounced: 0, complained: 0, ignored: 1\n"
    )


def test_nobody_reads_a_mailbox_that_nobody_named(settings: object) -> None:
    settings.INCOMING_MAIL = None  # type: ignore[attr-defined]

    assert not reading.is_due()
    with pytest.raises(CommandError, match="INCOMING_MAIL"):
        call_command("read_mailbox")
