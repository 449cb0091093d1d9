"""Undo puts back what was changed on the preference page, and nothing else."""

import pytest

from subscribers.consent import flows
from subscribers.consent.flows import Evidence
from subscribers.models import ConsentRecord, MailingList, Subscription
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


@pytest.mark.parametrize(("act", "back"), [("save", "undo"), ("leave", "return")])
def test_what_waited_for_confirmation_waits_again_after_an_undo(change, undo, ann, news, tips, act, back):
    waiting = Subscription.objects.create(subscriber=ann, mailing_list=tips)

    answer = change(act, lists=[news.pk, tips.pk]) if act == "save" else change(act)
    waiting.refresh_from_db()
    assert waiting.status != "pending"

    undo(answer, back)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.ended_at) == ("pending", None)
    assert ConsentRecord.objects.filter(mailing_list=tips).order_by("-pk")[0].action == "withdrawn"


def test_nobody_waits_on_a_private_list_that_staff_took_them_off(reader, mail, ann, board):
    flows.unsubscribe(ann, [board], Evidence(ConsentRecord.Source.ADMIN))

    reader.post(mail.preferences, {"action": "undo", "waiting": [board.pk, "x", "9" * 30]})
    reader.post(mail.preferences, {"action": "return", "waiting": [board.pk]})

    assert ann.subscriptions.get(mailing_list=board).status == "ended"


def test_who_was_taken_off_by_staff_stays_so_after_an_undo_of_something_else(change, undo, ann, news):
    answer = change(first_name="Anna")
    flows.unsubscribe(ann, [news], Evidence(ConsentRecord.Source.ADMIN))

    undo(answer)

    assert on(ann) == {"board"}
