"""A thousand readers, of whom many change their minds while the campaign is being sent."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from campaigns import reports
from campaigns.composition.message import compose
from campaigns.models import Campaign, Delivery
from subscribers.models import MailingList, Subscriber, Subscription, Suppression
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, LEAVERS, SUPPRESSED, TRANSLATED = 1000, 100, 50, 20
# So many have it when the others begin to change their minds, and for the next it may be too late.
SENT, NEXT = 300, 50


class Arrivals(list[Any]):
    """Calls somebody when so many mails have arrived, while the server lets everybody wait."""

    def __init__(self, number: int, call: Callable[[], None]) -> None:
        self.number, self.call = number, call

    def append(self, mail: Any) -> None:
        super().append(mail)
        if len(self) == self.number:
            # In a thread with a connection of its own, and the server speaks to nobody until it is done.
            thread = Thread(target=self.run)
            thread.start()
            thread.join()

    def run(self) -> None:
        try:
            self.call()
        finally:
            connection.close()


def crowd(news: MailingList) -> None:
    people = [Subscriber(email=f"reader{n}@example.org", first_name=f"Reader{n}", language="en") for n in range(PEOPLE)]
    for person in people:
        person.fingerprint = f"fingerprint-{person.email}"
    active = Subscription.Status.ACTIVE
    Subscription.objects.bulk_create(
        Subscription(subscriber=person, mailing_list=news, status=active)
        for person in Subscriber.objects.bulk_create(people)
    )


def leave_with_one_click(mails: Iterable[Delivery]) -> None:
    mail_program = Client(enforce_csrf_checks=True)
    for mail in mails:
        address = str(compose(mail).message()["List-Unsubscribe"]).partition(">")[0].lstrip("<")
        form = "application/x-www-form-urlencoded"
        answer = mail_program.post(address, "List-Unsubscribe=One-Click", content_type=form)
        assert answer.status_code == 200


def suppress(mails: Iterable[Delivery]) -> None:
    Suppression.objects.bulk_create(
        Suppression(fingerprint=mail.subscriber.fingerprint, reason=Suppression.Reason.COMPLAINED) for mail in mails
    )


def test_nobody_who_left_gets_a_later_mail_and_everybody_is_accounted_for(catcher: Catcher, settings: Any) -> None:
    settings.MAILERS["main"]["OPTIONS"]["timeout"] = 60
    campaign = scene.campaign(languages=["en", "de"])
    crowd(campaign.mailing_lists.get())
    changed: dict[str, set[str]] = {}

    def change() -> None:
        waiting = list(later(campaign)[NEXT:])
        assert len(waiting) > 500
        chosen = random.Random(6).sample(waiting, LEAVERS + SUPPRESSED + TRANSLATED)
        left, rest = chosen[:LEAVERS], chosen[LEAVERS:]
        suppressed, translated = rest[:SUPPRESSED], rest[SUPPRESSED:]
        leave_with_one_click(left)
        suppress(suppressed)
        Subscriber.objects.filter(deliveries__in=translated).update(language="de")
        named = {"left": left, "suppressed": suppressed, "translated": translated}
        changed.update({name: {mail.email for mail in mails} for name, mails in named.items()})

    catcher.mails = Arrivals(SENT, change)
    scene.send(campaign)

    subjects = {mail.recipient: str(mail.message["Subject"]) for mail in catcher.mails}
    assert len(subjects) == len(catcher.mails) == PEOPLE - LEAVERS - SUPPRESSED
    assert not subjects.keys() & (changed["left"] | changed["suppressed"])
    assert {recipient for recipient, subject in subjects.items() if subject == "May (de)"} == changed["translated"]
    skipped = campaign.deliveries.filter(status="skipped")
    for reason in ("left", "suppressed"):
        assert set(skipped.filter(reason=reason).values_list("email", flat=True)) == changed[reason]
    assert Counter(skipped.values_list("reason", flat=True)) == {"left": LEAVERS, "suppressed": SUPPRESSED}
    assert str(reports.ledger(campaign)) == "planned=1000 sent=850 failed=0 skipped=150 uncertain=0"
    assert campaign.status == "sent"


def later(campaign: Campaign) -> Any:
    everything = Delivery.objects.select_related("campaign__sender", "campaign__layout", "edition", "subscriber")
    return everything.queued().filter(campaign=campaign).order_by("pk")
