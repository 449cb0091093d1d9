"""Who read a campaign: every table adds up to the ledger, and machines are counted apart."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from itertools import pairwise
from operator import add
from typing import Any

import pytest
from django.utils import timezone

from campaigns import readership, reports, tallies, tasks
from campaigns.models import Campaign, Delivery, Event, Hits, Link, Tally
from campaigns.readership import Reach, Report, Span
from campaigns.readership.counting import OTHERS
from subscribers.models import LeavingReason, Subscriber, Suppression
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db

Kind = Event.Kind


def read(campaign: Campaign) -> Report:
    return Report(campaign, readership.everything(campaign))


def mail(campaign: Campaign, name: str) -> Delivery:
    return campaign.deliveries.get(subscriber__first_name=name)


def happened(campaign: Campaign, name: str, kind: str, **facts: Any) -> None:
    Event.objects.create(delivery=mail(campaign, name), kind=kind, **facts)


def reach_of(groups: list[readership.Group]) -> Reach:
    return reduce(add, (group.reach for group in groups))


@pytest.fixture
def campaign(catcher: Catcher) -> Campaign:
    """Ann, Chloé and Dilnoza got it, Bob's server knows nobody of that name, Emil is suppressed."""
    catcher.refuse("bob@example.org")
    made = scene.campaign("Ann", "Bob", "Dilnoza", "Emil", languages=("en", "de"))
    news = made.mailing_lists.get()
    scene.person("Chloe", news, language="de")
    Subscriber.objects.filter(first_name="Chloe").update(email="chloe@example.com")
    Suppression.objects.add("emil@example.org", "manual")
    return scene.send(made)


def test_every_table_adds_up_to_the_ledger(campaign: Campaign) -> None:
    happened(campaign, "Ann", Kind.OPENED)
    happened(campaign, "Chloe", Kind.BOUNCED)

    report = read(campaign)

    sums = reports.ledger(campaign)
    assert str(sums) == "planned=5 sent=3 failed=1 skipped=1 uncertain=0"
    for reach in (report.reach, reach_of(report.languages), reach_of(report.domains)):
        assert (reach.planned, reach.sent, reach.failed, reach.skipped) == (5, 3, 1, 1)
        assert (reach.delivered, reach.bounced, reach.opened) == (2, 1, Span(1, 1))
    assert sum(mails for _status, _why, _code, mails in report.causes) == sums.failed + sums.skipped
    assert sum(moment.things.sent for moment in report.moments) == sums.sent
    assert report.ledger == sums


def test_what_a_machine_did_counts_apart_and_what_both_did_counts_once(campaign: Campaign) -> None:
    happened(campaign, "Ann", Kind.OPENED, is_suspect=True)
    happened(campaign, "Ann", Kind.OPENED)
    happened(campaign, "Dilnoza", Kind.OPENED, is_suspect=True)
    for link in (1, 2, 3):
        happened(campaign, "Dilnoza", Kind.CLICKED, link=link, is_suspect=True)
    happened(campaign, "Ann", Kind.CLICKED, link=1)
    happened(campaign, "Ann", Kind.CLICKED, link=2)

    report = read(campaign)

    assert (report.reach.opened, report.reach.clicked) == (Span(1, 2), Span(1, 2))
    clicks = reduce(add, (moment.things.clicked for moment in report.moments))
    assert clicks == Span(2, 5)
    assert reach_of(report.languages).clicked == reach_of(report.domains).clicked == Span(1, 2)


def test_a_link_tells_who_followed_it_and_where_it_leads_now(campaign: Campaign) -> None:
    english, german = campaign.editions.get(language="en"), campaign.editions.get(language="de")
    Link.objects.create(edition=english, number=1, url="https://example.org/a", repaired_url="https://example.org/b")
    Link.objects.create(edition=german, number=1, url="https://example.org/de")
    happened(campaign, "Ann", Kind.CLICKED, link=1)
    happened(campaign, "Dilnoza", Kind.CLICKED, link=1, is_suspect=True)

    followed, ignored = read(campaign).links

    assert (followed.language, followed.number, followed.people) == ("en", 1, Span(1, 2))
    assert (followed.url, followed.repaired_url) == ("https://example.org/a", "https://example.org/b")
    assert (ignored.language, ignored.people) == ("de", Span(0, 0))


def test_sums_without_persons_stand_apart(campaign: Campaign) -> None:
    edition = campaign.editions.get(language="en")
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for link, is_suspect, number in ((0, False, 7), (0, True, 2), (1, False, 3)):
        Hits.objects.create(edition=edition, link=link, is_suspect=is_suspect, hour=hour, number=number)
    Link.objects.create(edition=edition, number=1, url="https://example.org/")

    report = read(campaign)

    assert (report.openings, report.clicks) == (Span(7, 9), Span(3, 3))
    assert (report.reach.opened, report.reach.clicked) == (Span(), Span())
    assert report.links[0].hits == Span(3, 3)
    assert reduce(add, (moment.things.openings for moment in report.moments)) == Span(7, 9)


def test_the_first_two_days_are_told_by_hours_and_the_rest_by_days(campaign: Campaign) -> None:
    began = campaign.leaves_at
    for name, after in (("Ann", timedelta(0)), ("Chloe", timedelta(hours=47)), ("Dilnoza", timedelta(days=4))):
        happened(campaign, name, Kind.OPENED, happened_at=began + after)
    happened(campaign, "Ann", Kind.CLICKED, link=1, happened_at=began + timedelta(days=400))

    moments = read(campaign).moments

    assert [moment.unit for moment in moments[:49]] == ["hour"] * 48 + ["day"]
    assert (moments[0].things.opened, moments[47].things.opened) == (Span(1, 1), Span(1, 1))
    assert (moments[-1].unit, moments[-1].things.clicked) == ("later", Span(1, 1))
    assert len(moments) == 48 + 61
    assert all(one.begins_at < other.begins_at for one, other in pairwise(moments))


def test_only_the_largest_domains_are_named(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readership.counting, "DOMAINS", 1)
    erased = mail(campaign, "Dilnoza")
    Delivery.objects.filter(pk=erased.pk).update(email="", subscriber=None)

    domains = read(campaign).domains

    assert [(group.name, group.reach.planned) for group in domains] == [("example.org", 3), ("", 1), (OTHERS, 1)]


def test_who_left_is_counted_by_the_reason_they_gave(campaign: Campaign) -> None:
    often = LeavingReason.objects.create(words="Too often")
    happened(campaign, "Ann", Kind.UNSUBSCRIBED, reason=often, words="Every day!")
    happened(campaign, "Chloe", Kind.UNSUBSCRIBED)
    happened(campaign, "Dilnoza", Kind.UNSUBSCRIBED, reason=often)

    report = read(campaign)

    assert report.left == [(often, 2), (None, 1)]
    assert report.words() == ["Every day!"]
    assert report.reach.unsubscribed == 3


def test_what_came_back_is_told_by_status_whatever_else_servers_say(campaign: Campaign) -> None:
    happened(campaign, "Ann", Kind.BOUNCED, words="550 5.1.1 no such user (a1)")
    happened(campaign, "Chloe", Kind.BOUNCED, words="550-5.1.1 unknown, id b2")
    happened(campaign, "Dilnoza", Kind.BOUNCED, words="Mailbox disabled")

    report = read(campaign)

    assert report.bounces == [("5.1.1", 2), ("", 1)]
    assert report.reach.bounced == 3


def test_who_waits_is_part_of_every_sum(catcher: Catcher) -> None:
    catcher.defer("bob@example.org")
    campaign = scene.send(scene.campaign("Ann", "Bob"))

    report = read(campaign)

    for reach in (report.reach, reach_of(report.languages), reach_of(report.domains)):
        assert (reach.planned, reach.sent, reach.waiting) == (2, 1, 1)


def test_what_a_worker_kept_is_what_would_be_counted(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "MANY", 1)
    happened(campaign, "Ann", Kind.OPENED)
    counted = read(campaign)
    tasks.count_ahead()
    happened(campaign, "Dilnoza", Kind.OPENED)

    kept = tallies.report(campaign)

    assert kept.as_of == Tally.objects.get(name=f"report:{campaign.pk}").counted_at
    assert kept.numbers == counted.numbers
    assert (kept.reach, kept.domains, kept.moments) == (counted.reach, counted.domains, counted.moments)
    assert tallies.report(campaign, anew=True).reach.opened == Span(2, 2)
    assert tallies.headline(campaign).reach.opened == Span(1, 1)


def test_an_old_report_is_counted_again_each_day(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "MANY", 1)
    monkeypatch.setattr(tallies, "CAMPAIGNS", 0)
    tasks.count_ahead()
    happened(campaign, "Ann", Kind.OPENED)
    tasks.count_ahead()
    assert tallies.report(campaign).reach.opened == Span(0, 0)

    Tally.objects.update(counted_at=timezone.now() - timedelta(days=2))
    tasks.count_ahead()

    assert tallies.report(campaign).reach.opened == Span(1, 1)


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_the_same_is_counted(campaign: Campaign) -> None:
    happened(campaign, "Ann", Kind.OPENED)

    assert read(campaign).reach.opened == tallies.headline(campaign).reach.opened == Span(1, 1)


def test_a_worker_counts_one_report_a_minute(catcher: Catcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "MANY", 1)
    for names in (("Ann", "Bob"), ("Chloe", "Dilnoza")):
        scene.send(scene.campaign(*names))
    reports_kept = Tally.objects.filter(name__startswith="report:")

    tasks.count_ahead()
    assert reports_kept.count() == 1
    tasks.count_ahead()

    assert reports_kept.count() == 2
