"""What no form of the preference page sends is refused and changes nothing."""

import pytest

from subscribers.models import ConsentRecord, Subscription, Suppression
from tests.campaigns.feedback.conftest import on
from tests.campaigns.feedback.preferences.conftest import state
from tests.reading import press

WRONG = [
    {"action": "save"},
    {"action": "save", "language": "xx"},
    {"action": "save", "language": "de", "lists": ["999"]},
    {"action": "save", "language": "de", "lists": ["news"]},
    {"action": "save", "language": "de", "first_name": "x" * 121},
    {"action": "save", "language": "de", "first_name": "A\x00"},
    {"action": "save", "language": "de", "first_name": "x" * 1_000_000},
    {"action": "save", "language": "de", "first_name": "A", "more": "x" * 1_000_000},
    {"action": "save", "language": "de", "time_zone": "Europe/Atlantis"},
    {"action": "save", "language": "de", "time_zone": "../../etc/passwd"},
    {"action": "save", "language": "de", "may_track": "perhaps"},
    {"action": "save", "language": "de", "attribute_seats": "many"},
    {"action": "save", "language": "de", "attribute_seats": "NaN"},
    {"action": "save", "language": "de", "attribute_seats": "9" * 40},
    {"action": "save", "language": "de", "attribute_born": "yesterday"},
    {"action": "save", "language": "de", "attribute_size": "XXL"},
    {"action": "save", "language": "de", "attribute_company": "x" * 501},
    {"action": "undo", "language": "xx"},
    {"action": "undo", "lists": ["999"]},
    {"action": "return", "lists": ["999"]},
    {"action": "return", "moment": "soon"},
    {"action": "pause"},
    {"action": "pause", "months": "2"},
    {"action": "pause", "months": "-1"},
    {"action": "pause", "until": "2001-01-01"},
    {"action": "pause", "until": "9999-12-31"},
    {"action": "pause", "until": "soon"},
    {"action": "restore", "moment": "9999-12-31T00:00:00+00:00"},
    {"action": "restore", "moment": "2999-12-31T00:00:00"},
    {"action": "explode"},
    {},
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: str(wrong)[:60])
def test_a_wrong_form_is_refused_and_changes_nothing(reader, mail, ann, open_attributes, wrong):
    before = state(ann)

    response = reader.post(mail.preferences, wrong)

    assert response.status_code == 400
    assert state(ann) == before
    assert len(response.content) < 50_000
    assert not Suppression.objects.exists()
    assert not ConsentRecord.objects.exists()


@pytest.mark.parametrize("has_left", [False, True], ids=["on no list", "after leaving everything"])
def test_a_list_that_was_chosen_with_a_mistake_elsewhere_is_joined_when_that_is_mended(
    reader, mail, ann, news, open_attributes, has_left
):
    if has_left:
        shown = press(reader, mail.preferences, reader.get(mail.preferences).content, "leave").content
    else:
        Subscription.objects.all().delete()
        shown = reader.get(mail.preferences).content

    wrong = press(reader, mail.preferences, shown, "save", lists=[news.pk], attribute_seats="many")
    assert (wrong.status_code, on(ann)) == (400, set())

    mended = press(reader, mail.preferences, wrong.content, "save", attribute_seats="5")
    assert (mended.status_code, on(ann)) == (200, {"news"})


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"action=save&language=de&first_name=\xff\xfe", "application/x-www-form-urlencoded"),
        (b"action=save&language=de&first_name=%ff", "application/x-www-form-urlencoded"),
        (b"action=save&language=de&first_name=\xd6", "application/x-www-form-urlencoded; charset=latin-1"),
        (b'{"action": "leave"}', "application/json"),
        (b"action=leave", "text/plain"),
        (b"--line\r\nnonsense", "multipart/form-data; boundary=line"),
        (b"--line--", "multipart/form-data"),
        (b"&".join(b"x%d=1" % number for number in range(6_000)), "application/x-www-form-urlencoded"),
    ],
    ids=range(8),
)
def test_what_is_no_form_of_ours_is_refused_and_changes_nothing(reader, mail, ann, body, content_type):
    before = state(ann)

    response = reader.generic("POST", mail.preferences, body, content_type)

    assert response.status_code == 400
    assert state(ann) == before


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_refused(reader, mail, ann, method):
    for address in (mail.preferences, f"{mail.preferences}/erase"):
        assert getattr(reader, method)(address).status_code == 405
