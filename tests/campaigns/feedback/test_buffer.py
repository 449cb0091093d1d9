"""What is counted waits a moment, is written together, and is not lost."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from campaigns.feedback import buffer as buffers
from campaigns.feedback import counting
from campaigns.feedback.buffer import Buffer
from campaigns.feedback.hits import Hit
from campaigns.models import Event, Hits


class Desk:
    """Whoever writes."""

    def __init__(self):
        self.batches = []
        self.is_away = False
        self.has_written = threading.Event()

    def write(self, hits):
        if self.is_away:
            raise OperationalError("the server has gone")
        self.batches.append(list(hits))
        self.has_written.set()

    @property
    def hits(self):
        return [hit for batch in self.batches for hit in batch]


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def buffer(desk):
    made = Buffer(desk.write)
    yield made
    desk.is_away = False
    made.close()


def test_nothing_runs_before_the_first_hit(desk, buffer):
    before = threading.active_count()

    buffer.add("one")

    assert threading.active_count() == before + 1
    assert desk.has_written.wait(10)
    assert desk.hits == ["one"]


def test_a_burst_is_written_in_few_batches_by_one_thread_whoever_brings_it(desk, buffer):
    before = threading.active_count()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(buffer.add, range(1000)))
    assert threading.active_count() <= before + 1

    buffer.close()

    assert sorted(desk.hits) == list(range(1000))
    assert len(desk.batches) < 50


def test_what_waits_is_written_when_the_process_ends_and_what_comes_then_at_once(desk, buffer):
    buffer.add("one")
    buffer.close()
    assert desk.hits == ["one"]

    buffer.add("two")

    assert desk.hits == ["one", "two"]


def test_while_the_database_is_away_hits_wait_in_their_order(desk, buffer, monkeypatch):
    monkeypatch.setattr(buffers, "REST_SECONDS", 0.01)
    desk.is_away = True
    for number in range(3):
        buffer.add(number)
    assert not buffer.flush()

    desk.is_away = False

    assert desk.has_written.wait(10)
    assert desk.hits == [0, 1, 2]


def test_memory_is_bounded_while_the_database_is_away(desk, buffer, monkeypatch):
    monkeypatch.setattr(buffers, "MOST", 10)
    desk.is_away = True

    for number in range(100):
        buffer.add(number)

    desk.is_away = False
    buffer.close()
    assert desk.hits == list(range(10))


def test_what_cannot_be_written_does_not_stop_the_others(desk, caplog):
    def write(hits):
        if "bad" in hits:
            raise ValueError("nonsense")
        desk.write(hits)

    buffer = Buffer(write)
    buffer.close()

    buffer.add("bad")
    buffer.add("good")

    assert desk.hits == ["good"]
    assert "cannot be written" in caplog.text


def test_a_forked_child_begins_with_nothing(desk, buffer):
    buffer.add("one")
    reader, writer = os.pipe()

    if child := os.fork():
        os.waitpid(child, 0)
    else:
        buffer.begin_anew()
        buffer._is_closed.set()
        buffer._write = lambda hits: os.write(writer, repr(list(hits)).encode())
        buffer.add("two")
        os._exit(0)

    assert os.read(reader, 100) == b"['two']"
    os.close(reader)
    os.close(writer)


def test_a_thousand_clicks_cost_a_handful_of_statements(mail, agreed):
    edition, number = mail.delivery.edition_id, mail.delivery.pk
    own = [Hit(edition, number, link, False, 1_800_000_000 + link * 10) for link in range(500)]
    sums = [Hit(edition, 0, link % 7, False, 1_800_000_000) for link in range(500)]

    with CaptureQueriesContext(connection) as queries:
        counting.write([*own, *sums])

    assert len(queries) < 8
    assert Event.objects.count() == 500
    assert sum(Hits.objects.values_list("number", flat=True)) == 500


def test_sums_grow_by_the_hour(mail, db):
    edition = mail.delivery.edition_id
    for at in (1_800_000_000, 1_800_000_001, 1_800_003_600):
        counting.write([Hit(edition, 0, 1, False, at), Hit(edition, 0, 1, True, at)])

    sums = Hits.objects.order_by("is_suspect", "hour").values_list("is_suspect", "number")
    assert list(sums) == [(False, 2), (False, 1), (True, 2), (True, 1)]
    assert all(hits.hour.minute == 0 for hits in Hits.objects.all())


def test_sums_of_an_edition_that_is_gone_are_nobodys(mail, db):
    counting.write([Hit(mail.delivery.edition_id + 1, 0, 1, False, 1_800_000_000)])

    assert not Hits.objects.exists()
