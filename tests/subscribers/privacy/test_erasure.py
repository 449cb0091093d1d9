"""After an erasure nothing tells who it was, and nothing else has changed."""

import subprocess
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.db import connection

from campaigns import reports
from campaigns.delivery import outbox
from campaigns.models import Attempt, Delivery, Message
from subscribers import erasure
from subscribers.models import ConsentRecord, Export, Import, ImportIssue, ImportJournal, Subscriber, Suppression
from subscribers.models.suppression import unsuppressed
from tests import services
from tests.campaigns.delivery import scene
from tests.subscribers.privacy.conftest import ANN, BOB


def dump() -> str:
    """Every column of every row, as text."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [f"{table} {row}" for row in cursor.fetchall()]
    return "\n".join(found).lower()


def written_by(program: Path, database_url: str) -> str:
    done = subprocess.run([program, "--dbname", database_url], capture_output=True, check=True)
    return done.stdout.decode().lower()


def samples() -> str:
    """What the planner knows of the columns."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT concat(most_common_vals, histogram_bounds, most_common_elems) FROM pg_stats")
        return "\n".join(text for (text,) in cursor.fetchall()).lower()


def media() -> str:
    contents = []
    for path in Path(settings.MEDIA_ROOT).rglob("*"):
        if path.is_file() and is_zipfile(path):
            with ZipFile(path) as archive:
                contents += [archive.read(name) for name in archive.namelist()]
        elif path.is_file():
            contents.append(path.read_bytes())
    return "\n".join(content.decode("latin-1").replace("\0", "").lower() for content in contents)


@pytest.fixture
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.mark.django_db(transaction=True)
def test_neither_the_database_nor_the_files_tell_the_address(own_media, everywhere):
    assert dump().count(ANN) == dump().count(BOB) > 20
    assert media().count(ANN) == 3

    erasure.erase(ANN)
    erasure.wipe()

    assert ANN not in dump()
    assert ANN not in media()
    assert "a. miller" in dump()
    if connection.vendor == "sqlite":
        file = Path(connection.settings_dict["NAME"])
        connection.close()
        wal = file.with_name(f"{file.name}-wal")
        assert ANN.encode() not in file.read_bytes() + (wal.read_bytes() if wal.exists() else b"")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL")
def test_neither_a_dump_of_postgresql_nor_its_samples_tell_the_address(own_media, everywhere, database_url):
    if not (program := services.postgresql_client("pg_dump")):
        pytest.skip("no pg_dump on this machine")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert written_by(program, database_url).count(ANN) == written_by(program, database_url).count(BOB) > 20
    assert ANN in samples()

    erasure.erase(ANN)
    erasure.wipe()

    after = written_by(program, database_url)
    assert ANN not in after
    assert ANN.encode().hex() not in after
    assert BOB in after
    assert ANN not in samples()


@pytest.mark.django_db(transaction=True)
def test_what_is_known_of_others_stays_word_for_word(own_media, everywhere):
    words = dump().count(BOB)

    erasure.erase(ANN)

    assert dump().count(BOB) == words
    bob = Subscriber.objects.get()
    assert bob.subscriptions.active().count() == 1
    assert (
        list(bob.consent_records.values_list("statement", "network_address"))
        == [("bob@example.org wrote a letter", "203.0.113.7")] * 2
    )
    assert media().count(BOB) == 3


@pytest.mark.django_db(transaction=True)
def test_the_sum_of_the_campaign_still_adds_up(own_media, everywhere):
    before = reports.ledger(everywhere)

    erasure.erase(ANN)

    assert reports.ledger(everywhere) == before
    assert before.adds_up
    assert Attempt.objects.filter(delivery__email="").count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_proof_stays_without_the_person(own_media, everywhere):
    erasure.erase(ANN)

    rows = ConsentRecord.objects.filter(subscriber=None).order_by("id")
    assert list(rows.values_list("action", "statement", "network_address")) == [
        ("withdrawn", "", None),
        ("granted", "", None),
    ]


@pytest.mark.django_db(transaction=True)
def test_files_and_rows_that_name_her_are_gone_and_staff_read_why(own_media, everywhere):
    erasure.erase(ANN)

    stopped = Import.objects.get(status="cancelled")
    assert stopped.file == ""
    assert "erased" in stopped.problem
    assert Export.objects.filter(file="").count() == 1
    assert ImportIssue.objects.get(values=[]).message == "Erased."
    assert ImportJournal.objects.filter(entries__changed=[]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_importing_her_again_leaves_her_unmailed(own_media, everywhere):
    erasure.erase(ANN)

    row = Suppression.objects.of(ANN).get()
    assert (row.reason, row.mailing_list, row.note, row.expires_at) == ("erased", None, "", None)
    scene.person(ANN, everywhere.mailing_lists.get())
    assert [person.email for person in Subscriber.objects.filter(unsuppressed())] == [BOB]


@pytest.mark.django_db(transaction=True)
def test_mail_that_still_waits_for_her_never_leaves(catcher):
    campaign = scene.start(scene.campaign("Ann", "Bob"))

    erasure.erase(ANN)
    scene.send(campaign)

    gone = Delivery.objects.get(subscriber=None)
    assert (gone.status, gone.reason, gone.email) == ("skipped", "gone", "")
    assert campaign.status == "sent"


@pytest.mark.django_db
def test_who_is_no_subscriber_can_be_erased_too(catcher):
    campaign = scene.send(scene.campaign("Ann"))
    Subscriber.objects.all().delete()

    erasure.erase(ANN)

    assert campaign.deliveries.get().email == ""
    assert Suppression.objects.of(ANN).get().reason == "erased"


@pytest.mark.django_db
def test_an_account_of_the_staff_is_not_erased_in_passing(db):
    User.objects.create_user("ann", ANN)
    scene.person("Ann")
    scene.person("Bob")

    with pytest.raises(erasure.Refused):
        erasure.erase(ANN)

    assert erasure.erase_all([ANN, BOB]) == 1
    assert [person.email for person in Subscriber.objects.all()] == [ANN]


@pytest.mark.django_db
def test_erasing_many_is_like_erasing_each(db):
    names = [f"person{number}@example.org" for number in range(60)]
    for name in names:
        scene.person(name)
    issue = {"found_in": Import.objects.create(name="x.csv"), "reason": "syntax", "message": "?"}
    for row, name in enumerate(names):
        ImportIssue.objects.create(row=row, values=[name], **issue)

    erasure.erase_all(names[:50])

    assert Subscriber.objects.count() == 10
    assert ImportIssue.objects.exclude(values=[]).count() == 10
    assert Suppression.objects.filter(reason="erased").count() == 50


@pytest.mark.django_db(transaction=True)
def test_the_command_asks_for_the_address_again(monkeypatch, db):
    scene.person("Ann")
    monkeypatch.setattr("builtins.input", lambda _question: "bob@example.org")

    with pytest.raises(CommandError):
        call_command("erase", ANN)
    assert Subscriber.objects.exists()

    call_command("erase", ANN, "--yes")
    assert not Subscriber.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_mail_to_several_stays_for_the_others_without_her(own_media, catcher):
    outbox.keep(EmailMessage("Hello", "Dear both", to=[ANN, BOB]))

    erasure.erase(ANN)

    message = Message.objects.get()
    assert (message.body, message.to) == ("Dear both", ["…", BOB])
