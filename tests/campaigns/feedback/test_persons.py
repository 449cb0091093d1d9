"""Whose a click is: as its reader wants it today, and not a person's if nobody reads that fast."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.feedback import counting
from campaigns.feedback.hits import Hit
from campaigns.models import Delivery, Event, Hits, Link
from subscribers import erasure
from subscribers.models import MailingList, Subscriber
from tests.reading import press

from .conftest import mail_to
from .test_clicks import FIREFOX, address

pytestmark = pytest.mark.usefixtures("link")


@pytest.fixture
def link(mail, agreed):
    MailingList.objects.update(tracking="person")
    return Link.objects.create(edition=mail.delivery.edition, number=2, url="https://example.com/")


def follow(client, mail, *numbers):
    for number in numbers:
        assert client.get(address(mail, number), headers=FIREFOX).status_code in {200, 302}


def choose(client, mail, may_track):
    press(client, mail.preferences, client.get(mail.preferences).content, "save", may_track=may_track)


def sums():
    return list(Hits.objects.order_by("link", "is_suspect").values_list("link", "is_suspect", "number"))


def finished(mail, *, seconds_ago):
    Delivery.objects.filter(pk=mail.delivery.pk).update(finished_at=timezone.now() - timedelta(seconds=seconds_ago))


def test_who_agrees_no_longer_counts_in_sums_also_by_mails_that_came_before(reader, mail):
    choose(reader, mail, "sums")

    follow(reader, mail, 0, 2, 2)

    assert not Event.objects.exists()
    assert sums() == [(0, False, 1), (2, False, 2)]


def test_who_refuses_by_now_counts_nowhere_and_gets_where_the_link_leads(reader, mail):
    choose(reader, mail, "False")

    follow(reader, mail, 0, 2)

    assert not Event.objects.exists()
    assert not Hits.objects.exists()


def test_who_is_gone_counts_in_sums(reader, mail, ann):
    erasure.erase(ann.email)

    follow(reader, mail, 2)

    assert not Event.objects.exists()
    assert sums() == [(2, False, 1)]


def test_what_is_written_together_counts_for_each_as_they_want_it(mail, campaign, news):
    bob = Subscriber.objects.create(email="bob@example.org")
    chloe = Subscriber.objects.create(email="chloe@example.org", may_track=False)
    mails = [mail, mail_to(bob, campaign), mail_to(chloe, campaign)]
    now = timezone.now().timestamp()

    counting.write([Hit(each.delivery.edition_id, each.delivery.pk, 2, False, now) for each in mails * 2])

    assert list(Event.objects.values_list("delivery", "link", "is_suspect")) == [(mail.delivery.pk, 2, False)]
    assert sums() == [(2, False, 2)]


@pytest.mark.parametrize(("seconds", "is_suspect"), [(1, True), (60, False)])
def test_a_click_right_after_the_mail_left_is_a_machines(reader, mail, seconds, is_suspect):
    finished(mail, seconds_ago=seconds)

    follow(reader, mail, 2)

    assert list(Event.objects.values_list("kind", "is_suspect")) == [("clicked", is_suspect)]


def test_so_it_is_in_sums_if_the_link_names_the_mail(reader, mail):
    choose(reader, mail, "sums")
    finished(mail, seconds_ago=1)

    follow(reader, mail, 2)

    assert sums() == [(2, True, 1)]


def test_a_scanner_on_the_way_is_faster_than_the_outcome(reader, mail):
    Delivery.objects.update(status=Delivery.Status.QUEUED, finished_at=None)

    follow(reader, mail, 2)

    assert Event.objects.get().is_suspect


def test_an_opening_right_after_the_mail_left_may_be_a_persons(reader, mail):
    finished(mail, seconds_ago=1)

    follow(reader, mail, 0)

    assert not Event.objects.get().is_suspect


def test_a_person_counts_besides_the_machine_that_was_faster(mail):
    sent = mail.delivery.finished_at.timestamp()

    counting.write([Hit(mail.delivery.edition_id, mail.delivery.pk, 2, False, sent + after) for after in (1, 60)])

    assert set(Event.objects.values_list("is_suspect", flat=True)) == {True, False}
