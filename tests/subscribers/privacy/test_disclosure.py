"""What is held about a person is told completely, and of nobody else."""

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command

from subscribers.disclosure import disclose
from subscribers.models import Subscriber
from subscribers.privacy.holdings import registered
from tests.subscribers.privacy.conftest import ANN, BOB

pytestmark = pytest.mark.django_db(transaction=True)

PERSON = "/admin/subscribers/subscriber"


def test_every_kind_of_data_is_told(everywhere):
    told = json.loads(disclose(ANN).as_json())

    assert {holding.name for holding in registered()} <= told.keys()
    missing = {name for name, rows in told.items() if not rows}
    assert missing <= {"bulk_changes", "accounts", "exports"}
    assert told["person"][0]["attributes"] == {"town": "Ghent"}
    assert told["consent"][0]["network_address"] == "203.0.113.7"
    assert BOB not in json.dumps(told)


def test_the_page_to_read_says_the_same_in_words(everywhere):
    page = disclose(ANN).as_html()

    assert "Ghent" in page
    assert "203.0.113.7" in page
    assert "http" not in page.replace("https://example.org", "")
    assert BOB not in page


def test_the_command_tells_of_whoever_is_unknown_as_well(capsys, db):
    call_command("disclose", "nobody@example.org")

    assert json.loads(capsys.readouterr().out)["person"] == []


def test_a_download_is_recorded_and_looking_is_not(admin_client, everywhere):
    ann = Subscriber.objects.get(email=ANN)
    before = LogEntry.objects.count()

    assert b"Ghent" in admin_client.get(f"{PERSON}/{ann.pk}/data").content
    assert LogEntry.objects.count() == before

    answer = admin_client.post(f"{PERSON}/{ann.pk}/data", {"format": "json"})
    assert json.loads(answer.content)["address"] == ANN
    assert "ann" not in answer.headers["Content-Disposition"]
    assert LogEntry.objects.count() == before + 1


def test_staff_erase_by_typing_the_address(admin_client, everywhere):
    ann = Subscriber.objects.get(email=ANN)

    answer = admin_client.post(f"{PERSON}/{ann.pk}/erase", {"address": BOB})
    assert "another address" in answer.content.decode()
    assert Subscriber.objects.filter(email=ANN).exists()

    admin_client.post(f"{PERSON}/{ann.pk}/erase", {"address": " Ann@Example.org "})
    assert not Subscriber.objects.filter(email=ANN).exists()
    assert not LogEntry.objects.filter(object_repr__contains="ann").exists()
    assert LogEntry.objects.filter(object_id=str(ann.pk), change_message="Erased for good.").exists()


def test_who_is_no_subscriber_is_looked_up_and_erased_by_address(admin_client, everywhere):
    Subscriber.objects.filter(email=ANN).delete()

    shown = admin_client.post(f"{PERSON}/address", {"address": ANN}).content.decode()
    assert "Your receipt" in shown

    admin_client.post(f"{PERSON}/address", {"address": ANN, "again": ANN})
    assert not disclose(ANN).sections[-1].rows
