"""What staff see of a campaign while it is on its way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.timesince import timeuntil

from campaigns import audience, reports
from campaigns.models import Campaign, RecipientDomain
from subscribers.models import MailingList, Subscriber, Subscription, Suppression
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def test_before_the_start_progress_counts_the_audience(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob")

    progress = reports.progress(campaign)

    assert (progress.done, progress.total, progress.percent) == (0, 2, 0)
    assert progress.per_second is None
    assert progress.next_slot_at is None


def test_halfway_the_ledger_names_who_waits_and_does_not_yet_add_up(catcher: Catcher) -> None:
    catcher.defer("bob@example.org")
    campaign = scene.send(scene.campaign("Ann", "Bob"))

    sums, progress = reports.ledger(campaign), reports.progress(campaign)

    assert str(sums) == "planned=2 sent=1 failed=0 skipped=0 uncertain=0"
    assert (sums.waiting, sums.adds_up) == (1, False)
    assert (progress.done, progress.total, progress.percent) == (1, 2, 50)
    assert progress.per_second is not None
    assert progress.per_second > 0


def test_the_forecast_waits_for_the_last_retry(catcher: Catcher) -> None:
    catcher.defer("bob@example.org")
    campaign = scene.send(scene.campaign("Ann", "Bob"))
    retry_at = campaign.deliveries.get(status="queued").due_at

    progress = reports.progress(campaign)

    assert progress.next_slot_at == retry_at
    assert progress.done_at is not None
    assert progress.done_at >= retry_at


def test_what_will_be_done_soon_is_not_said_to_take_no_time(catcher: Catcher) -> None:
    catcher.defer("bob@example.org")
    campaign = scene.send(scene.campaign("Ann", "Bob", limit_per_hour=3600))
    scene.let_time_pass(campaign)

    progress = reports.progress(campaign)
    confirmed = reports.forecast(1, campaign)

    assert timeuntil(progress.done_within) == "1\xa0minute"
    assert confirmed is not None
    assert confirmed - timezone.now() > timedelta(seconds=50)


def test_a_finished_campaign_is_at_a_hundred_percent_and_foretells_nothing(catcher: Catcher) -> None:
    campaign = scene.send(scene.campaign("Ann"))

    progress = reports.progress(campaign)

    assert progress.percent == 100
    assert (progress.per_second, progress.next_slot_at, progress.done_at) == (None, None, None)


def test_while_a_person_is_asked_the_forecast_is_about_the_first_few_alone(catcher: Catcher) -> None:
    catcher.defer("bob@example.org")
    campaign = scene.campaign("Ann", "Bob", "Chloe", "Dilnoza", limit_per_hour=3600)
    campaign.unschedule()
    campaign.schedule(timezone.now(), canary=2)

    progress = reports.progress(scene.send(campaign))

    assert (progress.done, progress.total, progress.held) == (1, 4, 2)
    assert progress.next_slot_at == campaign.deliveries.get(subscriber__first_name="Bob").due_at
    assert progress.done_at is not None

    scene.let_time_pass(campaign)
    catcher.recipient_replies.clear()
    progress = reports.progress(scene.send(campaign))
    assert (progress.done, progress.held) == (2, 2)
    assert (progress.next_slot_at, progress.done_at) == (None, None)


def test_the_forecast_of_the_first_few_leaves_out_whom_a_domain_keeps_waiting_later(catcher: Catcher) -> None:
    catcher.defer("ann@example.org")
    RecipientDomain.objects.create(name="slow.example.net", limit_per_hour=1)
    campaign = scene.campaign("Ann", "Bob", limit_per_hour=3600)
    Subscriber.objects.filter(first_name="Bob").update(email="bob@slow.example.net")
    campaign.unschedule()
    campaign.schedule(timezone.now(), canary=1)

    progress = reports.progress(scene.send(campaign))

    assert (progress.done, progress.held) == (0, 1)
    assert progress.done_at is not None
    assert progress.done_at == campaign.deliveries.get(subscriber__first_name="Ann").due_at


def test_the_forecast_waits_for_the_last_wave(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob")
    campaign.unschedule()
    campaign.schedule(timezone.now() - timedelta(seconds=1), time_zone="UTC", in_local_time=True)
    Subscriber.objects.filter(first_name="Bob").update(time_zone="America/New_York")

    progress = reports.progress(scene.send(campaign))

    last = campaign.deliveries.queued().get().due_at
    assert last > timezone.now() + timedelta(hours=3)
    assert progress.next_slot_at == last
    assert progress.done_at is not None
    assert progress.done_at >= last


def test_a_paused_campaign_says_why(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    campaign.pause("The server does not like us.")

    assert reports.progress(campaign).pause_reason == "The server does not like us."


def test_the_forecast_of_a_scheduled_campaign_counts_from_its_time() -> None:
    campaign = scene.campaign("Ann", limit_per_hour=3600)
    Campaign.objects.update(scheduled_at=timezone.now() + timedelta(days=1))
    campaign.refresh_from_db()

    forecast = reports.forecast(36, campaign)

    assert forecast is not None
    assert timedelta(days=1) < forecast - timezone.now() < timedelta(days=1, minutes=1)


def test_the_head_count_tells_who_is_mailable(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob", "Chloe")
    news = campaign.mailing_lists.get()
    Suppression.objects.add("bob@example.org", Suppression.Reason.BOUNCED)
    Subscription.objects.filter(subscriber__first_name="Chloe").update(status="pending")
    scene.person("Dilnoza", MailingList.objects.create(name="Other", label="other"))

    assert audience.head_count(campaign) == audience.HeadCount(total=2, languages={"en": 1})
    assert [person.first_name for person in audience.mailable(campaign)] == ["Ann"]
    assert news.subscriptions.count() == 3


def test_somebody_on_two_lists_is_one_person() -> None:
    campaign = scene.campaign("Ann")
    second = MailingList.objects.create(name="Second", label="second")
    campaign.mailing_lists.add(second)
    scene.subscribe(campaign.mailing_lists.get(name="News").subscriptions.get().subscriber, second)

    assert audience.head_count(campaign).total == 1


def test_a_suppression_on_one_list_does_not_stop_the_other() -> None:
    campaign = scene.campaign("Ann")
    second = MailingList.objects.create(name="Second", label="second")
    ann = campaign.mailing_lists.get().subscriptions.get().subscriber
    campaign.mailing_lists.add(second)
    Suppression.objects.create(fingerprint=ann.fingerprint, mailing_list=second, reason="manual")
    scene.subscribe(ann, second)

    assert audience.head_count(campaign) == audience.HeadCount(total=1, languages={"en": 1})


def test_a_suppression_that_ended_stops_nobody() -> None:
    campaign = scene.campaign("Ann")
    row = Suppression.objects.add("ann@example.org", Suppression.Reason.MANUAL)
    row.expires_at = timezone.now() - timedelta(days=1)
    row.save()

    assert audience.head_count(campaign).mailable == 1


def test_languages_are_counted_as_people_read_them(settings: object) -> None:
    campaign = scene.campaign()
    news = campaign.mailing_lists.get()
    for name, language in {"Ann": "de", "Bob": "de", "Chloe": "", "Dunya": "ar"}.items():
        scene.person(name, news, language=language)

    assert audience.languages(campaign) == {"de": 2, "ar": 1, "en": 1}
