"""The page of a person, by the link that only their own inbox gets: the data, the typed address, being erased."""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from subscribers import tasks
from subscribers.models import ConsentRecord, MailingList, Subscriber, Suppression, Throttle
from subscribers.preferences import views
from tests.reading import press

pytestmark = pytest.mark.django_db
TYPED = "/preferences"


@pytest.fixture
def reader():
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def work(django_capture_on_commit_callbacks):
    """Do what the request left to a worker, once it is committed."""

    def run(request):
        with django_capture_on_commit_callbacks(execute=True):
            answer = request()
        for queued in OrmQ.objects.order_by("id"):
            task = queued.task
            getattr(tasks, task["func"].rpartition(".")[2])(*task["args"])
            queued.delete()
        return answer

    return run


def on_news(ann):
    return ann.subscriptions.active().exists()


def test_the_page_changes_what_is_chosen_and_undoes_it(reader, ann, me):
    answer = press(reader, me, reader.get(me).content, "save", language="ar", lists=None)
    ann.refresh_from_db()
    assert (ann.language, on_news(ann)) == ("ar", False)

    press(reader, me, answer.content, "undo")
    ann.refresh_from_db()
    assert (ann.language, on_news(ann)) == ("de", True)
    assert set(ConsentRecord.objects.values_list("source", flat=True)) == {"preferences"}


def test_the_page_of_somebody_gone_is_answered_kindly(reader, ann, me):
    ann.delete()

    for address in (me, f"{me}/erase"):
        for answer in (reader.get(address), reader.post(address, {"action": "erase"})):
            assert answer.status_code == 200
            assert b"<form method" not in answer.content


def test_my_data_goes_to_my_address_and_nowhere_else(reader, ann, me, work):
    answer = work(lambda: press(reader, me, reader.get(me).content, "data"))

    (sent,) = mail.outbox
    page, file = sent.attachments
    assert answer.status_code == 200
    assert b"ann@example.org" not in answer.content
    assert sent.to == ["ann@example.org"]
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    assert (page[0], page[2]) == ("personal-data.html", "text/html")
    assert "ann@example.org" in page[1]
    assert json.loads(file[1])["address"] == "ann@example.org"
    assert json.loads(file[1])["person"][0]["first_name"] == "Ann"


def test_my_data_is_sent_three_times_a_day_at_most(reader, ann, me, work):
    answers = [work(lambda: reader.post(me, {"action": "data"})).status_code for _time in range(5)]

    assert answers == [200, 200, 200, 429, 429]
    assert len(mail.outbox) == 3


def test_erasing_asks_first_and_says_what_happens(reader, ann, me):
    page = reader.get(f"{me}/erase").content

    assert page.count(b"<li>") == 3
    assert reader.post(f"{me}/erase").status_code == 400
    assert reader.post(f"{me}/erase", {"action": "explode"}).status_code == 400
    assert Subscriber.objects.exists()


def test_who_erases_themselves_is_gone_and_stays_unmailed(reader, ann, me):
    answer = press(reader, f"{me}/erase", reader.get(f"{me}/erase").content, "erase")

    assert answer.status_code == 200
    assert b'role="status"' in answer.content
    assert b"example.org" not in answer.content
    assert not Subscriber.objects.exists()
    assert Suppression.objects.get().reason == "erased"
    assert reader.get(me).status_code == 200


def test_somebody_of_the_staff_is_not_erased_and_told_why(reader, ann, me):
    User.objects.create_user("ann", "ann@example.org")

    answer = reader.post(f"{me}/erase", {"action": "erase"})

    assert answer.status_code == 409
    assert Subscriber.objects.exists()
    assert on_news(ann)
    assert not ConsentRecord.objects.exists()


def test_a_typed_address_gets_its_link_in_the_language_of_its_owner(reader, ann, me, work):
    work(lambda: reader.post(TYPED, {"address": " Ann@EXAMPLE.org "}))

    (sent,) = mail.outbox
    assert sent.to == ["ann@example.org"]
    assert f"http://127.0.0.1:8000{me}" in sent.body
    assert 'lang="de"' in sent.alternatives[0][0]
    assert "Neues" in sent.from_email
    assert reader.get(re.search(r"/me/\w+", sent.body)[0]).status_code == 200


def test_known_unknown_and_suppressed_addresses_get_the_same_answer_and_the_same_work(reader, ann):
    Subscriber.objects.create(email="bob@example.org")
    Suppression.objects.add("bob@example.org", Suppression.Reason.COMPLAINED)
    answers, queries = set(), set()

    for address in ("ann@example.org", "bob@example.org", "nobody@example.org"):
        with CaptureQueriesContext(connection) as made:
            answer = reader.post(TYPED, {"address": address})
        queries.add(len(made))
        answers.add((answer.status_code, answer.content, str(sorted(answer.headers.items()))))

    assert len(answers) == len(queries) == 1


def test_only_who_may_be_mailed_gets_the_link(reader, ann, work):
    for reason, name in {"complained": "bob", "left": "chloe", "erased": "dilnoza", "paused": "eve"}.items():
        Subscriber.objects.create(email=f"{name}@example.org")
        Suppression.objects.add(f"{name}@example.org", reason)
        work(lambda name=name: reader.post(TYPED, {"address": f"{name}@example.org"}))

    assert [each.to for each in mail.outbox] == [["chloe@example.org"], ["eve@example.org"]]


def test_an_address_gets_three_links_a_day_at_most_and_the_answer_is_always_the_same(reader, ann, work):
    answers = {work(lambda: reader.post(TYPED, {"address": "ann@example.org"})).content for _time in range(6)}

    assert len(answers) == 1
    assert len(mail.outbox) == 3
    assert Throttle.objects.filter(until__gt=timezone.now() + timedelta(hours=23)).count() == 1
    assert not Throttle.objects.filter(key__contains="ann").exists()


def test_a_network_that_asks_for_many_is_stopped(reader, db):
    answers = [reader.post(TYPED, {"address": f"x{number}@example.org"}).status_code for number in range(62)]

    assert answers == [200] * 60 + [429] * 2


@pytest.mark.parametrize("network", ["2001:db8::{:x}:1", "::ffff:203.0.113.7"], ids=["IPv6", "mapped IPv4"])
def test_a_household_that_asks_for_many_is_stopped_however_many_addresses_it_has(reader, db, network):
    answers = [
        reader.post(TYPED, {"address": f"x{at}@example.org"}, REMOTE_ADDR=network.format(at)).status_code
        for at in range(62)
    ]

    assert answers == [200] * 60 + [429] * 2


def test_a_neighbourhood_that_asks_for_many_is_stopped_and_others_go_on(reader, db, monkeypatch):
    monkeypatch.setattr(views, "MOST_AROUND", 5)

    def ask(network):
        return reader.post(TYPED, {"address": "x@example.org"}, REMOTE_ADDR=network).status_code

    assert [ask(f"203.0.113.{at}") for at in range(7)] == [200] * 5 + [429] * 2
    assert ask("198.51.100.1") == 200


def test_where_nobody_has_a_network_address_nobody_stops_the_others(reader, db):
    answers = {reader.post(TYPED, {"address": f"x{at}@example.org"}, REMOTE_ADDR="").status_code for at in range(62)}

    assert answers == {200}


@pytest.mark.parametrize(
    "wrong", [{}, {"address": ""}, {"address": "ann"}, {"address": "ann@"}, {"address": "a\x00@example.org"},
              {"address": "x" * 1_000_000 + "@example.org"}, {"address": "ann@example.org", "more": "x" * 1_000_000}],
    ids=range(7),
)  # fmt: skip
def test_what_is_no_address_is_refused(reader, db, wrong):
    answer = reader.post(TYPED, wrong)

    assert answer.status_code == 400
    assert len(answer.content) < 50_000
    assert not OrmQ.objects.exists()
    assert not Throttle.objects.exists()


def test_the_pages_tell_nobody_else_and_are_not_kept(reader, me):
    for address in (me, f"{me}/erase", TYPED):
        for answer in (reader.get(address), reader.head(address), reader.post(address)):
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"
            assert "noindex" in answer.headers["X-Robots-Tag"]
            assert "unsafe" not in answer.headers["Content-Security-Policy"]
            assert not answer.cookies
        for method in ("put", "patch", "delete", "options"):
            assert getattr(reader, method)(address).status_code == 405


def test_the_brand_of_ones_list_is_that_of_the_page(reader, ann, me, news):
    brand = MailingList._meta.get_field("brand").related_model.objects.create(name="Riverside")
    MailingList.objects.update(brand=brand)

    assert b"Riverside" in reader.get(me).content
