"""Whoever an import brought is asked about its lists alone, and never forgotten for having had enough mail of a day."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from subscribers import tasks
from subscribers.consent import flows, pauses
from subscribers.consent.flows import Evidence
from subscribers.models import ConsentRecord, Import, MailingList, SignUp, Subscriber, Suppression
from tests.catcher import Catcher, CaughtMail
from tests.subscribers.sign_ups.moves import (
    a_day_later,
    confirm,
    form,
    let_links_expire,
    link_in,
    mailing_list,
    sign_up,
    work,
)
from tests.subscribers.transfer.files import import_people, undo, workbook

pytestmark = pytest.mark.django_db
ANN = "ann@example.org"


def bring(*lists: MailingList, address: str = ANN, statement: str = "Signed at our stand", **rows: str) -> Import:
    file = workbook(["Email", *rows], [address, *rows.values()])
    return import_people(file, *lists, needs_confirmation=True, consent_statement=statement)


def asked(*lists: MailingList, **stated: str) -> Import:
    brought = bring(*lists, **stated)
    tasks.ask_imported(brought.pk)
    work()
    return brought


def let_the_wait_be_over() -> None:
    a_day_later()
    SignUp.objects.update(due_at=timezone.now())


def text_of(mail: CaughtMail) -> str:
    body = mail.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def lists_of(address: str = ANN) -> set[str]:
    active = Subscriber.objects.get(email=address).subscriptions.active()
    return set(active.values_list("mailing_list__name", flat=True))


def test_who_lets_the_link_expire_gets_a_new_one_that_works(catcher: Catcher) -> None:
    asked(mailing_list())
    let_links_expire()
    a_day_later()

    Client().post(link_in(catcher.mails[0]), {"action": "again"})
    work()

    assert len(catcher.mails) == 2
    assert confirm(link_in(catcher.mails[1])).status_code == 200
    assert lists_of() == {"News"}


def test_a_new_link_counts_once(catcher: Catcher) -> None:
    names = ["News", "Tips", "Offers", "Jobs"]
    lists = [mailing_list(name) for name in names]
    form(*lists[1:])
    asked(lists[0])
    let_links_expire()
    a_day_later()

    Client().post(link_in(catcher.mails[0]), {"action": "again"})
    for name in names[1:]:
        sign_up(lists=[name.lower()])
    work()

    assert len(catcher.mails) == 1 + 3


@pytest.mark.parametrize("reason", ["complained", "bounced"])
def test_no_new_link_goes_to_whose_mail_is_stopped_since(catcher: Catcher, reason: str) -> None:
    asked(mailing_list())
    let_links_expire()
    a_day_later()
    Suppression.objects.add(ANN, reason)

    answer = Client().post(link_in(catcher.mails[0]), {"action": "again"})
    work()

    assert answer.status_code == 200
    assert len(catcher.mails) == 1


def test_who_was_brought_again_on_the_day_of_an_undo_is_asked_on_the_next(catcher: Catcher) -> None:
    news = mailing_list()
    undo(asked(news))

    asked(news)
    assert len(catcher.mails) == 1

    let_the_wait_be_over()
    work()

    assert len(catcher.mails) == 2
    confirm(link_in(catcher.mails[1]))
    assert lists_of() == {"News"}


def test_it_waits_until_the_limit_opens(catcher: Catcher) -> None:
    news = mailing_list()
    undo(asked(news))

    asked(news)

    left = SignUp.objects.get(status="new").due_at - timezone.now()
    assert timedelta(hours=23) < left <= timedelta(hours=24)


def test_of_two_lists_none_is_forgotten_when_one_had_its_mail(catcher: Catcher) -> None:
    news, tips = mailing_list("News"), mailing_list("Tips")
    form(news)
    sign_up()
    work()

    asked(news, tips)
    let_the_wait_be_over()
    work()

    assert len(catcher.mails) == 2
    confirm(link_in(catcher.mails[1]))
    assert lists_of() == {"News", "Tips"}


def test_a_link_holds_for_seven_days_however_long_its_mail_had_to_wait(catcher: Catcher) -> None:
    news = mailing_list()
    undo(asked(news))
    asked(news)
    let_links_expire()

    let_the_wait_be_over()
    work()

    confirm(link_in(catcher.mails[1]))
    assert lists_of() == {"News"}


def test_what_is_confirmed_while_a_question_waits_is_not_asked(catcher: Catcher) -> None:
    news = mailing_list()
    form(news)
    sign_up()
    work()
    asked(news)

    confirm(link_in(catcher.mails[0]))
    let_the_wait_be_over()
    work()

    assert len(catcher.mails) == 1
    assert SignUp.objects.get(form=None).status == "ignored"


def test_nobody_is_asked_on_their_break_and_everybody_after_it(catcher: Catcher) -> None:
    ann = Subscriber.objects.create(email=ANN)
    pauses.pause(ann, timezone.now() + timedelta(days=30))

    asked(mailing_list())
    let_the_wait_be_over()
    work()
    assert not catcher.mails

    Suppression.objects.update(expires_at=timezone.now())
    let_the_wait_be_over()
    work()

    confirm(link_in(catcher.mails[0]))
    assert lists_of() == {"News"}


def test_whose_break_ends_today_is_asked_then(catcher: Catcher) -> None:
    ends = timezone.now() + timedelta(hours=3)
    pauses.pause(Subscriber.objects.create(email=ANN), ends)

    asked(mailing_list())

    assert SignUp.objects.get().due_at == ends


def test_an_import_asks_about_its_own_lists(catcher: Catcher) -> None:
    news, tips = mailing_list("News"), mailing_list("Tips")
    bring(tips, statement="Ticked Tips in the shop")

    asked(news, statement="Signed at our stand")

    (mail,) = catcher.mails
    assert "News" in text_of(mail)
    assert "Tips" not in text_of(mail)
    confirm(link_in(mail))
    assert lists_of() == {"News"}
    assert ConsentRecord.objects.get().statement == "Signed at our stand"


def test_who_is_new_is_asked_about_the_list_of_that_import_whatever_another_brought_since(catcher: Catcher) -> None:
    news, tips = mailing_list("News"), mailing_list("Tips")
    first = bring(tips)
    bring(news)

    tasks.ask_imported(first.pk)
    work()

    (mail,) = catcher.mails
    assert "News" not in text_of(mail)


def test_lists_that_a_row_names_are_asked_about_too(catcher: Catcher) -> None:
    mailing_list("Tips")

    asked(mailing_list("News"), List="Tips")

    (mail,) = catcher.mails
    assert "News" in text_of(mail)
    assert "Tips" in text_of(mail)


def test_undoing_one_import_keeps_the_question_of_another(catcher: Catcher) -> None:
    news, tips = mailing_list("News"), mailing_list("Tips")
    first = bring(tips)
    second = asked(news)
    tasks.ask_imported(first.pk)
    work()

    undo(second)

    confirm(link_in(catcher.mails[1]))
    assert lists_of() == {"Tips"}


def test_nobody_joins_unasked_because_the_import_was_deleted(catcher: Catcher) -> None:
    news = mailing_list(opt_in=MailingList.OptIn.SINGLE)
    brought = bring(news)
    tasks.ask_imported(brought.pk)
    brought.delete()

    work()

    assert not lists_of()
    assert len(catcher.mails) == 1


def test_who_left_the_list_meanwhile_is_not_asked(catcher: Catcher) -> None:
    news = mailing_list()
    undo(asked(news))
    asked(news)
    flows.unsubscribe(Subscriber.objects.get(), [news], Evidence(ConsentRecord.Source.PREFERENCES))

    let_the_wait_be_over()
    work()

    assert len(catcher.mails) == 1
