"""Whoever joins a list of their own wish is welcomed once, and the sum of the welcome mail always adds up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from campaigns import reports
from campaigns.composition.compile import CompositionError
from campaigns.composition.duplicate import duplicate
from campaigns.delivery import engine, ledger, sweep, welcome
from campaigns.models import Batch, Campaign, Content, Delivery, Layout, RecipientDomain, Sender
from subscribers.consent import flows, pauses
from subscribers.consent.flows import Evidence
from subscribers.models import ConsentRecord, MailingList, Subscriber
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db

Source = ConsentRecord.Source


@pytest.fixture
def news(db: None) -> MailingList:
    return MailingList.objects.create(name="News", label="news")


@pytest.fixture
def greeting(news: MailingList) -> Campaign:
    """Switched on."""
    made = draft(news)
    assert welcome.switch_on(made)
    return made


def draft(mailing_list: MailingList, words: str = "Welcome", languages: tuple[str, ...] = ("en", "de")) -> Campaign:
    scene.transport()
    layout, _created = Layout.objects.get_or_create(label="test", defaults={"name": "Test", "html": scene.LAYOUT})
    sender, _created = Sender.objects.get_or_create(
        name="Example", email="news@example.org", postal_address="1 Main Street"
    )
    made = Campaign.objects.create(name=words, layout=layout, sender=sender, welcomes=mailing_list)
    for language in languages:
        Content.objects.create(
            campaign=made, language=language, subject=f"{words} ({language})", body_html="<p>Hello {{ first_name }}</p>"
        )
    return made


def join(person: Subscriber, *lists: MailingList, source: str = Source.FORM) -> None:
    flows.subscribe(person, lists, Evidence(source=source))


def work() -> None:
    """What lanes and ticks do."""
    while lanes := engine.needed_lanes():
        for transport in lanes:
            engine.run(transport)
    sweep.skip_cancelled()
    sweep.finish_done()


def sums(campaign: Campaign) -> str:
    campaign.refresh_from_db()
    found = reports.ledger(campaign)
    assert found.planned == found.done + found.waiting
    return f"{campaign.status}: {found}"


@pytest.mark.parametrize("source", [Source.FORM, Source.PREFERENCES, Source.API])
def test_whoever_joins_is_welcomed_in_their_language(
    greeting: Campaign, news: MailingList, catcher: Catcher, source: str
) -> None:
    join(scene.person("Dilnoza", language="de"), news, source=source)
    work()

    (sent,) = catcher.mails
    assert sent.message["Subject"] == "Welcome (de)"
    assert "Hello Dilnoza" in sent.message.get_body().get_content()
    assert "List-Unsubscribe" in sent.message
    assert sent.message["List-Id"] == "News <news.example.org>"
    assert sums(greeting) == "sending: planned=1 sent=1 failed=0 skipped=0 uncertain=0"


def test_who_wants_only_digests_is_welcomed_and_who_takes_a_break_is_not(
    greeting: Campaign, news: MailingList, catcher: Catcher
) -> None:
    bob = scene.person("Bob")
    pauses.pause(bob, timezone.now() + timedelta(days=30))

    join(scene.person("Ann", wants_digest=True), news)
    join(bob, news)
    work()

    assert [mail.recipient for mail in catcher.mails] == ["ann@example.org"]
    assert Delivery.objects.get(subscriber=bob).reason == "paused"


@pytest.mark.parametrize("source", [Source.IMPORT, Source.ADMIN])
def test_whoever_is_put_on_the_list_by_others_is_not(greeting: Campaign, news: MailingList, source: str) -> None:
    join(scene.person("Ann"), news, source=source)

    assert sums(greeting) == "sending: planned=0 sent=0 failed=0 skipped=0 uncertain=0"


def test_whoever_was_there_before_and_joins_another_list_is_not(greeting: Campaign, news: MailingList) -> None:
    ann = scene.person("Ann", news)
    join(ann, MailingList.objects.create(name="Tips", label="tips"))

    assert not Delivery.objects.exists()


def test_a_join_that_is_rolled_back_welcomes_nobody(greeting: Campaign, news: MailingList) -> None:
    with pytest.raises(RuntimeError):
        join_and_fail(scene.person("Ann"), news)

    assert sums(greeting) == "sending: planned=0 sent=0 failed=0 skipped=0 uncertain=0"
    assert not Batch.objects.exists()


@transaction.atomic
def join_and_fail(person: Subscriber, mailing_list: MailingList) -> None:
    join(person, mailing_list)
    assert Delivery.objects.exists()
    raise RuntimeError


def test_nobody_is_welcomed_twice(greeting: Campaign, news: MailingList, catcher: Catcher) -> None:
    ann = scene.person("Ann")
    join(ann, news)
    work()

    flows.unsubscribe(ann, [news], Evidence(source=Source.ONE_CLICK))
    flows.come_back(ann, [news.pk], Evidence(source=Source.PREFERENCES))
    ConsentRecord.objects.update(recorded_at=timezone.now() - timedelta(days=400))
    flows.unsubscribe(ann, [news], Evidence(source=Source.ONE_CLICK))
    ConsentRecord.objects.update(recorded_at=timezone.now() - timedelta(days=400))
    join(ann, news)
    work()

    assert len(catcher.mails) == 1


def test_whoever_only_takes_back_that_they_left_is_not_welcomed(greeting: Campaign, news: MailingList) -> None:
    ann = scene.person("Ann", news)
    flows.leave_everything(ann, Evidence(source=Source.PREFERENCES))
    flows.come_back(ann, [news.pk], Evidence(source=Source.PREFERENCES))

    assert not Delivery.objects.exists()


def test_whoever_leaves_before_it_left_gets_none_and_is_counted(
    greeting: Campaign, news: MailingList, catcher: Catcher
) -> None:
    ann = scene.person("Ann")
    join(ann, news)
    flows.unsubscribe(ann, [news], Evidence(source=Source.ONE_CLICK))
    work()

    assert catcher.mails == []
    assert sums(greeting) == "sending: planned=1 sent=0 failed=0 skipped=1 uncertain=0"


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


def test_a_mail_that_was_deferred_is_tried_again(greeting: Campaign, news: MailingList, catcher: Catcher) -> None:
    catcher.defer("ann@example.org", times=1)
    join(scene.person("Ann"), news)
    work()
    assert catcher.mails == []

    scene.let_time_pass(greeting)
    work()

    assert sums(greeting) == "sending: planned=1 sent=1 failed=0 skipped=0 uncertain=0"


def test_what_is_uncertain_can_be_sent_again(greeting: Campaign, news: MailingList, catcher: Catcher) -> None:
    catcher.drop_after_data("ann@example.org")
    join(scene.person("Ann"), news)
    work()
    assert sums(greeting) == "sending: planned=1 sent=0 failed=0 skipped=0 uncertain=1"

    catcher.data_replies.clear()
    ledger.send_again(Delivery.objects.values_list("pk", flat=True))
    work()

    assert sums(greeting) == "sending: planned=1 sent=1 failed=0 skipped=0 uncertain=0"


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


def test_it_is_counted_as_its_list_allows(news: MailingList) -> None:
    MailingList.objects.update(tracking="aggregate")
    made = draft(news)
    assert welcome.switch_on(made)

    assert made.tracking == "aggregate"


def test_a_limit_of_the_readers_domain_holds_for_it(greeting: Campaign, news: MailingList) -> None:
    RecipientDomain.objects.create(name="example.org", limit_per_hour=5)
    join(scene.person("Ann"), news)

    assert Batch.objects.get().domain == "example.org"


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


def at_once(*acts: object) -> list[object]:
    barrier = Barrier(len(acts))

    def do(act: object) -> object:
        barrier.wait()
        try:
            return act()  # type: ignore[operator]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


@pytest.mark.django_db(transaction=True)
def test_of_two_confirmations_at_once_one_welcomes(catcher: Catcher) -> None:
    news = MailingList.objects.create(name="News", label="news")
    greeting = draft(news)
    assert welcome.switch_on(greeting)
    ann = scene.person("Ann")

    for _round in range(5):
        at_once(*[lambda: join(Subscriber.objects.get(pk=ann.pk), news)] * 4)
    work()

    assert len(catcher.mails) == 1
    assert sums(greeting) == "sending: planned=1 sent=1 failed=0 skipped=0 uncertain=0"


@pytest.mark.django_db(transaction=True)
def test_of_two_that_are_switched_on_while_people_join_one_is_on_and_all_are_welcomed(catcher: Catcher) -> None:
    news = MailingList.objects.create(name="News", label="news")
    first, *others = [draft(news, words) for words in ("First", "Second", "Third")]
    assert welcome.switch_on(first)
    people = [scene.person(name) for name in ("Ann", "Bob", "Carl", "Dilnoza")]

    at_once(
        *[lambda other=other: welcome.switch_on(other) for other in others],
        *[lambda person=person: join(person, news) for person in people],
    )
    work()

    assert sorted(mail.recipient for mail in catcher.mails) == [person.email for person in people]
    assert Campaign.objects.welcoming().count() == 1
    for campaign in Campaign.objects.all():
        assert sums(campaign)
