"""One message at once, outside any campaign."""

import pytest
from django.core.mail import EmailMultiAlternatives

from campaigns.delivery.trial import send_trial
from campaigns.models import Attempt, Delivery, Transport
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db


def message(recipient: str) -> EmailMultiAlternatives:
    return EmailMultiAlternatives("May", "Hello", "news@example.org", [recipient])


def test_a_trial_leaves_by_the_best_transport_and_is_in_no_ledger(catcher: Catcher) -> None:
    scene.transport()

    outcome = send_trial(message("ann@example.org"))

    assert outcome.kind == "accepted"
    assert [mail.recipient for mail in catcher.mails] == ["ann@example.org"]
    assert not Delivery.objects.exists()
    assert not Attempt.objects.exists()
    assert catcher.open_connections() == 0


def test_a_trial_tells_the_servers_words(catcher: Catcher) -> None:
    catcher.refuse("ann@example.org", "550 5.1.1 nobody here")
    scene.transport()

    outcome = send_trial(message("ann@example.org"))

    assert (outcome.kind, outcome.answer) == ("refused", "550 5.1.1 nobody here")


def test_without_a_transport_a_trial_says_so(catcher: Catcher) -> None:
    Transport.objects.update(is_active=False)

    assert send_trial(message("ann@example.org")).kind == "unavailable"
