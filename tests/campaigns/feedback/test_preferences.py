"""The preference page of whoever got a mail: each change in words, each with its way back."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from subscribers.consent import flows, pauses
from subscribers.consent.flows import Evidence
from subscribers.models import (
    Attribute,
    ConsentRecord,
    LeavingReason,
    MailingList,
    Subscriber,
    Subscription,
    Suppression,
)
from tests.reading import filled, press

from .conftest import on

FACTS = {"company": "Acme", "seats": 4.5, "born": "2001-02-03", "vegan": True, "size": "M", "secret": "x"}


@pytest.fixture
def reader():
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def open_attributes(db, ann):
    for name, kind in {"company": "text", "seats": "number", "born": "date", "vegan": "boolean"}.items():
        Attribute.objects.create(name=name, kind=kind, is_open=True)
    Attribute.objects.create(name="size", kind="choice", choices=["S", "M"], is_open=True, translations={"de": "Größe"})
    Attribute.objects.create(name="secret", kind="text")
    Subscriber.objects.filter(pk=ann.pk).update(attributes=FACTS)


@pytest.fixture
def page(reader, mail):
    """As it is now."""
    return lambda: reader.get(mail.preferences).content


@pytest.fixture
def change(reader, mail, page, ann):
    """Open the page, change that, and press the button; what the page shows then."""

    def press_button(action="save", **changes):
        answer = press(reader, mail.preferences, page(), action, **changes)
        ann.refresh_from_db()
        return answer

    return press_button


@pytest.fixture
def undo(reader, mail, ann):
    def press_button(answer, action="undo"):
        undone = press(reader, mail.preferences, answer.content, action)
        assert undone.status_code == 200
        ann.refresh_from_db()

    return press_button


def state(ann):
    known = Subscriber.objects.values("language", "time_zone", "first_name", "wants_digest", "may_track", "attributes")
    return known.get(pk=ann.pk) | {"lists": on(ann), "pause": pauses.paused_until(ann)}


def test_saving_changes_what_was_chosen_and_says_so(change, mail, ann, tips):
    answer = change(lists=[tips.pk], language="ar", first_name=" Anna  Lena ")

    assert on(ann) == {"tips"}
    assert (ann.language, ann.first_name, ann.last_name) == ("ar", "Anna Lena", "Miller")
    assert b'lang="ar" dir="rtl"' in answer.content
    assert answer.content.decode().split('role="status"')[1].split("</ul>")[0].count("<li>") == 5
    assert mail.events() == ["unsubscribed"]


def test_a_form_that_was_not_touched_changes_nothing(change, ann, open_attributes):
    before = state(ann)

    answer = change()

    assert answer.status_code == 200
    assert state(ann) == before
    assert not ConsentRecord.objects.exists()
    assert b"Undo" not in answer.content


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


def test_open_attributes_are_asked_for_in_the_language_of_the_reader_and_no_others(page, open_attributes):
    shown = page().decode()

    assert "Größe" in shown
    assert "secret" not in shown


def test_attributes_are_stored_by_their_kind(change, ann, open_attributes):
    change(attribute_seats="12,5", attribute_born="1999-12-31", attribute_vegan="", attribute_size="S")

    assert ann.attributes == {"company": "Acme", "seats": 12.5, "born": "1999-12-31", "size": "S", "secret": "x"}


def test_a_value_that_no_input_could_have_taken_looks_blank_and_stays(change, ann, open_attributes):
    odd = {"seats": "many", "born": 7, "size": "XXL", "secret": "x"}
    Subscriber.objects.update(attributes=odd)

    change(first_name="Anna")

    assert ann.first_name == "Anna"
    assert ann.attributes == odd


def test_the_time_zones_say_what_their_clocks_show(page):
    shown = page().decode()

    assert shown.count("<option value=") > 400
    assert ">Tokio UTC+09:00" in shown
    assert len(shown) < 45_000


def test_a_regional_language_gets_the_nearest_page_and_is_kept(change, ann):
    Subscriber.objects.update(language="de-AT")

    answer = change(first_name="Anna")

    assert b'lang="de"' in answer.content
    assert ann.language == "de-AT"


def test_tracking_is_asked_about_only_where_a_list_counts_anything(page, ann, news):
    assert b"may_track" not in page()

    MailingList.objects.filter(pk=news.pk).update(tracking="aggregate")
    assert page().count(b'type="radio"') == 2

    MailingList.objects.filter(pk=news.pk).update(tracking="person")
    assert page().count(b'type="radio"') == 3


def test_consent_to_tracking_is_proved(change, ann, news):
    MailingList.objects.update(tracking="person")

    change(may_track="True")

    record = ConsentRecord.objects.get()
    assert (record.action, record.source, record.mailing_list) == ("tracked", "preferences", None)
    assert record.statement
    assert on(ann) == {"news", "board"}


@pytest.mark.parametrize(
    ("wish", "days"),
    [({"months": "1"}, (28, 31)), ({"months": "3"}, (89, 92)), ({"months": "6"}, (181, 184))],
)
def test_a_break_lasts_so_many_months_and_can_be_undone(change, undo, ann, wish, days):
    answer = change("pause", **wish)

    until = pauses.paused_until(ann)
    assert timedelta(days[0] - 1) < until - timezone.now() <= timedelta(days[1])
    assert Suppression.objects.get().reason == "paused"
    undo(answer, "restore")
    assert pauses.paused_until(ann) is None
    assert on(ann) == {"news", "board"}


def test_a_break_ends_as_the_chosen_day_begins_where_the_reader_lives(change, ann):
    Subscriber.objects.update(time_zone="Pacific/Auckland")
    day = timezone.localdate() + timedelta(days=40)

    answer = change("pause", until=day.isoformat())

    until = pauses.paused_until(ann)
    local = until.astimezone(ZoneInfo("Pacific/Auckland"))
    assert (local.date(), local.hour, local.minute) == (day, 0, 0)
    assert f"{day.day}. ".encode() in answer.content


def test_a_break_can_be_made_longer_or_ended_and_each_is_undone_exactly(change, undo, ann):
    change("pause", months="1")
    first = pauses.paused_until(ann)

    longer = change("pause", months="6")
    assert pauses.paused_until(ann) > first
    undo(longer, "restore")
    assert pauses.paused_until(ann) == first

    ended = change("go-on")
    assert pauses.paused_until(ann) is None
    undo(ended, "restore")
    assert pauses.paused_until(ann) == first


@pytest.mark.parametrize("reason", ["bounced", "complained", "manual"])
def test_nobody_pauses_or_goes_on_whose_mail_is_stopped_for_another_reason(reader, mail, ann, reason):
    Suppression.objects.add(ann.email, reason)

    for action in ({"action": "pause", "months": "1"}, {"action": "go-on"}, {"action": "restore"}):
        reader.post(mail.preferences, action)

    assert Suppression.objects.get().reason == reason
    assert b"months" not in reader.get(mail.preferences).content


def test_leaving_everything_during_a_break_and_undo_bring_both_back(change, undo, ann):
    change("pause", months="3")
    before = state(ann)

    answer = change("leave")
    assert on(ann) == set()
    assert Suppression.objects.get().reason == "left"
    assert Suppression.objects.get().expires_at is None

    undo(answer, "return")
    assert state(ann) == before


def test_leaving_everything_and_undo(change, undo, mail, ann):
    answer = change("leave")
    assert on(ann) == set()
    assert Suppression.objects.get().reason == "left"
    assert mail.events() == ["unsubscribed"]

    undo(answer, "return")

    assert on(ann) == {"news", "board"}
    assert not Suppression.objects.exists()


def test_who_is_on_no_list_and_leaves_everything_can_undo_that(change, undo, ann):
    Subscription.objects.all().delete()
    answer = change("leave")

    undo(answer, "return")

    assert not Suppression.objects.exists()


def test_choosing_a_list_after_leaving_everything_allows_mail_again(change, ann, tips):
    change("leave")

    change(lists=[tips.pk])

    assert on(ann) == {"tips"}
    assert not Suppression.objects.exists()


def test_whoever_is_suppressed_for_another_reason_is_told_and_stays_so(change, ann, tips):
    Suppression.objects.add(ann.email, Suppression.Reason.COMPLAINED)

    answer = change(lists=[tips.pk])

    assert Suppression.objects.get().reason == "complained"
    assert b'class="notice"' in answer.content


def test_who_leaves_everything_may_say_why(change, reader, mail):
    LeavingReason.objects.create(words="Too many mails", translations={"de": "Zu viele Mails"})

    answer = change("leave")
    wish = filled(answer.content, "reason", words="Bye")

    assert "Zu viele Mails" in answer.content.decode()
    assert reader.post(mail.unsubscribe, wish).status_code == 200
    assert mail.delivery.events.get().words == "Bye"


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


def test_who_was_taken_off_by_staff_stays_so_after_an_undo_of_something_else(change, undo, ann, news):
    answer = change(first_name="Anna")
    flows.unsubscribe(ann, [news], Evidence(ConsentRecord.Source.ADMIN))

    undo(answer)

    assert on(ann) == {"board"}


def test_nobody_is_offered_only_digests_of_lists_that_have_none(page, change, ann):
    assert b"wants_digest" not in page()

    MailingList.objects.update(has_digest=True)
    change(wants_digest="on")
    MailingList.objects.update(has_digest=False)

    ann.refresh_from_db()
    assert ann.wants_digest
    assert b"wants_digest" in page()
