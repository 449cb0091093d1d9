"""Staff see the mails of the application, and decide about them."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from campaigns.models import Delivery, Message
from tests.campaigns.admin.composing import staff
from tests.campaigns.admin.desk import words
from tests.campaigns.outgoing import post
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db

LIST = reverse("admin:campaigns_message_changelist")


@pytest.fixture
def chief() -> Client:
    return staff("view_message", "read_message", "retry_message", "cancel_message", "view_delivery", "send_campaign")


def page(name: str = "change", message: Message | None = None) -> str:
    return reverse(f"admin:campaigns_message_{name}", args=[(message or Message.objects.get()).pk])


def numbers(*emails: str) -> dict[str, list[int]]:
    return {"delivery": [Delivery.objects.get(email=email).pk for email in emails]}


def act(client: Client, action: str, *messages: Message) -> HttpResponse:
    return client.post(LIST, {"action": action, "_selected_action": [one.pk for one in messages]}, follow=True)


def listed(client: Client, **wanted: str) -> list[str]:
    return [one.subject for one in client.get(LIST, wanted).context["cl"].result_list]


def test_the_list_is_filtered_by_outcome_and_priority_and_searched(chief: Client, catcher: Catcher) -> None:
    catcher.refuse("bob@example.org")
    post.letter("Receipt").send()
    post.letter("Refused", "bob@example.org", headers={"Broadsheet-Priority": "low"}).send()
    post.leave()
    post.letter("Waiting", "carl@example.org").send()

    assert listed(chief) == ["Waiting", "Refused", "Receipt"]
    assert listed(chief, outcome="failed") == ["Refused"]
    assert listed(chief, outcome="queued") == ["Waiting"]
    assert listed(chief, priority="90") == ["Refused"]
    assert listed(chief, q="CARL@example.org") == ["Waiting"]
    assert listed(chief, q="recei") == ["Receipt"]


def test_the_page_of_a_mail_names_everybody_with_the_words_of_the_server(chief: Client, catcher: Catcher) -> None:
    catcher.refuse("bob@example.org", "550 5.1.1 nobody here by that name")
    letter = post.letter("Receipt", "ann@example.org", "bob@example.org", bcc=["carl@example.org"])
    letter.attach("terms.pdf", b"12345", "application/pdf")
    letter.send()
    post.leave()

    shown = words(chief.get(page()))

    for part in ("ann@example.org", "550 5.1.1 nobody here by that name", "carl@example.org", "terms.pdf", "5 bytes"):
        assert part in shown


def test_its_content_is_shown_in_a_frame_that_can_do_nothing(chief: Client) -> None:
    letter = EmailMultiAlternatives("Hello", "Text", to=["ann@example.org"])
    letter.attach_alternative("<p>Hello</p><script>alert(1)</script>", "text/html")
    letter.send()

    frame = chief.get(page("frame"))

    assert "<p>Hello</p>" in frame.content.decode()
    policy = frame.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox")
    assert "allow-scripts" not in policy
    assert "<script>" not in chief.get(page()).content.decode().partition('id="mail"')[2].partition("</iframe>")[0]


@pytest.mark.parametrize("part", ["text", "source"])
def test_what_a_mail_says_is_never_part_of_the_page(chief: Client, part: str) -> None:
    post.letter("<b>bold</b>", body="<script>alert(1)</script>").send()

    shown = chief.get(page(), {"part": part}).content.decode()

    assert "<script>alert(1)" not in shown
    assert "<b>bold</b>" not in shown


def test_who_may_see_that_a_mail_left_does_not_read_its_secrets() -> None:
    post.letter("Your new password", body="https://example.org/reset/secret").send()
    clerk = staff("view_message", "view_delivery")

    for name in ("html", "text", "source"):
        assert "secret" not in clerk.get(page(), {"part": name}).content.decode()
        log = reverse("admin:campaigns_delivery_change", args=[Delivery.objects.get().pk])
        assert "secret" not in clerk.get(log, {"part": name}).content.decode()
    assert clerk.get(page("frame")).status_code == 403


def test_the_send_log_shows_what_somebody_got(chief: Client, catcher: Catcher) -> None:
    post.letter("Receipt", body="Thank you").send()
    post.leave()
    log = reverse("admin:campaigns_delivery_change", args=[Delivery.objects.get().pk])

    source = chief.get(log, {"part": "source"}).context["source"]

    assert source.splitlines() == catcher.mails[0].content.decode().splitlines()
    assert "Receipt" in words(chief.get(reverse("admin:campaigns_delivery_changelist")))


def test_of_an_emptied_mail_only_the_ledger_is_left(chief: Client) -> None:
    get_connection(fail_silently=True).send_messages([post.letter("Poi\nson")])

    shown = words(chief.get(page()))

    assert "Its content is not kept." in shown
    assert "BadHeaderError" in shown
    assert "Send again" not in shown


def test_staff_send_again_what_they_ticked(chief: Client, catcher: Catcher) -> None:
    catcher.answer_data("ann@example.org", "554 5.6.0 no", times=1)
    catcher.answer_data("bob@example.org", "554 5.6.0 no", times=1)
    post.letter("Hello", "ann@example.org", "bob@example.org").send()
    post.leave()

    answer = chief.post(page("retry"), numbers("ann@example.org"), follow=True)
    post.leave()

    assert "1 mail is sent again." in words(answer)
    assert [mail.recipient for mail in catcher.mails] == ["ann@example.org"]


def test_staff_cancel_what_waits(chief: Client, catcher: Catcher) -> None:
    post.letter("One").send()
    post.letter("Two", "bob@example.org").send()

    answer = act(chief, "cancel", Message.objects.get(subject="One"))
    post.leave()

    assert "1 mail is cancelled." in words(answer)
    assert [mail.recipient for mail in catcher.mails] == ["bob@example.org"]
    assert "cancelled by staff" in words(chief.get(page(message=Message.objects.get(subject="One"))))


def test_with_nothing_chosen_nothing_is_done(chief: Client, catcher: Catcher) -> None:
    post.letter("One").send()
    before = post.outcomes()

    answers = [act(chief, "cancel"), act(chief, "retry"), chief.post(page("cancel"), follow=True)]
    chief.post(page("cancel"), {"delivery": ["", "x", "99999"]})

    assert "Nothing was chosen, so nothing was done." in words(answers[-1])
    assert post.outcomes() == before == {"queued": 1}


def test_the_mails_of_another_message_cannot_be_chosen_here(chief: Client) -> None:
    post.letter("One").send()
    post.letter("Two", "bob@example.org").send()

    chief.post(page("cancel", Message.objects.get(subject="One")), numbers("bob@example.org"))

    assert post.outcomes() == {"queued": 2}


@pytest.mark.parametrize(("verb", "permission"), [("retry", "cancel_message"), ("cancel", "retry_message")])
def test_each_verb_has_its_own_permission(verb: str, permission: str) -> None:
    post.letter("One").send()
    clerk = staff("view_message", permission)

    assert clerk.post(page(verb), numbers("ann@example.org")).status_code == 403
    act(clerk, verb, Message.objects.get())

    assert post.outcomes() == {"queued": 1}


def test_a_page_of_the_list_asks_the_database_a_few_times_only(
    chief: Client, django_assert_max_num_queries: object
) -> None:
    get_connection().send_messages([post.letter(f"{number}") for number in range(60)])

    with django_assert_max_num_queries(12):
        chief.get(LIST)
