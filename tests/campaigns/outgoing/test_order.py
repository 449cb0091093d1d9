"""In which order mails of the application leave, and beside campaigns."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.core.mail import get_connection
from django.db import connection
from django.utils import timezone

from campaigns.delivery import batches, slots
from campaigns.models import Attempt, Batch, Transport
from tests.campaigns.delivery import scene
from tests.campaigns.delivery.scripted import speaking
from tests.campaigns.outgoing import post
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db

SMTP = "django.core.mail.backends.smtp.EmailBackend"
MIXED = ["low", "normal", "high", "normal", "low", "high", "high", "low", "normal", None, "low", "high", "normal"]


def write(*priorities: str | None) -> None:
    for number, priority in enumerate(priorities):
        letter = post.letter(f"{priority or 'high'} {number}")
        if number % 2:
            letter.priority = priority
        elif priority:
            letter.extra_headers["Broadsheet-Priority"] = priority
        letter.send()


def one_connection() -> None:
    Transport.objects.update(connections=1)


def subjects(catcher: Catcher) -> list[str]:
    return [mail.message["Subject"] for mail in catcher.mails]


def test_the_most_urgent_leave_first_and_of_these_the_oldest(catcher: Catcher) -> None:
    one_connection()
    write(*MIXED)

    post.leave()

    order = {"high": 0, "normal": 1, "low": 2}
    written = [f"{priority or 'high'} {number}" for number, priority in enumerate(MIXED)]
    assert subjects(catcher) == sorted(written, key=lambda subject: order[subject.split()[0]])


def test_mails_of_the_application_leave_before_a_campaign(catcher: Catcher) -> None:
    one_connection()
    campaign = scene.start(scene.campaign("Bob", "Carl"))
    write("low", "high")

    scene.send(campaign)

    assert subjects(catcher) == ["high 1", "low 0", "May (en)", "May (en)"]


def claim_again_and_again(owner: str, times: int) -> list[list[int]]:
    """By claim, the priorities in it, while there is always something urgent."""
    claims = []
    for _time in range(times):
        due_at = timezone.now() - timedelta(seconds=1)
        Batch.objects.bulk_create(Batch(priority=Batch.Priority.HIGH, due_at=due_at) for _mail in range(16))
        claims.append([batch.priority for batch in batches.claim_post(owner, 16)])
    return claims


def test_what_is_not_urgent_goes_on_however_much_urgent_mail_there_is(catcher: Catcher) -> None:
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Batch.objects.bulk_create(Batch(priority=Batch.Priority.LOW, due_at=an_hour_ago) for _mail in range(10_000))
    slots.take(Transport.objects.get(), "lane", 1)

    claims = claim_again_and_again("lane", 20)

    assert all(claim.count(Batch.Priority.LOW) == 2 for claim in claims)
    assert all(claim[:14] == [Batch.Priority.HIGH] * 14 for claim in claims)
    assert Batch.objects.filter(priority=Batch.Priority.LOW, owner="lane").count() == 40


@pytest.mark.django_db(transaction=True)
def test_a_lane_that_is_busy_with_a_campaign_sends_an_urgent_mail_in_between(settings: object) -> None:
    one_connection()
    campaign = scene.start(scene.campaign(*(f"Reader{number}" for number in range(100))))

    def after_message(number: int) -> None:
        time.sleep(0.02)
        if number == 5:
            try:
                post.letter("Urgent").send()
            finally:
                connection.close()

    with speaking() as script:
        script.after_message = after_message
        settings.MAILERS = {"main": {"BACKEND": SMTP, "OPTIONS": script.options()}}
        scene.send(campaign)

    order = list(Attempt.objects.order_by("tried_at").values_list("delivery__campaign", flat=True))
    assert 5 <= order.index(None) < 60


def test_a_campaign_goes_on_while_the_application_writes_and_writes(catcher: Catcher) -> None:
    one_connection()
    campaign = scene.start(scene.campaign("Bob"))
    get_connection().send_messages([post.letter(f"{number}") for number in range(200)])

    scene.send(campaign)

    assert subjects(catcher).index("May (en)") < 150
    assert len(catcher.mails) == 201
