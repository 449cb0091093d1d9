"""`manage.py export_subscribers`."""

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from subscribers.models import MailingList, Segment, Subscriber, Subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(news: MailingList) -> Subscriber:
    ann = Subscriber.objects.create(email="ann@example.org", first_name="Ann")
    Subscription.objects.create(subscriber=ann, mailing_list=news, status="active")
    Subscriber.objects.create(email="bob@example.org", first_name="Bob")
    return ann


def test_a_list_is_written_to_a_workbook(ann, tmp_path, capsys) -> None:
    file = tmp_path / "people.xlsx"

    call_command("export_subscribers", output=file, list="news", column=["email", "first_name"])

    sheet = openpyxl.load_workbook(file).active
    assert list(sheet.values) == [("email", "first_name"), ("ann@example.org", "Ann")]
    assert "1 written to" in capsys.readouterr().out


def test_a_segment_is_written_as_text(ann, tmp_path) -> None:
    Segment.objects.create(name="Bobs", rules={"fact": "first_name", "is": "is", "value": "Bob"})
    file = tmp_path / "people.txt"

    call_command("export_subscribers", output=file, segment="Bobs", format="csv", column=["email"])

    assert file.read_bytes() == b"\xef\xbb\xbfemail\r\nbob@example.org\r\n"


def test_columns_are_told(ann, capsys) -> None:
    call_command("export_subscribers", columns=True)

    told = capsys.readouterr().out
    assert "  email  Address\n" in told
    assert "  suppressed  Suppressed, gets no mail (if asked for)\n" in told


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"list": "mews"}, "There is no “mews”, only: news."),
        ({"segment": "Bobs"}, "There is no “Bobs”, only: none at all."),
        ({}, "Say what kind of file it shall be: --format xlsx or csv."),
        ({"format": "csv", "column": ["shoe"]}, "There is no column “shoe” any more."),
    ],
)
def test_what_cannot_be_done_is_said(ann, tmp_path, stated, words) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("export_subscribers", output=tmp_path / "people", **stated)

    assert str(refusal.value) == words
    assert list(tmp_path.glob("people*")) == []
