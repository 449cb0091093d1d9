"""Undo puts back what was changed on the preference page, and nothing else."""

import pytest

from subscribers.consent import flows
from subscribers.consent.flows import Evidence
from subscribers.models import ConsentRecord, MailingList
from tests.campaigns.feedback.conftest import on
from tests.campaigns.feedback.preferences.conftest import state
from tests.reading import press


@pytest.mark.parametrize(
    "changes",
    [
        {"lists": None},
        {"language": "ar"},
        {"time_zone": "Asia/Tokyo"},
        {"first_name": "", "last_name": "Doe"},
        {"wants_digest": "on"},
        {"may_track": "True"},
        {"may_track": "False"},
        {"attribute_company": "", "attribute_seats": "7", "attribute_born": "", "attribute_vegan": "False"},
        {"attribute_size": "S", "attribute_company": 'Umbrella & Sons "é"'},
    ],
    ids=str,
)
def test_undo_puts_back_exactly_what_was_there(change, undo, ann, news, open_attributes, changes):
    MailingList.objects.update(tracking="person", has_digest=True)
    before = state(ann)

    answer = change(**changes)
    assert state(ann) != before

    undo(answer)
    assert state(ann) == before


def test_two_pages_that_are_open_at_once_keep_each_others_changes(reader, mail, page, ann, tips, news, open_attributes):
    first, second = page(), page()

    press(
        reader, mail.preferences, first, "save", language="ar", attribute_company="Umbrella", lists=[tips.pk, news.pk]
    )
    press(reader, mail.preferences, second, "save", first_name="Anna", attribute_size="S", wants_digest="on")

    ann.refresh_from_db()
    assert (ann.language, ann.first_name, ann.wants_digest) == ("ar", "Anna", True)
    assert (ann.attributes["company"], ann.attributes["size"], ann.attributes["secret"]) == ("Umbrella", "S", "x")
    assert on(ann) == {"tips", "news"}


def test_an_undo_keeps_what_was_changed_elsewhere_meanwhile(change, undo, ann, open_attributes):
    answer = change(first_name="Anna", attribute_company="Umbrella")
    change(language="ar", attribute_size="S")

    undo(answer)

    assert (ann.first_name, ann.language) == ("Ann", "ar")
    assert (ann.attributes["company"], ann.attributes["size"]) == ("Acme", "S")


def test_who_was_taken_off_by_staff_stays_so_after_an_undo_of_something_else(change, undo, ann, news):
    answer = change(first_name="Anna")
    flows.unsubscribe(ann, [news], Evidence(ConsentRecord.Source.ADMIN))

    undo(answer)

    assert on(ann) == {"board"}
