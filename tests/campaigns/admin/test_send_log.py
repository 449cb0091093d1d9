"""Every mail by itself: did Ann get it, what exactly, and what did the server say?"""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, Delivery, Event, Sender
from subscribers.models import MailingList
from tests.campaigns.admin.desk import staff, words
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db

LOG = "/admin/campaigns/delivery/"


@pytest.fixture
def client() -> Client:
    return staff("send_campaign")


def mail(campaign: Campaign, name: str) -> Delivery:
    found = campaign.deliveries.get(email=f"{name.lower()}@example.org")
    assert isinstance(found, Delivery)
    return found


def page(delivery: Delivery, name: str = "change") -> str:
    return reverse(f"admin:campaigns_delivery_{name}", args=[delivery.pk])


def test_did_ann_get_it_however_her_address_is_spelled(client: Client, catcher: Catcher) -> None:
    scene.send(scene.campaign("Ann", "Bob"))

    found = client.get(LOG, {"q": " ANN@Example.org"}).context["cl"].result_list

    assert [(one.email, one.status) for one in found] == [("ann@example.org", "sent")]


def test_half_an_address_finds_those_that_hold_it(client: Client) -> None:
    scene.start(scene.campaign("Ann", "Annika", "Bob"))

    found = client.get(LOG, {"q": "ann"}).context["cl"].result_list

    assert {one.email for one in found} == {"ann@example.org", "annika@example.org"}


def test_the_page_of_a_mail_tells_its_story_with_the_words_of_the_server(client: Client, catcher: Catcher) -> None:
    catcher.defer("bob@example.org", "451 4.7.1 come back in five minutes", times=1)
    campaign = scene.send(scene.campaign("Bob"))
    scene.let_time_pass(campaign)
    scene.send(campaign)
    Event.objects.create(delivery=mail(campaign, "Bob"), kind="unsubscribed")

    shown = words(client.get(page(mail(campaign, "Bob"))))

    story = [
        "Planned",
        "Try again later",
        "451 4.7.1 come back in five minutes",
        "Accepted",
        "250 2.0.0",
        "Unsubscribed",
    ]
    places = [shown.index(part) for part in story]
    assert places == sorted(places)


def test_what_they_got_is_what_arrived_byte_for_byte_but_for_the_date(client: Client, catcher: Catcher) -> None:
    campaign = scene.send(scene.campaign("Dilnoza", languages=["en", "de"]))
    (caught,) = catcher.mails

    source = client.get(page(campaign.deliveries.get()), {"part": "source"}).context["source"]

    def undated(text: str) -> list[str]:
        return [line for line in text.splitlines() if not line.startswith("Date:")]

    assert undated(source) == undated(caught.content.decode("ascii"))


def test_later_edits_do_not_change_what_they_got(client: Client, catcher: Catcher) -> None:
    campaign = scene.send(scene.campaign("Ann"))
    campaign.contents.update(body_html="<p>Something else</p>")

    frame = client.get(page(mail(campaign, "Ann"), "frame")).content.decode()

    assert "Hello Ann" in frame
    assert "Something else" not in frame


def test_the_mail_is_shown_in_a_frame_that_can_do_nothing(client: Client, catcher: Catcher) -> None:
    campaign = scene.send(scene.campaign("Ann"))

    frame = client.get(page(mail(campaign, "Ann"), "frame"))

    policy = frame.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy


def test_of_somebody_who_was_erased_the_page_says_why_there_is_no_mail(client: Client, catcher: Catcher) -> None:
    campaign = scene.send(scene.campaign("Ann"))
    delivery = mail(campaign, "Ann")
    delivery.subscriber.delete()

    answer = client.get(page(delivery))

    assert answer.status_code == 200
    assert "It cannot be shown any more" in words(answer)


def test_why_somebody_was_skipped_is_said_in_words(client: Client) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    campaign.deliveries.update(status="skipped", reason="left")

    assert "Not mailed: left the list." in words(client.get(page(mail(campaign, "Ann"))))
    assert "left the list" in words(client.get(LOG))


def test_the_log_cannot_be_written_by_hand(catcher: Catcher) -> None:
    campaign = scene.send(scene.campaign("Ann"))
    delivery = mail(campaign, "Ann")
    boss = staff("add_delivery", "change_delivery", "delete_delivery")

    answers = [
        boss.post(page(delivery), {"status": "failed"}),
        boss.post(page(delivery, "delete"), {"post": "yes"}),
        boss.post(reverse("admin:campaigns_delivery_add"), {"email": "bob@example.org"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert [(one.email, one.status) for one in Delivery.objects.all()] == [("ann@example.org", "sent")]


def test_staff_decide_about_one_uncertain_mail_on_its_page(client: Client) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    campaign.deliveries.update(status="uncertain")
    delivery = mail(campaign, "Ann")

    assert "They got it" in words(client.get(page(delivery)))
    client.post(page(delivery, "decide"), {"decision": "arrived"})

    delivery.refresh_from_db()
    assert delivery.status == "sent"
    assert "They got it" not in words(client.get(page(delivery)))


def test_who_may_not_send_may_not_decide() -> None:
    campaign = scene.start(scene.campaign("Ann"))
    campaign.deliveries.update(status="uncertain")

    answer = staff().post(page(mail(campaign, "Ann"), "decide"), {"decision": "again"})

    assert answer.status_code == 403
    assert mail(campaign, "Ann").status == "uncertain"


def test_who_may_not_see_mails_sees_no_frame_either(catcher: Catcher) -> None:
    campaign = scene.send(scene.campaign("Ann"))
    stranger = staff()
    stranger.get("/admin/")

    from_nobody = Client().get(page(mail(campaign, "Ann"), "frame"))

    assert from_nobody.status_code == 302


def test_a_page_of_the_log_asks_the_database_a_few_times_only(client: Client, django_assert_max_num_queries) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    Delivery.objects.bulk_create(
        Delivery(campaign=campaign, email=f"reader{n}@example.org", status="sent") for n in range(60)
    )

    with django_assert_max_num_queries(12):
        client.get(LOG)


def test_a_sender_edited_later_changes_neither_the_mails_that_follow_nor_what_they_got(
    client: Client, catcher: Catcher
) -> None:
    catcher.defer("bob@example.org", "451 4.7.1 come back later", times=1)
    campaign = scene.send(scene.campaign("Ann", "Bob"))

    Sender.objects.update(name="Somebody else", email="else@example.net", reply_to="else@example.net")
    MailingList.objects.update(name="Renamed")
    scene.let_time_pass(campaign)
    scene.send(campaign)

    origins = [(mail.message["From"], mail.message["Reply-To"], mail.message["List-Id"]) for mail in catcher.mails]
    assert len(origins) == 2
    assert origins[0] == origins[1]
    source = client.get(page(mail(campaign, "Bob")), {"part": "source"}).context["source"]
    assert "From: Example <news@example.org>" in source
    assert "else@example.net" not in source
