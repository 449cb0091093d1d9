"""Readers who pause, and readers who want nothing but digests, while campaigns go out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.mail import send_mail
from django.utils import timezone

from campaigns import audience, reports
from campaigns.models import Delivery
from subscribers.addresses import fingerprint
from subscribers.models import Subscriber, Suppression
from tests.campaigns.delivery import scene
from tests.campaigns.outgoing import post
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)

ANN, BOB = "ann@example.org", "bob@example.org"


def pause(address: str, days: int = 30) -> None:
    until = timezone.now() + timedelta(days=days)
    Suppression.objects.create(fingerprint=fingerprint(address), reason=Suppression.Reason.PAUSED, expires_at=until)


def want_digests(address: str) -> None:
    Subscriber.objects.filter(email=address).update(wants_digest=True)


def got(catcher: Catcher) -> list[str]:
    return sorted(mail.recipient for mail in catcher.mails)


def skipped() -> dict[str, str]:
    return dict(Delivery.objects.filter(status="skipped").values_list("subscriber__email", "reason"))


@pytest.mark.parametrize("is_early", [True, False], ids=["before planning", "before hand-over"])
@pytest.mark.parametrize(("wish", "reason"), [(pause, "paused"), (want_digests, "digest")])
def test_who_pauses_or_waits_for_a_digest_is_skipped_for_that_reason(catcher, wish, reason, is_early) -> None:
    campaign = scene.campaign("Ann", "Bob")

    if not is_early:
        scene.start(campaign)
    wish(ANN)
    counted = audience.head_count(campaign)
    scene.send(campaign)

    assert (counted.total, counted.mailable, counted.left_out) == (2, 1, 1)
    assert got(catcher) == [BOB]
    assert skipped() == {ANN: reason}
    assert reports.ledger(campaign).adds_up
    assert campaign.status == "sent"


def test_a_digest_reaches_everybody_but_those_who_pause(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob", is_digest=True)
    want_digests(ANN)
    pause(BOB)

    scene.send(campaign)

    assert got(catcher) == [ANN]
    assert skipped() == {BOB: "paused"}


def test_who_waits_for_digests_and_pauses_too_is_paused(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann")
    want_digests(ANN)
    pause(ANN)

    scene.send(campaign)

    assert skipped() == {ANN: "paused"}


def test_a_pause_that_is_over_keeps_nothing_back(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann")
    pause(ANN, days=-1)

    scene.send(campaign)

    assert got(catcher) == [ANN]


def test_who_is_dead_or_has_left_is_not_called_paused(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob")
    pause(ANN)
    Suppression.objects.add(ANN, Suppression.Reason.BOUNCED)
    scene.start(campaign)
    Subscriber.objects.get(email=BOB).subscriptions.get().end()
    want_digests(BOB)

    scene.send(campaign)

    assert skipped() == {ANN: "suppressed", BOB: "left"}


def test_a_pause_stops_no_mail_of_the_application(catcher: Catcher, settings) -> None:
    settings.EMAIL_BACKEND = "campaigns.delivery.backend.EmailBackend"
    scene.transport()
    pause(ANN)

    send_mail("Please confirm", "Hello", "desk@example.org", [ANN])
    post.leave()

    assert got(catcher) == [ANN]
