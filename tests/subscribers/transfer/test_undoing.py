"""Undoing an import takes back what it did, and nothing that anybody did since."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.utils import timezone

from subscribers.consent import flows
from subscribers.models import ConsentRecord, Import, ImportJournal, MailingList, Subscriber, Subscription, Tag
from subscribers.transfer import undoing
from tests.subscribers.transfer.files import finish, import_people, undo, workbook

pytestmark = pytest.mark.django_db
THEMSELVES = flows.Evidence(ConsentRecord.Source.PREFERENCES)
HEADINGS = ["Email", "First name", "Company"]


def kept(over: Import) -> list[tuple[str, str]]:
    return [(Subscriber.objects.get(pk=one.person).email, one.reason) for one in undoing.kept(over)]


def test_whoever_an_import_added_goes_and_the_ledger_says_so(news: MailingList) -> None:
    done = import_people(workbook(HEADINGS, ["ann@example.org", "Ann", "Acme"]), news)

    undone = undo(done)

    assert undone.status == "undone"
    assert kept(undone) == []
    assert not Subscriber.objects.exists()
    assert not Subscription.objects.exists()
    lines = ConsentRecord.objects.order_by("id").values_list("subscriber", "mailing_list", "action", "source")
    assert list(lines) == [(None, news.pk, "granted", "import"), (None, news.pk, "withdrawn", "import")]
    assert "people.xlsx" in ConsentRecord.objects.latest("id").statement
    assert undoing.balance(undone) == undoing.Balance(removed=1)


def test_whoever_was_known_gets_back_what_they_had(news: MailingList, events: MailingList) -> None:
    ann = Subscriber.objects.create(email="ann@example.org", first_name="Anna", attributes={"city": "Rome"})
    Subscription.objects.create(subscriber=ann, mailing_list=news, status="pending")
    before = Subscriber.objects.values().get()
    rows = workbook([*HEADINGS, "Tags"], ["ann@example.org", "Ann", "Acme", "vip"])
    done = import_people(rows, news, events, existing="overwrite")
    assert set(ann.subscriptions.values_list("status", flat=True)) == {"active"}
    assert [tag.name for tag in ann.tags.all()] == ["vip"]

    undone = undo(done)

    assert Subscriber.objects.values().get() == before
    assert list(ann.subscriptions.values_list("mailing_list", "status")) == [(news.pk, "pending")]
    assert not ann.tags.exists()
    assert undoing.balance(undone) == undoing.Balance(restored=1)


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (lambda ann, lists: flows.unsubscribe(ann, [lists[0]], THEMSELVES), "acted"),
        (lambda ann, lists: flows.subscribe(ann, [lists[1]], THEMSELVES), "acted"),
        (lambda ann, lists: flows.subscribe(ann, [lists[1]], flows.Evidence(ConsentRecord.Source.ADMIN)), "listed"),
        (
            lambda ann, lists: Subscription.objects.create(subscriber=ann, mailing_list=lists[1], status="active"),
            "listed",
        ),
        (lambda ann, lists: ann.save(), "edited"),
        (lambda ann, lists: import_people(workbook(["Email"], [ann.email]), lists[1]), "listed"),
    ],
)
def test_whoever_did_something_since_is_kept(news: MailingList, events: MailingList, act: object, reason: str) -> None:
    done = import_people(workbook(HEADINGS, ["ann@example.org", "Ann", "Acme"]), news)
    act(Subscriber.objects.get(), [news, events])  # type: ignore[operator]
    before = Subscriber.objects.values().get(), list(Subscription.objects.values())

    foreseen = undoing.forecast(done, seconds=10)
    undone = undo(done)

    assert (Subscriber.objects.values().get(), list(Subscription.objects.values())) == before
    assert kept(undone) == [("ann@example.org", reason)]
    assert undoing.balance(undone) == foreseen
    assert foreseen.lines()[0][1] == 1


def test_a_name_that_was_edited_since_stays_and_the_rest_is_put_back(news: MailingList) -> None:
    ann = Subscriber.objects.create(email="ann@example.org")
    done = import_people(workbook(HEADINGS, ["ann@example.org", "Ann", "Acme"]), news)
    ann.refresh_from_db()
    ann.first_name = "Annie"
    ann.save()

    undone = undo(done)

    ann.refresh_from_db()
    assert (ann.first_name, ann.attributes) == ("Annie", {})
    assert kept(undone) == [("ann@example.org", "edited")]


def test_an_import_that_left_everybody_as_they_are_has_nothing_to_undo(news: MailingList) -> None:
    ann = Subscriber.objects.create(email="ann@example.org", first_name="Anna")
    Subscription.objects.create(subscriber=ann, mailing_list=news, status="active")
    done = import_people(workbook(HEADINGS, ["ann@example.org", "Ann", "Acme"]), news, existing="leave")

    undone = undo(done)

    assert undone.counts == {"unchanged": 1}
    assert undoing.balance(undone) == undoing.Balance()
    assert not ImportJournal.objects.exists()


def test_an_import_can_be_imported_again_after_it_was_undone(news: MailingList) -> None:
    rows = workbook(HEADINGS, ["ann@example.org", "Ann", "Acme"])
    undo(import_people(rows, news))

    again = import_people(rows, news)

    assert again.counts == {"new": 1, "enrolled": 1}
    assert news.subscriptions.active().count() == 1


def test_undoing_goes_on_where_it_was_left(news: MailingList, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subscribers.transfer.importing.CHUNK", 2)
    done = import_people(workbook(["Email"], *([f"person{at}@example.org"] for at in range(5))), news)
    assert done.undo()

    with pytest.raises(RuntimeError), interrupted_after(2, monkeypatch):
        finish(done)

    assert Subscriber.objects.count() == 2
    Import.objects.update(leased_until=timezone.now())
    assert finish(done).status == "undone"
    assert not Subscriber.objects.exists()
    assert undoing.balance(done) == undoing.Balance(removed=5)


@contextmanager
def interrupted_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if the machine went off, without a chance to tidy up."""
    whole, done = undoing._step, itertools.count()

    def step(started: Import) -> bool:
        if next(done) == steps:
            raise SystemError
        return whole(started)

    with monkeypatch.context() as patched:
        patched.setattr(undoing, "_step", step)
        patched.setattr("subscribers.transfer.importing.Exception", OSError, raising=False)
        try:
            yield
        except SystemError as error:
            raise RuntimeError from error


def test_tags_of_the_import_go_and_others_stay(news: MailingList) -> None:
    ann = Subscriber.objects.create(email="ann@example.org")
    ann.tags.add(Tag.objects.create(name="old"))
    done = import_people(workbook(["Email", "Tags"], ["ann@example.org", "old; new"]), news)

    undo(done)

    assert [tag.name for tag in ann.tags.all()] == ["old"]
