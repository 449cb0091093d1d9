"""Whole domains that get no mail, consent that is over, and people who were erased, while a campaign goes out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns import audience, reports
from campaigns.models import Campaign, Delivery
from subscribers import erasure
from subscribers.models import MailingList, Subscription, Suppression
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)

ANN = "ann@example.org"
ELSEWHERE = ("bob@example.com", "chloé@post.example.com", "dilnoza@deep.post.example.com")


def to(*addresses: str) -> Campaign:
    made = scene.campaign()
    for address in addresses:
        scene.person(address.replace("é", "e"), made.mailing_lists.get())
    return made


def stop(domain: str, **facts: object) -> None:
    Suppression.objects.create(domain=domain, reason="manual", **facts)


def is_implied_until(address: str, days: int) -> None:
    moment = timezone.now() + timedelta(days=days)
    Subscription.objects.filter(subscriber__email=address).update(expires_at=moment)


def got(catcher: Catcher) -> list[str]:
    return sorted(mail.recipient for mail in catcher.mails)


def skipped() -> dict[str, str]:
    return dict(Delivery.objects.filter(status="skipped").values_list("subscriber__email", "reason"))


@pytest.mark.parametrize(
    ("pattern", "stopped"),
    [
        ("example.com", {"bob@example.com"}),
        ("*.example.com", {"bob@example.com", "chloe@post.example.com", "dilnoza@deep.post.example.com"}),
        ("*.post.example.com", {"chloe@post.example.com", "dilnoza@deep.post.example.com"}),
    ],
)
@pytest.mark.parametrize("is_early", [True, False], ids=["before planning", "before hand-over"])
def test_whoever_is_below_a_stopped_domain_gets_nothing(
    catcher: Catcher, pattern: str, stopped: set[str], is_early: bool
) -> None:
    campaign = to(ANN, *ELSEWHERE)

    if not is_early:
        scene.start(campaign)
    stop(pattern)
    counted = audience.head_count(campaign)
    scene.send(campaign)

    assert (counted.total, counted.left_out) == (4, len(stopped))
    assert skipped() == dict.fromkeys(stopped, "suppressed")
    assert len(got(catcher)) == 4 - len(stopped)
    assert reports.ledger(campaign).adds_up
    assert campaign.status == "sent"


def test_a_domain_that_is_stopped_on_one_list_hears_from_another(catcher: Catcher) -> None:
    campaign = to(ANN, "bob@example.com")
    other = MailingList.objects.create(name="Offers", label="offers")
    campaign.mailing_lists.add(other)
    scene.subscribe(scene.person("eve@example.com", other), campaign.mailing_lists.exclude(pk=other.pk).get())
    scene.start(campaign)

    stop("*.example.com", mailing_list=campaign.mailing_lists.exclude(pk=other.pk).get())
    scene.send(campaign)

    assert got(catcher) == [ANN, "eve@example.com"]
    assert skipped() == {"bob@example.com": "suppressed"}


def test_a_domain_that_was_stopped_until_yesterday_gets_mail(catcher: Catcher) -> None:
    campaign = to("bob@example.com")
    stop("*.example.com", expires_at=timezone.now() - timedelta(days=1))

    scene.send(campaign)

    assert got(catcher) == ["bob@example.com"]


def test_whose_implied_consent_is_over_is_not_planned_though_nobody_wrote_it_down(catcher: Catcher) -> None:
    campaign = to(ANN, *ELSEWHERE)
    is_implied_until(ANN, -1)
    is_implied_until("bob@example.com", 1)

    counted = audience.head_count(campaign)
    scene.send(campaign)

    assert (counted.total, counted.mailable) == (3, 3)
    assert ANN not in got(catcher)
    assert "bob@example.com" in got(catcher)
    assert campaign.planned == 3


def test_whose_implied_consent_ends_while_mails_wait_gets_none(catcher: Catcher) -> None:
    campaign = to(ANN, "bob@example.com")
    is_implied_until(ANN, 1)
    scene.start(campaign)

    is_implied_until(ANN, -1)
    scene.send(campaign)

    assert got(catcher) == ["bob@example.com"]
    assert skipped() == {ANN: "left"}


def every_row() -> str:
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [f"{table} {row}" for row in cursor.fetchall()]
    return "\n".join(found)


@pytest.mark.parametrize("reached", ["scheduled", "planned", "sent"])
def test_wherever_a_campaign_is_no_table_tells_of_who_is_erased(catcher: Catcher, reached: str) -> None:
    campaign = to(ANN, "bob@example.com")
    if reached != "scheduled":
        scene.start(campaign)
    if reached == "sent":
        scene.send(campaign)
    assert ANN in every_row()

    erasure.erase(ANN)
    scene.send(campaign)

    assert ANN not in every_row()
    assert got(catcher).count(ANN) == (reached == "sent")
    assert reports.ledger(campaign).adds_up
    assert campaign.status == "sent"
