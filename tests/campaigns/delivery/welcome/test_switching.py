"""A welcome mail is switched on, paused, replaced and switched off, and its sum always adds up."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from campaigns.composition.compile import CompositionError
from campaigns.composition.duplicate import duplicate
from campaigns.delivery import welcome
from campaigns.models import Campaign, Content, Hits, Link
from subscribers.models import MailingList
from tests.campaigns.delivery import scene
from tests.campaigns.delivery.welcome.moves import draft, join, sums, work
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db


def test_it_is_never_done_by_itself(greeting: Campaign, news: MailingList, catcher: Catcher) -> None:
    work()
    assert sums(greeting).startswith("sending")

    for name in ("Ann", "Bob"):
        join(scene.person(name), news)
        work()

    assert sums(greeting) == "sending: planned=2 sent=2 failed=0 skipped=0 uncertain=0"
    assert len(catcher.mails) == 2


def test_mails_wait_while_it_is_paused(greeting: Campaign, news: MailingList, catcher: Catcher) -> None:
    assert greeting.pause("550 blocked")
    join(scene.person("Ann"), news)
    work()
    assert catcher.mails == []

    assert greeting.resume()
    work()

    assert [mail.recipient for mail in catcher.mails] == ["ann@example.org"]


def test_switched_off_it_welcomes_nobody(greeting: Campaign, news: MailingList, catcher: Catcher) -> None:
    greeting.pause()
    join(scene.person("Ann"), news)
    assert greeting.cancel()
    join(scene.person("Bob"), news)
    work()

    assert catcher.mails == []
    assert sums(greeting) == "cancelled: planned=1 sent=0 failed=0 skipped=1 uncertain=0"


def test_another_takes_its_place_and_those_who_wait(greeting: Campaign, news: MailingList, catcher: Catcher) -> None:
    greeting.pause("550 5.7.1 spam")
    join(scene.person("Ann"), news)
    better = duplicate(greeting, name="Better", created_by_id=None)
    better.contents.update(subject="Better")
    assert welcome.switch_on(better)
    join(scene.person("Bob"), news)
    work()

    assert sorted((mail.recipient, mail.message["Subject"]) for mail in catcher.mails) == [
        ("ann@example.org", "Better"),
        ("bob@example.org", "Better"),
    ]
    assert sums(greeting) == "cancelled: planned=1 sent=0 failed=0 skipped=1 uncertain=0"
    assert sums(better) == "sending: planned=2 sent=2 failed=0 skipped=0 uncertain=0"


def test_it_says_what_it_said_when_it_was_switched_on(greeting: Campaign, news: MailingList, catcher: Catcher) -> None:
    Content.objects.update(subject="Edited")
    join(scene.person("Ann"), news)
    work()

    assert catcher.mails[0].message["Subject"] == "Welcome (en)"


def test_its_links_are_counted_as_its_list_allows(news: MailingList, catcher: Catcher, client: Client) -> None:
    MailingList.objects.update(tracking="aggregate")
    made = draft(news, languages=("en",))
    made.contents.update(body_html='<p><a href="https://example.org/start">Begin here</a></p>')
    assert welcome.switch_on(made)
    join(scene.person("Ann"), news)
    work()

    html = catcher.mails[0].message.get_body(("html",)).get_content()
    counted = re.search(r"/c/\w+/\d+(?=\">Begin here)", html)
    assert counted
    assert client.get(counted[0]).headers["Location"] == "https://example.org/start"
    assert made.tracking == "aggregate"
    assert Hits.objects.get().link == Link.objects.get().number


def test_what_cannot_be_composed_is_not_switched_on(greeting: Campaign, news: MailingList) -> None:
    broken = draft(news, "Broken", languages=("en",))
    broken.contents.update(body_html="<p>{{ subscriber.user.password }}</p>")

    with pytest.raises(CompositionError):
        welcome.switch_on(broken)

    broken.refresh_from_db()
    assert broken.status == "draft"
    assert sums(greeting).startswith("sending")


def test_each_list_has_its_own(greeting: Campaign, news: MailingList, catcher: Catcher) -> None:
    tips = MailingList.objects.create(name="Tips", label="tips")
    assert welcome.switch_on(draft(tips, "Tips for you"))
    join(scene.person("Ann"), news, tips)
    work()

    assert sorted(mail.message["Subject"] for mail in catcher.mails) == ["Tips for you (en)", "Welcome (en)"]
