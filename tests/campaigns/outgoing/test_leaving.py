"""What becomes of mails of the application."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.delivery import batches, counter, drain, engine, ledger, slots, sweep
from campaigns.delivery.lockfree import Flag
from campaigns.models import Attempt, Batch, Delivery, RecipientDomain, Slot, Transport
from subscribers.models import Suppression
from tests.campaigns.delivery import scene
from tests.campaigns.outgoing import post
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db

# A lane of another machine.
ELSEWHERE = "elsewhere:1:1::1"


def subjects(catcher: Catcher) -> list[str]:
    return [mail.message["Subject"] for mail in catcher.mails]


def test_a_temporary_failure_is_tried_again(catcher: Catcher) -> None:
    catcher.defer("ann@example.org", "451 4.7.1 come back later", times=1)
    post.letter("Hello").send()

    post.leave()
    assert post.outcomes() == {"queued": 1}
    assert Batch.objects.get().due_at > timezone.now()

    post.let_time_pass()
    post.leave()

    assert post.outcomes() == {"sent": 1}
    assert list(Attempt.objects.values_list("outcome", flat=True)) == ["deferred", "accepted"]


def test_a_dead_address_is_suppressed_and_gets_no_later_mail(catcher: Catcher) -> None:
    catcher.refuse("ann@example.org", "550 5.1.1 no such user")
    post.letter("One").send()
    post.leave()
    post.letter("Two").send()
    post.leave()

    first, second = Delivery.objects.order_by("pk")
    assert (first.status, first.reason) == ("failed", "550 5.1.1 no such user")
    assert (second.status, second.reason) == ("skipped", "suppressed")


@pytest.mark.parametrize("reason", ["left", "complained", "manual"])
def test_who_left_the_newsletters_still_gets_what_was_asked_for(reason: str, catcher: Catcher) -> None:
    Suppression.objects.add("ann@example.org", reason)
    post.letter("Your receipt").send()

    post.leave()

    assert subjects(catcher) == ["Your receipt"]


def test_a_mail_that_a_server_does_not_want_fails_and_stops_no_other(catcher: Catcher) -> None:
    catcher.answer_data("ann@example.org", "550 5.7.1 looks like spam")
    post.letter("One", "ann@example.org").send()
    post.letter("Two", "bob@example.org").send()

    post.leave()

    assert {one.email: one.status for one in Delivery.objects.all()} == {
        "ann@example.org": "failed",
        "bob@example.org": "sent",
    }


def test_a_server_that_lets_nobody_in_rests_and_is_asked_again(catcher: Catcher, settings: object) -> None:
    settings.MAILERS = {"main": {**catcher.mailer(), "OPTIONS": catcher.mailer()["OPTIONS"] | {"port": 1}}}
    post.letter("One").send()
    post.letter("Two").send()

    post.leave()

    assert post.outcomes() == {"queued": 2}
    assert Transport.objects.get().is_resting

    settings.MAILERS = {"main": catcher.mailer()}
    post.let_time_pass()
    post.leave()
    assert post.outcomes() == {"sent": 2}


def test_the_next_transport_takes_over(catcher: Catcher, settings: object) -> None:
    broken = {**catcher.mailer(), "OPTIONS": catcher.mailer()["OPTIONS"] | {"port": 1}}
    settings.MAILERS = {"main": broken, "spare": catcher.mailer()}
    Transport.objects.create(name="Spare", alias="spare", priority=90)
    post.letter("One").send()

    post.leave()

    assert post.outcomes() == {"sent": 1}
    assert Attempt.objects.latest("pk").transport.alias == "spare"


def test_any_backend_of_django_can_be_the_way_out(settings: object, tmp_path: object) -> None:
    backend = "django.core.mail.backends.filebased.EmailBackend"
    settings.MAILERS = {"main": {"BACKEND": backend, "OPTIONS": {"file_path": str(tmp_path / "sent")}}}
    letter = post.letter("Hello", "ann@example.org", "bob@example.org", bcc=["carl@example.org"])
    letter.attach("terms.txt", "é", "text/plain")
    letter.send()

    post.leave()

    written = "".join(path.read_text() for path in (tmp_path / "sent").iterdir())
    assert post.outcomes() == {"sent": 3}
    assert written.count("To: ann@example.org, bob@example.org") == 3
    assert "carl" not in written


def test_the_limit_of_a_transport_holds(catcher: Catcher) -> None:
    Transport.objects.update(limit_per_hour=2)
    for number in range(5):
        post.letter(f"{number}").send()

    post.leave()

    assert len(catcher.mails) <= 2
    assert post.outcomes()["queued"] >= 3


def test_the_limit_of_a_domain_holds_for_this_domain_alone(catcher: Catcher) -> None:
    RecipientDomain.objects.create(name="example.org", limit_per_hour=1)
    for number in range(3):
        post.letter(f"{number}", "ann@example.org", "bob@example.net").send()

    post.leave()

    to = [mail.recipient for mail in catcher.mails]
    assert to.count("ann@example.org") <= 1
    assert to.count("bob@example.net") == 3


def test_a_connection_that_breaks_after_the_mail_leaves_it_uncertain(catcher: Catcher) -> None:
    catcher.drop_after_data("ann@example.org")
    post.letter("Hello").send()

    post.leave()
    post.leave()
    assert post.outcomes() == {"uncertain": 1}

    catcher.data_replies.clear()
    assert ledger.send_again(Delivery.objects.values_list("pk", flat=True)) == 1
    post.let_time_pass()
    post.leave()

    assert post.outcomes() == {"sent": 1}
    assert len({mail.message["Message-ID"] for mail in catcher.mails}) == 1


def test_what_a_killed_lane_had_on_its_wire_is_uncertain_and_the_rest_leaves(catcher: Catcher) -> None:
    post.letter("One").send()
    post.letter("Two").send()
    (slot,) = slots.take(Transport.objects.get(), ELSEWHERE, 1)
    claimed = batches.claim_post(ELSEWHERE, 16)
    Slot.objects.filter(pk=slot.pk).update(
        window=[Delivery.objects.earliest("pk").pk], leased_until=timezone.now() - timedelta(seconds=1)
    )

    assert len(claimed) == 2
    sweep.settle_lost_lanes()
    post.leave()

    assert post.outcomes() == {"uncertain": 1, "sent": 1}
    assert subjects(catcher) == ["Two"]


def test_a_lane_that_is_told_to_stop_puts_everything_back(catcher: Catcher, monkeypatch: pytest.MonkeyPatch) -> None:
    flag = Flag()
    flag.set()
    monkeypatch.setattr(drain, "_flag", flag)
    post.letter("Hello").send()

    engine.run(Transport.objects.get())

    assert catcher.mails == []
    assert Batch.objects.free().count() == 1


class TestWhatStaffMayDo:
    def test_send_again_what_failed(self, catcher: Catcher) -> None:
        catcher.answer_data("ann@example.org", "554 5.6.0 no", times=1)
        post.letter("Hello").send()
        post.leave()
        assert post.outcomes() == {"failed": 1}

        assert counter.retry(Delivery.objects.values_list("pk", flat=True)) == 1
        post.leave()

        assert post.outcomes() == {"sent": 1}

    def test_cancel_what_waits(self, catcher: Catcher) -> None:
        post.letter("Hello", "ann@example.org", "bob@example.org").send()

        assert counter.cancel([Delivery.objects.get(email="ann@example.org").pk]) == 1
        post.leave()

        assert [mail.recipient for mail in catcher.mails] == ["bob@example.org"]
        assert Delivery.objects.get(email="ann@example.org").reason == "withdrawn"

    def test_not_cancel_what_a_lane_has_in_its_hands(self, catcher: Catcher) -> None:
        post.letter("Hello").send()
        slots.take(Transport.objects.get(), "lane", 1)
        batches.claim_post("lane", 16)

        assert counter.cancel(Delivery.objects.values_list("pk", flat=True)) == 0
        assert post.outcomes() == {"queued": 1}

    def test_nothing_with_nothing(self, catcher: Catcher) -> None:
        catcher.refuse("ann@example.org")
        post.letter("Hello").send()
        post.leave()
        post.letter("Hello", "bob@example.org").send()
        before = post.outcomes()

        assert (counter.retry([]), counter.cancel([])) == (0, 0)
        assert post.outcomes() == before

    def test_nothing_with_the_mails_of_a_campaign(self, catcher: Catcher) -> None:
        campaign = scene.start(scene.campaign("Ann", "Bob"))
        campaign.deliveries.filter(email="bob@example.org").update(status="failed")
        numbers = list(campaign.deliveries.values_list("pk", flat=True))

        assert (counter.retry(numbers), counter.cancel(numbers)) == (0, 0)
