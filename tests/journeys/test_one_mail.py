"""One mail, from the schedule to the reader and back, each step through the door that its user has."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from campaigns import reports
from campaigns.models import Delivery, Event
from subscribers.models import ConsentRecord, Subscription
from tests.campaigns.delivery import scene
from tests.catcher import Catcher
from tests.wire import check_wire


@pytest.mark.django_db(transaction=True)
def test_ann_gets_a_mail_in_her_language_leaves_with_one_click_and_gets_no_other(catcher: Catcher) -> None:
    # Ann reads German and Bob English; both are on the list.
    campaign = scene.campaign("Bob", languages=("en", "de"))
    news = campaign.mailing_lists.get()
    ann = scene.person("Ann", news, language="de-AT")

    # The campaign is due: everybody gets one mail, and the ledger says so by name.
    scene.send(campaign)
    assert str(reports.ledger(campaign)) == "planned=2 sent=2 failed=0 skipped=0 uncertain=0"
    (mail,) = catcher.to("ann@example.org")
    assert check_wire(mail.content, mail) == []
    assert mail.message["Subject"] == "May (de)"
    delivery = Delivery.objects.get(subscriber=ann)
    assert mail.message["Message-ID"] == f"<{delivery.message_id}>"

    # Her mail program unsubscribes her: no cookie, no page, no question.
    address = re.match(r"<https?://[^/]+(/[^>]+)>", mail.message["List-Unsubscribe"])
    assert address
    answer = Client(enforce_csrf_checks=True).post(address[1], {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert Subscription.objects.get(subscriber=ann).status == "ended"
    assert Event.objects.get().delivery == delivery
    assert ConsentRecord.objects.get(subscriber=ann, action="withdrawn").source == "one_click"

    # The next campaign to the same list does not reach her.
    again = scene.campaign(languages=("en", "de"))
    again.mailing_lists.set([news])
    scene.send(again)
    assert [delivery.email for delivery in again.deliveries.all()] == ["bob@example.org"]
    assert len(catcher.to("ann@example.org")) == 1
