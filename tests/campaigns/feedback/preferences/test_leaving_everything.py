"""Readers leave everything on the preference page, and come back."""

from subscribers.models import LeavingReason, Subscription, Suppression
from tests.campaigns.feedback.conftest import on
from tests.reading import filled


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
