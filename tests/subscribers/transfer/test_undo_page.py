"""Taking an import back in the admin: who may, what is said before and after, and when it is too late."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from subscribers import retention
from subscribers.models import Import, ImportJournal, MailingList, RetentionRule, Subscriber
from tests.subscribers.transfer.files import finish, import_people, receive, workbook
from tests.subscribers.transfer.wizard import page, shown

pytestmark = pytest.mark.django_db
TOO_LATE = "It can no longer be undone"


def test_an_import_is_undone_after_a_look_at_what_that_means(client: Client, news: MailingList) -> None:
    done = import_people(workbook(["Email"], ["ann@example.org"], ["bob@example.org"]), news)
    Subscriber.objects.get(email="bob@example.org").subscriptions.get().end()

    question = shown(client, done, "undo")
    people = Subscriber.objects.count()
    client.post(page(done, "undo"))
    while_undoing = shown(client, done)
    finish(done)

    assert "<b>1</b><span>person whom the import has added is removed" in question
    assert people == 2
    assert "Taking the import back" in while_undoing
    assert [each.email for each in Subscriber.objects.all()] == ["bob@example.org"]
    report = shown(client, done)
    assert "person whom the import had added was removed" in report
    assert "bob@example.org" in report


def test_undoing_needs_a_permission_of_its_own(news: MailingList) -> None:
    done = import_people(workbook(["Email"], ["ann@example.org"]), news)
    bob = User.objects.create_user("bob", is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename__in=["view_import", "change_import"]))
    client = Client()
    client.force_login(bob)

    answers = [client.get(page(done, "undo")).status_code, client.post(page(done, "undo")).status_code]

    assert answers == [403, 403]
    assert "Undo this import" not in shown(client, done)
    done.refresh_from_db()
    assert done.status == "done"


def test_an_import_that_wrote_nothing_cannot_be_undone(client: Client, news: MailingList) -> None:
    cancelled = receive(workbook(["Email"], ["ann@example.org"]), news)
    assert cancelled.cancel()

    client.post(page(cancelled, "undo"))

    cancelled.refresh_from_db()
    assert cancelled.status == "cancelled"


def age(over: Import) -> None:
    """It was over long ago, and the rules of retention have been carried out since."""
    Import.objects.filter(pk=over.pk).update(finished_at=timezone.now() - timedelta(days=100))
    rule, _made = RetentionRule.objects.update_or_create(kind="import_files", defaults={"days": 90, "is_active": True})
    while retention.carry_out(rule, seconds=5):
        pass


def test_once_its_records_are_gone_the_page_says_why_it_cannot_be_undone(client: Client, news: MailingList) -> None:
    done = import_people(workbook(["Email"], ["ann@example.org"]), news)
    assert TOO_LATE not in shown(client, done)

    age(done)
    client.post(page(done, "undo"))

    assert TOO_LATE in shown(client, done, "undo")
    assert "Undo this import" not in shown(client, done)
    done.refresh_from_db()
    assert done.status == "done"
    assert Subscriber.objects.exists()


@pytest.mark.parametrize("rows", [["ann@example.org"], ["nobody"]])
def test_who_wrote_nothing_has_nothing_that_could_not_be_undone(
    client: Client, news: MailingList, rows: list[str]
) -> None:
    import_people(workbook(["Email"], ["ann@example.org"]), news)
    again = import_people(workbook(["Email"], rows), news)

    age(again)

    assert TOO_LATE not in shown(client, again)


def test_what_a_cancelled_run_wrote_cannot_be_undone_for_ever_either(
    client: Client, news: MailingList, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = import_people(workbook(["Email"], ["ann@example.org"]), news)
    Import.objects.filter(pk=done.pk).update(status="cancelled")
    assert "Undo this import" in shown(client, done)

    age(done)

    assert TOO_LATE in shown(client, done)


def test_the_records_of_an_import_go_all_at_once(news: MailingList, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    monkeypatch.setattr("subscribers.transfer.importing.CHUNK", 2)
    first, second = (
        import_people(workbook(["Email"], *([f"person{n}@example.org"] for n in numbers)), news)
        for numbers in (range(5), range(5, 10))
    )
    Import.objects.update(finished_at=timezone.now() - timedelta(days=100))
    rule, _made = RetentionRule.objects.update_or_create(kind="import_files", defaults={"days": 90, "is_active": True})

    assert retention.carry_out(rule, seconds=0)

    assert (first.journal.count(), second.journal.count()) == (0, 3)
    assert retention.carry_out(rule, seconds=0)
    assert not ImportJournal.objects.exists()
