"""What servers do to a campaign, and what the campaign does about it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import reports
from campaigns.delivery import ledger, snapshot
from campaigns.models import Attempt, Campaign, Delivery, Transport
from subscribers.models import Suppression
from tests.campaigns.delivery import scene
from tests.campaigns.delivery.scripted import speaking
from tests.catcher import Catcher, catching

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def one_by_one(settings: object) -> None:
    """A mail goes on the wire when the outcome of the last one is known."""
    settings.LANE_CONNECTIONS = settings.HAND_OVER = 1


def of(name: str) -> Delivery:
    return Delivery.objects.get(email=f"{name}@example.org")


def test_a_refused_recipient_fails_alone_and_is_never_mailed_again(catcher: Catcher) -> None:
    catcher.refuse("bob@example.org", "550 5.1.1 no such user here")
    campaign = scene.campaign("Ann", "Bob", "Chloe")

    scene.send(campaign)

    assert {mail.recipient for mail in catcher.mails} == {"ann@example.org", "chloe@example.org"}
    assert (of("bob").status, of("bob").reason) == ("failed", "550 5.1.1 no such user here")
    assert Suppression.objects.of("bob@example.org").get().reason == "bounced"
    assert reports.outcomes(campaign) == [("sent", "", 2), ("failed", "recipient refused (550)", 1)]
    assert campaign.status == "sent"


def test_a_full_mailbox_is_tried_again_and_nobody_is_suppressed(catcher: Catcher) -> None:
    catcher.refuse("bob@example.org", "552 5.2.2 mailbox full")
    campaign = scene.campaign("Bob")

    scene.send(campaign)

    assert of("bob").status == "queued"
    assert not Suppression.objects.exists()


def test_a_greylisted_mail_is_tried_again_later_and_arrives(catcher: Catcher) -> None:
    catcher.defer("bob@example.org", "451 4.7.1 greylisted", times=2)
    campaign = scene.campaign("Ann", "Bob")

    scene.send(campaign)
    first_wait = of("bob").due_at - timezone.now()
    assert campaign.status == "sending"
    assert timedelta(seconds=200) < first_wait < timedelta(seconds=400)

    scene.let_time_pass(campaign)
    scene.send(campaign)
    second_wait = of("bob").due_at - timezone.now()
    assert timedelta(seconds=400) < second_wait < timedelta(seconds=800)

    scene.let_time_pass(campaign)
    scene.send(campaign)
    assert campaign.status == "sent"
    assert [attempt.outcome for attempt in of("bob").attempts.all()] == ["deferred", "deferred", "accepted"]
    assert len(catcher.to("bob@example.org")) == 1


def test_a_mail_that_is_deferred_for_ever_fails_in_the_end(catcher: Catcher) -> None:
    catcher.defer("bob@example.org", "452 4.2.2 mailbox full")
    campaign = scene.campaign("Bob")

    for _try in range(ledger.MOST_TRIES):
        scene.send(campaign)
        scene.let_time_pass(campaign)

    assert (of("bob").status, of("bob").tries) == ("failed", ledger.MOST_TRIES)
    assert of("bob").attempts.count() == ledger.MOST_TRIES
    assert campaign.status == "sent"


def test_a_server_that_is_down_is_left_alone_and_the_campaign_says_so(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob")
    catcher.down()

    scene.send(campaign)

    transport = Transport.objects.get()
    assert transport.is_resting
    assert "refused" in transport.rest_reason.lower()
    assert transport.rest_reason in reports.progress(campaign).pause_reason
    assert set(Delivery.objects.values_list("status", "tries")) == {("queued", 0)}


def test_a_server_that_comes_back_gets_everything(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob")
    catcher.down()
    scene.send(campaign)

    catcher.up()
    scene.let_time_pass(campaign)
    scene.send(campaign)

    assert str(reports.ledger(campaign)) == "planned=2 sent=2 failed=0 skipped=0 uncertain=0"
    assert len(catcher.mails) == 2


def test_the_next_transport_takes_over(catcher: Catcher, settings: object) -> None:
    with catching() as spare:
        settings.MAILERS = {"main": catcher.mailer(), "spare": spare.mailer()}
        campaign = scene.campaign("Ann", "Bob")
        Transport.objects.create(name="Spare", alias="spare", priority=20)
        catcher.down()

        scene.send(campaign)

        assert campaign.status == "sent"
        assert len(spare.mails) == 2


def test_the_second_best_transport_is_left_alone_while_the_best_works(catcher: Catcher, settings: object) -> None:
    with catching() as spare:
        settings.MAILERS = {"main": catcher.mailer(), "spare": spare.mailer()}
        campaign = scene.campaign("Ann", "Bob")
        Transport.objects.create(name="Spare", alias="spare", priority=20)

        scene.send(campaign)

        assert (len(catcher.mails), len(spare.mails)) == (2, 0)


def test_a_transport_whose_mailer_is_gone_rests(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann")
    Transport.objects.update(alias="lost")

    scene.send(campaign)

    assert Transport.objects.get().rest_reason == (
        "The MAILERS setting has no “lost”. Add it there and restart, or let the transport use another mailer."
    )
    assert (of("ann").status, of("ann").attempts.count()) == ("queued", 0)


def test_a_server_that_hangs_up_after_the_message_leaves_it_uncertain(catcher: Catcher) -> None:
    catcher.drop_after_data("bob@example.org")
    campaign = scene.campaign("Ann", "Bob", "Chloe")

    scene.send(campaign)

    assert of("bob").status == "uncertain"
    assert of("bob").attempts.get().outcome == "unknown"
    assert str(reports.ledger(campaign)) == "planned=3 sent=2 failed=0 skipped=0 uncertain=1"
    assert campaign.status == "sent"


def test_staff_confirm_an_uncertain_mail(catcher: Catcher) -> None:
    catcher.drop_after_data("bob@example.org")
    campaign = scene.send(scene.campaign("Bob"))

    assert ledger.confirm_sent([of("bob").pk]) == 1

    assert str(reports.ledger(campaign)) == "planned=1 sent=1 failed=0 skipped=0 uncertain=0"
    assert ledger.confirm_sent([of("bob").pk]) == 0


def test_staff_send_an_uncertain_mail_again_though_the_campaign_was_done(catcher: Catcher) -> None:
    catcher.drop_after_data("bob@example.org")
    campaign = scene.send(scene.campaign("Bob"))
    catcher.data_replies.clear()

    assert ledger.send_again([of("bob").pk]) == 1
    campaign.refresh_from_db()
    assert campaign.status == "sending"

    scene.send(campaign)
    assert campaign.status == "sent"
    assert len(catcher.to("bob@example.org")) == 1


def test_a_server_that_makes_every_mail_vanish_is_left_alone(catcher: Catcher, settings: object) -> None:
    settings.LANE_CONNECTIONS = 1
    names = [f"Person{number}" for number in range(10)]
    for name in names:
        catcher.drop_after_data(f"{name.lower()}@example.org")
    campaign = scene.campaign(*names)

    scene.send(campaign)

    assert Delivery.objects.filter(status="uncertain").count() == 2
    assert Transport.objects.get().is_resting


def test_a_policy_rejection_pauses_the_campaign_and_blames_nobody(catcher: Catcher, one_by_one: None) -> None:
    catcher.answer_data("bob@example.org", "550 5.7.1 message looks like spam")
    campaign = scene.campaign("Ann", "Bob", "Chloe")

    scene.send(campaign)

    assert campaign.status == "paused"
    assert "looks like spam" in campaign.pause_reason
    assert not Suppression.objects.exists()
    assert of("bob").status == "queued"
    assert not Attempt.objects.filter(pk__gt=of("bob").attempts.get().pk).exists()


def test_a_mail_that_is_rejected_again_after_staff_resumed_fails_alone(catcher: Catcher) -> None:
    catcher.answer_data("bob@example.org", "550 5.7.1 message looks like spam")
    campaign = scene.send(scene.campaign("Ann", "Bob", "Chloe"))

    campaign.resume()
    scene.send(campaign)

    assert of("bob").status == "failed"
    assert str(reports.ledger(campaign)) == "planned=3 sent=2 failed=1 skipped=0 uncertain=0"
    assert not Suppression.objects.exists()


def test_a_server_that_wants_a_rest_defers_one_and_gets_the_others_anew(catcher: Catcher) -> None:
    catcher.defer("bob@example.net", "421 4.7.0 too many, closing", times=1)
    campaign = scene.campaign("Ann", "bob@example.net", "Chloe")

    scene.send(campaign)

    assert {mail.recipient for mail in catcher.mails} == {"ann@example.org", "chloe@example.org"}
    assert Delivery.objects.get(email="bob@example.net").status == "queued"


def test_a_campaign_without_a_transport_waits_and_says_so(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann")
    Transport.objects.update(is_active=False)

    scene.send(campaign)

    assert campaign.status == "sending"
    assert reports.progress(campaign).pause_reason == "No transport is in use."


def test_the_send_log_cannot_be_changed(catcher: Catcher) -> None:
    scene.send(scene.campaign("Ann"))
    attempt = Attempt.objects.get()

    with pytest.raises(TypeError, match="append-only"):
        attempt.save()
    with pytest.raises(TypeError, match="append-only"):
        attempt.delete()


def test_paused_campaigns_send_nothing_and_resumed_ones_go_on(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann", "Bob"))
    campaign.pause()

    scene.send(campaign)
    assert catcher.mails == []
    assert Campaign.objects.get().status == "paused"

    campaign.resume()
    scene.send(campaign)
    assert len(catcher.mails) == 2


def test_a_cancelled_campaign_names_everybody_it_did_not_reach(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann", "Bob"))
    campaign.cancel()

    scene.send(campaign)

    assert catcher.mails == []
    assert campaign.status == "cancelled"
    assert str(reports.ledger(campaign)) == "planned=2 sent=0 failed=0 skipped=2 uncertain=0"
    assert reports.outcomes(campaign) == [("skipped", "campaign cancelled", 2)]


def test_a_wrong_password_pauses_the_campaign_before_anybody_is_tried(catcher: Catcher, settings: object) -> None:
    campaign = scene.campaign("Ann", "Bob")
    with speaking(EHLO=["250-scripted.test\r\n250 AUTH PLAIN"], AUTH=["535 5.7.8 bad credentials"]) as script:
        options = script.options(username="news", password="wrong")
        settings.MAILERS = {"main": {"BACKEND": catcher.mailer()["BACKEND"], "OPTIONS": options}}
        scene.send(campaign)

    assert campaign.status == "paused"
    assert campaign.pause_reason == "The server rejects our mail: 535 5.7.8 bad credentials"
    assert set(Delivery.objects.values_list("status", "tries")) == {("queued", 0)}


def test_two_campaigns_take_turns(catcher: Catcher, one_by_one: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "BATCH", 2)
    big = scene.start(scene.campaign(*(f"Person{number}" for number in range(6))))
    small = scene.start(scene.campaign("Ann", "Bob"))

    scene.send(big)

    assert {mail.recipient for mail in catcher.mails[2:4]} == {"ann@example.org", "bob@example.org"}
    small.refresh_from_db()
    assert (big.status, small.status) == ("sent", "sent")
