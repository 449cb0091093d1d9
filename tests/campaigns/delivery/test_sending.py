"""One campaign, from due to a ledger that adds up."""

import pytest

from campaigns import reports
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def test_everybody_gets_one_mail_and_the_ledger_adds_up(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob", "Chloe", "Dilnoza", "Emeka")

    scene.send(campaign)

    assert sorted(mail.recipient for mail in catcher.mails) == [
        f"{name}@example.org" for name in ("ann", "bob", "chloe", "dilnoza", "emeka")
    ]
    assert campaign.status == "sent"
    assert str(reports.ledger(campaign)) == "planned=5 sent=5 failed=0 skipped=0 uncertain=0"
