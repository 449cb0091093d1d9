from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.mail import EmailMessage
from django.utils import timezone
from django_q.models import Task
from openpyxl import Workbook

from campaigns.delivery import outbox
from campaigns.models import Attempt, Event
from subscribers.consent import flows
from subscribers.consent.flows import Evidence
from subscribers.models import (
    BulkChange,
    ConsentRecord,
    Export,
    Import,
    ImportIssue,
    ImportJournal,
    SearchText,
    Segment,
    SignUp,
    Subscriber,
    Suppression,
    Tag,
)
from tests.campaigns.delivery import scene

ANN = "ann@example.org"
BOB = "bob@example.org"


def workbook(*cells: str) -> ContentFile:
    book = Workbook()
    book.active.append(list(cells))
    file = ContentFile(b"", "people.xlsx")
    book.save(file)
    return file


@pytest.fixture
def everywhere(catcher):
    """Ann and Bob are known to every part of the application; Bob's rows are Ann's with another address."""
    campaign = scene.send(scene.campaign("Ann", "Bob"))
    assert campaign.status == "sent"
    chief = User.objects.create_superuser("chief", "chief@example.com", "a long password")
    for address in (ANN, BOB):
        leave_traces(address, campaign, chief)
    return campaign


def leave_traces(address, campaign, chief):
    person = Subscriber.objects.get(email=address)
    person.attributes = {"town": "Ghent"}
    person.save()
    person.tags.add(Tag.objects.create(name=f"friend of {address}"))
    SearchText.objects.create(subscriber=person, text=f"{address} ann", updated_at=person.updated_at)
    news = campaign.mailing_lists.get()
    proof = Evidence(ConsentRecord.Source.ADMIN, f"{address} wrote a letter", "en", "203.0.113.7")
    flows.unsubscribe(person, [news], proof)
    flows.subscribe(person, [news], proof)
    Suppression.objects.create(
        fingerprint=person.fingerprint, mailing_list=news, reason="bounced", note=f"550 {address}"
    )
    read(address, person, chief)
    asked = SignUp.objects.create(email=address, fingerprint=person.fingerprint, network_address="203.0.113.7")
    asked.mailing_lists.add(news)
    delivery = campaign.deliveries.get(subscriber=person)
    Attempt.objects.create(delivery=delivery, outcome="deferred", code=450, answer=f"450 <{address.upper()}> is busy")
    Event.objects.create(delivery=delivery, kind=Event.Kind.CLICKED, link=1)
    letter = EmailMessage("Your receipt", f"Dear {address}", to=[f"Ann <{address}>"])
    letter.attach("receipt.txt", f"for {address}", "text/plain")
    outbox.keep(letter)
    outbox.keep(EmailMessage("News of them", f"{address} wrote to us", to=["chief@example.com"], reply_to=[address]))
    kind = ContentType.objects.get_for_model(Subscriber)
    LogEntry.objects.create(
        user=chief,
        content_type=kind,
        object_id=person.pk,
        object_repr=address,
        action_flag=CHANGE,
        change_message="Name",
    )
    Task.objects.create(
        id=address[:3], func="f", started=timezone.now(), stopped=timezone.now(), success=False, result=f"no {address}"
    )


def read(address, person, chief):
    """An import that is over, one that waits, and files made of people."""
    over = Import.objects.create(
        name=f"{address}.csv",
        status="done",
        finished_at=timezone.now() - timedelta(days=1),
        created_by=chief,
        sample=[[2, address, {"first_name": ["", "Ann"]}]],
    )
    ImportIssue.objects.create(
        found_in=over, row=3, reason="syntax", message=f"“{address.title()}”?", values=["A. Miller", address.upper()]
    )
    ImportJournal.objects.create(
        found_in=over, cursor=5, entries={"new": [], "changed": [[person.pk, {"first_name": ["Anna", "Ann"]}]]}
    )
    Import.objects.create(name="wide.csv", file=ContentFile(address.encode("utf-16"), "wide.csv"), status="checked")
    Export.objects.create(name="book.xlsx", file=workbook("Ann", address), status="done")
    BulkChange.objects.create(action="tag", selection={"search": address}, status="done")
    Segment.objects.create(name=f"Only {address}", rules={"all": [{"fact": "address", "is": "is", "value": address}]})
