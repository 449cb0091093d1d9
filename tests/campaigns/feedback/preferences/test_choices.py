"""The preference page of whoever got a mail: what is asked, what is kept, and each change in words."""

from subscribers.models import ConsentRecord, MailingList, Subscriber
from tests.campaigns.feedback.conftest import on
from tests.campaigns.feedback.preferences.conftest import state


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


def test_to_be_counted_in_sums_after_not_at_all_is_proved_by_its_wording(change, ann, news):
    MailingList.objects.update(tracking="aggregate")
    Subscriber.objects.update(may_track=False, language="en")

    change(may_track="sums")

    assert ann.may_track is None
    record = ConsentRecord.objects.get()
    assert (record.action, record.source) == ("untracked", "preferences")
    assert record.statement == "Openings and clicks may be counted in sums only."


def test_nobody_is_offered_only_digests_of_lists_that_have_none(page, change, ann):
    assert b"wants_digest" not in page()

    MailingList.objects.update(has_digest=True)
    change(wants_digest="on")
    MailingList.objects.update(has_digest=False)

    ann.refresh_from_db()
    assert ann.wants_digest
    assert b"wants_digest" in page()
