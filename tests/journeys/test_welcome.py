"""From the sign-up page to the welcome mail, out again by mail and back: through the doors that readers use."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from threading import Barrier
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client

from campaigns import reports
from campaigns.delivery import welcome
from campaigns.feedback.incoming.receive import receive
from campaigns.models import Campaign
from campaigns.signing import links_of
from subscribers import tasks
from subscribers.models import MailingList, Subscriber
from tests.campaigns.delivery.welcome.moves import draft
from tests.campaigns.delivery.welcome.moves import work as send
from tests.campaigns.outgoing.conftest import queue as queue
from tests.catcher import Catcher, CaughtMail
from tests.reading import press
from tests.subscribers.sign_ups.moves import asked, confirm, form, link_in, mailing_list
from tests.subscribers.transfer.files import import_people, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def news(db: None) -> MailingList:
    return mailing_list("News")


@pytest.fixture
def greeting(news: MailingList) -> Campaign:
    form(news)
    made = draft(news)
    assert welcome.switch_on(made)
    return made


def welcomed(catcher: Catcher) -> list[tuple[str, str]]:
    """Who got which welcome mail."""
    send()
    subjects = [(mail.recipient, mail.message["Subject"]) for mail in catcher.mails]
    return [(recipient, subject) for recipient, subject in subjects if subject.startswith(("Welcome", "Tips"))]


def ways_out(mail: CaughtMail) -> dict[str, str]:
    return {urlsplit(each).scheme: each for each in re.findall(r"<([^>]+)>", mail.message["List-Unsubscribe"])}


def as_mail(mailto: str) -> bytes:
    """What a mail program makes of the address."""
    parts = urlsplit(mailto)
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "ann@example.org", parts.path, parse_qs(parts.query)["subject"][0]
    return made.as_bytes()


def test_in_out_and_back_again(greeting: Campaign, news: MailingList, catcher: Catcher) -> None:
    path = asked(catcher, headers={"Accept-Language": "de"})
    assert welcomed(catcher) == []

    confirm(path)
    confirm(path)
    assert welcomed(catcher) == [("ann@example.org", "Welcome (de)")]

    out = ways_out(catcher.mails[-1])
    assert receive(as_mail(out["mailto"])).kind == "unsubscribed"
    ann = Subscriber.objects.get()
    assert not ann.subscriptions.active().exists()

    assert Client().post(urlsplit(out["http"]).path, {"action": "return"}).status_code == 200
    assert ann.subscriptions.active().get().mailing_list == news
    assert len(welcomed(catcher)) == 1
    greeting.refresh_from_db()
    assert str(reports.ledger(greeting)) == "planned=1 sent=1 failed=0 skipped=0 uncertain=0"


def test_whoever_ticks_a_list_on_the_preference_page_is_welcomed_to_it(
    greeting: Campaign, news: MailingList, catcher: Catcher
) -> None:
    tips = mailing_list("Tips")
    assert welcome.switch_on(draft(tips, "Tips"))
    confirm(asked(catcher))
    assert welcomed(catcher) == [("ann@example.org", "Welcome (en)")]
    number = greeting.deliveries.get().pk
    preferences = urlsplit(links_of(number).preferences_url).path
    reader = Client()

    press(reader, preferences, reader.get(preferences).content, "save", lists=[news.pk, tips.pk])

    assert welcomed(catcher)[1:] == [("ann@example.org", "Tips (en)")]


def test_whom_an_import_brings_is_welcomed_once_they_say_yes_themselves(
    greeting: Campaign, news: MailingList, catcher: Catcher
) -> None:
    rows = [["Email"], ["ann@example.org"], ["bob@example.org"]]
    done = import_people(workbook(*rows), news, needs_confirmation=True)
    import_people(workbook(["Email"], ["carl@example.org"]), news)
    tasks.ask_imported(done.pk)
    tasks.answer_sign_ups()
    assert welcomed(catcher) == []

    confirm(link_in(catcher.to("ann@example.org")[0]))

    assert welcomed(catcher) == [("ann@example.org", "Welcome (en)")]


@pytest.mark.django_db(transaction=True)
def test_who_presses_the_button_four_times_at_once_is_welcomed_once(catcher: Catcher) -> None:
    news = mailing_list("News")
    form(news)
    assert welcome.switch_on(draft(news))
    path = asked(catcher)
    barrier = Barrier(4)

    def press_button(_nth: int) -> int:
        barrier.wait()
        try:
            return confirm(path).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(press_button, range(4))) == [200] * 4

    assert welcomed(catcher) == [("ann@example.org", "Welcome (en)")]
