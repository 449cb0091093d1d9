"""Sending a test, through real SMTP."""

import pytest
from django.contrib.admin.models import LogEntry

from campaigns.models import Delivery
from subscribers.addresses import fingerprint
from subscribers.models import Suppression
from tests.catcher import Catcher

from .composing import address, campaign, staff, transport

pytestmark = pytest.mark.django_db

TRY = ("view_campaign", "test_campaign")


def test_the_mail_that_would_be_sent_arrives_at_each_address_in_each_language(catcher: Catcher):
    transport()
    made = campaign("en", "de")

    answer = staff(*TRY).post(
        address("trial", made), {"addresses": "Bob@Example.org, chloe@example.net\n", "languages": ["en", "de"]}
    )

    assert [(trial.address, trial.language, trial.is_sent) for trial in answer.context["trials"]] == [
        ("bob@example.org", "English", True),
        ("bob@example.org", "German", True),
        ("chloe@example.net", "English", True),
        ("chloe@example.net", "German", True),
    ]
    subjects = [mail.message["Subject"] for mail in catcher.to("bob@example.org")]
    assert subjects == ["Subject en for Ann", "Subject de for Ann"]
    assert not Delivery.objects.exists()


def test_the_answer_of_the_server_is_shown(catcher: Catcher):
    transport()
    catcher.refuse("nobody@example.org", "550 5.1.1 no such mailbox here")

    answer = staff(*TRY).post(
        address("trial", campaign("en")), {"addresses": "nobody@example.org", "languages": ["en"]}
    )

    assert "no such mailbox here" in answer.content.decode()
    assert "recipient refused" in answer.content.decode()


def test_a_server_that_is_away_is_told_and_not_an_error(catcher: Catcher):
    transport()
    catcher.down()

    answer = staff(*TRY).post(address("trial", campaign("en")), {"addresses": "bob@example.org", "languages": ["en"]})

    assert answer.status_code == 200
    assert [trial.is_sent for trial in answer.context["trials"]] == [False]


def test_a_suppressed_address_gets_no_test_either(catcher: Catcher):
    transport()
    Suppression.objects.create(fingerprint=fingerprint("bob@example.org"), reason="manual")

    answer = staff(*TRY).post(address("trial", campaign("en")), {"addresses": "bob@example.org", "languages": ["en"]})

    assert [trial.is_sent for trial in answer.context["trials"]] == [False]
    assert catcher.to("bob@example.org") == []


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        ("bob@example.org, not an address", "“not an address”"),
        ("", "required"),
        (", ".join(f"reader{number}@example.org" for number in range(11)), "Ten addresses at most"),
    ],
)
def test_wrong_addresses_send_nothing(catcher: Catcher, addresses: str, words: str):
    transport()

    answer = staff(*TRY).post(address("trial", campaign("en")), {"addresses": addresses, "languages": ["en"]})

    assert any(words in error for error in answer.context["form"].errors["addresses"])
    assert answer.context["trials"] == []
    assert catcher.mails == []


def test_a_language_the_campaign_lacks_is_refused(catcher: Catcher):
    answer = staff(*TRY).post(address("trial", campaign("en")), {"addresses": "bob@example.org", "languages": ["fr"]})

    assert "languages" in answer.context["form"].errors


def test_a_test_needs_its_own_permission(catcher: Catcher):
    transport()

    answer = staff("view_campaign", "change_campaign").post(
        address("trial", campaign("en")), {"addresses": "bob@example.org", "languages": ["en"]}
    )

    assert answer.status_code == 403
    assert catcher.mails == []


def test_looking_at_the_page_sends_nothing(catcher: Catcher):
    page = staff(*TRY).get(address("trial?language=de", campaign("en", "de")))

    assert page.context["form"]["languages"].value() == ["de"]
    assert page.context["form"]["addresses"].value() == "ann@example.org"
    assert catcher.mails == []


def test_the_log_of_the_admin_keeps_no_address(catcher: Catcher):
    transport()

    staff(*TRY).post(address("trial", campaign("en")), {"addresses": "bob@example.org", "languages": ["en"]})

    assert "example.org" not in LogEntry.objects.get().change_message
