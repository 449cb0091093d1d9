"""What readers wish and how they may leave, as staff see and set it."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from campaigns.models import Event
from subscribers.consent import pauses
from subscribers.models import Attribute, ConsentRecord, LeavingReason, Subscriber
from tests.campaigns.admin.composing import staff
from tests.campaigns.delivery import scene

REASONS = "/admin/subscribers/leavingreason/"


@pytest.fixture
def page(ann):
    return f"/admin/subscribers/subscriber/{ann.pk}"


def save(client, page, **changes):
    facts = {"email": "ann@example.org", "language": "de", **changes}
    return client.post(f"{page}/change/", {name: value for name, value in facts.items() if value is not None})


def test_staff_note_that_somebody_wants_digests_and_no_counting_with_its_proof(admin_client, ann, page):
    save(admin_client, page, wants_digest="on", may_track="False")

    ann.refresh_from_db()
    assert (ann.wants_digest, ann.may_track) == (True, False)
    record = ConsentRecord.objects.get(action="untracked")
    assert (record.subscriber, record.source) == (ann, "admin")
    assert b"Refused to be counted by person" in admin_client.get(f"{page}/change/").content


def test_only_readers_themselves_agree_to_be_counted(admin_client, ann, page):
    answer = save(admin_client, page, may_track="True")
    assert "may_track" in answer.context["adminform"].form.errors

    Subscriber.objects.update(may_track=True)
    save(admin_client, page, may_track="True", first_name="Anna")

    ann.refresh_from_db()
    assert (ann.first_name, ann.may_track) == ("Anna", True)
    assert not ConsentRecord.objects.filter(action="tracked").exists()
    assert "by person" not in LogEntry.objects.latest("pk").get_change_message()


@pytest.mark.parametrize("stale", ["", "True"])
def test_only_readers_themselves_take_back_that_nothing_of_theirs_is_counted(admin_client, ann, page, stale):
    Subscriber.objects.update(may_track=False)

    shown = admin_client.get(f"{page}/change/").context["adminform"].form["may_track"]
    assert [value for value, _words in shown.field.choices] == ["False"]

    answer = save(admin_client, page, may_track=stale)
    assert "may_track" in answer.context["adminform"].form.errors

    save(admin_client, page, may_track="False", first_name="Anna")
    ann.refresh_from_db()
    assert (ann.first_name, ann.may_track) == ("Anna", False)
    assert "by person" not in LogEntry.objects.latest("pk").get_change_message()
    assert not ConsentRecord.objects.exists()


def test_staff_narrow_what_is_counted_and_it_is_proved(admin_client, ann, page):
    Subscriber.objects.update(may_track=True)

    save(admin_client, page, may_track="")

    ann.refresh_from_db()
    assert ann.may_track is None
    assert ConsentRecord.objects.get().statement == "Openings and clicks may be counted in sums only."
    assert "by person" in LogEntry.objects.latest("pk").get_change_message()


def test_staff_begin_and_end_a_break(admin_client, ann, page):
    day = timezone.localdate() + timedelta(days=20)

    admin_client.post(f"{page}/break", {"until": day.isoformat()})
    assert timezone.localdate(pauses.paused_until(ann)) == day
    shown = admin_client.get(f"{page}/change/").content.decode()
    assert "Takes a break" in shown
    assert "Gets no mail at all" not in shown
    assert "paused" in admin_client.get("/admin/subscribers/subscriber/").content.decode()

    admin_client.post(f"{page}/break")
    assert pauses.paused_until(ann) is None


@pytest.mark.parametrize("until", ["", "2001-01-01", "9999-12-31", "soon"])
def test_a_day_that_is_none_to_come_begins_no_break(admin_client, ann, page, until):
    admin_client.post(f"{page}/break", {"until": until})

    assert pauses.paused_until(ann) is None


def test_a_break_is_changed_by_post_alone_and_by_who_may(admin_client, ann, page):
    assert admin_client.get(f"{page}/break").status_code == 405
    assert staff("view_subscriber").post(f"{page}/break", {"until": "2026-12-31"}).status_code == 403
    assert pauses.paused_until(ann) is None


def test_a_reason_is_written_in_several_languages(admin_client, db):
    admin_client.post(f"{REASONS}add/", {"words": "Too many mails", "position": "2", "is_active": "on",
                                         "translations_de": "Zu viele Mails"})  # fmt: skip

    reason = LeavingReason.objects.get(words="Too many mails")
    assert (reason.words_in("de-AT"), reason.words_in("fr")) == ("Zu viele Mails", "Too many mails")


def test_a_reason_that_somebody_gave_is_never_deleted(admin_client, catcher):
    LeavingReason.objects.all().delete()
    used, unused = LeavingReason.objects.create(words="Too many"), LeavingReason.objects.create(words="Other")
    mail = scene.send(scene.campaign("Ann")).deliveries.get()
    Event.objects.create(delivery=mail, kind="unsubscribed", reason=used)

    for reason in (used, unused):
        admin_client.post(f"{REASONS}{reason.pk}/delete/", {"post": "yes"})

    assert list(LeavingReason.objects.all()) == [used]


def test_an_attribute_is_opened_to_readers_with_its_labels(admin_client, db):
    admin_client.post(
        "/admin/subscribers/attribute/add/",
        {"name": "company", "label": "Company", "kind": "text", "is_open": "on", "translations_de": "Firma"},
    )

    company = Attribute.objects.get()
    assert (company.is_open, company.translations) == (True, {"de": "Firma"})
