"""Imports that ask each person to confirm: one mail each, whatever happens to the workers."""

from collections import Counter

import pytest

from campaigns.models import Batch, Delivery
from subscribers import tasks
from subscribers.consent import imported
from subscribers.models import ConsentRecord, Import, SignUp, Subscriber, Subscription, Suppression
from tests.campaigns.outgoing.post import leave
from tests.catcher import Catcher
from tests.subscribers.sign_ups.moves import confirm, form, link_in, mailing_list, sign_up, work
from tests.subscribers.transfer.files import import_people, undo, workbook

pytestmark = pytest.mark.django_db
HEADINGS = ["Email", "First name", "Language"]


def imported_people(*lists: object, **stated: object) -> Import:
    rows = ["ann@example.org", "Ann", "de"], ["bob@example.org", "Bob", "en"]
    return import_people(workbook(HEADINGS, *rows), *lists, needs_confirmation=True, **stated)


def all_work(done: Import) -> None:
    tasks.ask_imported(done.pk)
    work()


def test_whoever_an_import_brought_gets_one_mail_behind_all_others_and_joins_by_its_button(catcher: Catcher) -> None:
    news = mailing_list("News", names={"de": "Neuigkeiten"})
    done = imported_people(news)
    assert not Subscription.objects.active().exists()

    all_work(done)
    all_work(done)

    assert Counter(mail.recipient for mail in catcher.mails) == {"ann@example.org": 1, "bob@example.org": 1}
    assert set(Batch.objects.values_list("priority", flat=True)) == {Batch.Priority.LOW}
    (to_ann,) = catcher.to("ann@example.org")
    assert "Neuigkeiten" in to_ann.message.get_body(("plain",)).get_content()

    confirm(link_in(to_ann))

    ann = Subscriber.objects.get(email="ann@example.org")
    assert ann.subscriptions.active().get().mailing_list == news
    record = ConsentRecord.objects.get()
    assert (record.source, record.statement, record.subscriber) == ("form", done.consent_statement, ann)


def test_ticks_alone_ask_everybody(catcher: Catcher, monkeypatch: pytest.MonkeyPatch) -> None:
    imported_people(mailing_list())
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(tasks, "async_task", lambda name, *numbers: asked.append((name, *numbers)))

    tasks.sweep()
    tasks.sweep()

    assert asked == [("subscribers.tasks.ask_imported", Import.objects.get().pk)]


def test_an_import_with_consent_asks_nobody(catcher: Catcher) -> None:
    news = mailing_list()
    done = import_people(workbook(HEADINGS, ["ann@example.org", "Ann", "de"]), news)

    assert not imported.unasked().exists()
    all_work(done)
    assert not catcher.mails


def test_who_was_on_the_list_before_is_not_asked(catcher: Catcher) -> None:
    news = mailing_list()
    ann = Subscriber.objects.create(email="ann@example.org")
    Subscription.objects.create(subscriber=ann, mailing_list=news, status="active")

    all_work(imported_people(news))

    assert [mail.recipient for mail in catcher.mails] == ["bob@example.org"]


def test_a_worker_that_dies_in_between_is_followed_by_one_that_goes_on(catcher: Catcher) -> None:
    done = imported_people(mailing_list())
    imported.ask(done.pk, seconds=0)
    Import.objects.update(asked_to=0)

    all_work(done)

    assert SignUp.objects.count() == 2
    assert len(catcher.mails) == 2


def test_the_limits_of_sign_ups_hold(catcher: Catcher) -> None:
    news = mailing_list()
    form(news)
    sign_up("ann@example.org")
    work()

    all_work(imported_people(news))

    assert Counter(mail.recipient for mail in catcher.mails) == {"ann@example.org": 1, "bob@example.org": 1}


def test_what_was_undone_in_the_meantime_asks_nobody(catcher: Catcher) -> None:
    done = imported_people(mailing_list())
    imported.ask(done.pk, seconds=60)
    undo(done)

    tasks.answer_sign_ups()
    leave()

    assert not catcher.mails
    assert not SignUp.objects.exists()


def test_the_link_of_an_import_that_was_undone_leads_nowhere(catcher: Catcher) -> None:
    done = imported_people(mailing_list())
    all_work(done)
    answered, unanswered = catcher.mails
    confirm(link_in(answered))
    undo(done)

    assert confirm(link_in(unanswered)).status_code == 410
    assert Subscriber.objects.get().email == answered.recipient


def test_who_is_suppressed_since_gets_nothing(catcher: Catcher) -> None:
    done = imported_people(mailing_list())
    Suppression.objects.add("ann@example.org", "complained")

    all_work(done)

    assert [mail.recipient for mail in catcher.mails] == ["bob@example.org"]


def test_people_who_wait_are_answered_before_those_of_an_import(catcher: Catcher) -> None:
    news = mailing_list()
    form(news)
    done = imported_people(news)
    tasks.ask_imported(done.pk)
    sign_up("carl@example.org")

    tasks.answer_sign_ups()

    assert Delivery.objects.order_by("pk").values_list("email", flat=True).first() == "carl@example.org"
