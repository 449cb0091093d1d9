"""Staff write a welcome mail like any campaign, and switch it on and off."""

from __future__ import annotations

import pytest

from campaigns.admin.schedule import version_of
from campaigns.composition.duplicate import duplicate
from campaigns.delivery import welcome
from campaigns.models import Campaign, Delivery
from subscribers.consent import flows
from subscribers.consent.flows import Evidence
from tests.campaigns.admin.composing import WRITE, address, campaign, news, posted, reader, staff, transport

pytestmark = pytest.mark.django_db

SEND = ("view_campaign", "send_campaign")


@pytest.fixture
def greeting() -> Campaign:
    transport()
    return campaign("en", name="Welcome", welcomes=news())


def version(page: str) -> str:
    return page.partition('name="version" value="')[2].partition('"')[0]


def switch_on(made: Campaign) -> str:
    """As staff do; what they read then."""
    client = staff(*SEND)
    page = client.get(address("welcome", made)).content.decode()
    answer = client.post(address("welcome", made), {"version": version(page)}, follow=True)
    made.refresh_from_db()
    return answer.content.decode()


def join(email: str) -> None:
    person = reader(email)
    person.subscriptions.all().delete()
    flows.subscribe(person, [news()], Evidence(source="form"))


def test_a_welcome_mail_asks_for_no_lists() -> None:
    made = campaign("en")
    form = posted(made) | {"welcomes": news().pk, "mailing_lists": [], "in_archive": "on"}

    answer = staff(*WRITE).post(address("change/", made), form, follow=True)

    assert "was changed successfully" in answer.content.decode()
    made.refresh_from_db()
    assert (made.welcomes, list(made.mailing_lists.all()), made.in_archive) == (news(), [news()], False)


def test_its_page_says_whom_it_is_for(greeting: Campaign) -> None:
    page = staff(*WRITE, "send_campaign").get(address("change/", greeting)).content.decode()

    assert "whoever joins “Newsletter”" in page
    assert "Switch on…" in page
    assert "Schedule or send…" not in page


def test_it_is_switched_on_once_somebody_has_looked(greeting: Campaign) -> None:
    reader("ann@example.org")
    said = switch_on(greeting)

    assert "“Welcome” is on: whoever joins “Newsletter” gets it." in said
    assert greeting.status == "sending"
    assert "welcome mail, on" in said
    assert not Delivery.objects.exists()

    join("bob@example.org")
    assert Delivery.objects.get().email == "bob@example.org"


def test_switching_on_needs_the_permission_to_send_and_a_post(greeting: Campaign) -> None:
    assert staff(*WRITE).post(address("welcome", greeting), {"version": "x"}).status_code == 403

    staff(*SEND).get(address("welcome", greeting))

    greeting.refresh_from_db()
    assert greeting.status == "draft"


def test_what_was_edited_since_it_was_looked_at_is_not_switched_on(greeting: Campaign) -> None:
    client = staff(*SEND)
    seen = version(client.get(address("welcome", greeting)).content.decode())
    content = greeting.contents.get()
    content.subject = "Something else"
    content.save()

    answer = client.post(address("welcome", greeting), {"version": seen})

    assert "Somebody edited the campaign meanwhile." in answer.content.decode()
    greeting.refresh_from_db()
    assert greeting.status == "draft"


def test_what_is_edited_while_it_is_being_switched_on_stays_as_it_was(greeting: Campaign) -> None:
    seen = version_of(greeting)
    layout = greeting.layout
    assert layout

    def edited_at_the_last_moment(frozen: Campaign) -> bool:
        layout.html += "<p>Something else</p>"
        layout.save()
        return version_of(frozen) == seen

    with pytest.raises(welcome.Edited):
        welcome.switch_on(greeting, edited_at_the_last_moment)

    greeting.refresh_from_db()
    assert greeting.status == "draft"
    assert not greeting.editions.exists()
    assert welcome.switch_on(greeting, lambda frozen: version_of(frozen) == seen)


def test_what_must_be_mended_is_said_and_it_stays_off(greeting: Campaign) -> None:
    greeting.contents.update(subject="")
    client = staff(*SEND)

    page = client.get(address("welcome", greeting)).content.decode()
    client.post(address("welcome", greeting), {"version": version(page)})

    assert "The subject is empty." in page
    greeting.refresh_from_db()
    assert greeting.status == "draft"


def test_it_is_not_scheduled(greeting: Campaign) -> None:
    answer = staff(*SEND).post(address("schedule", greeting), {"when": "now"})

    assert answer.headers["Location"] == address("welcome", greeting)
    greeting.refresh_from_db()
    assert greeting.status == "draft"


def test_a_campaign_to_an_audience_is_not_switched_on() -> None:
    transport()
    made = campaign("en")

    answer = staff(*SEND).post(address("welcome", made), {"version": ""})

    assert answer.headers["Location"] == address("change/", made)
    made.refresh_from_db()
    assert made.status == "draft"


def test_another_takes_its_place_and_staff_are_told_before(greeting: Campaign) -> None:
    switch_on(greeting)
    better = duplicate(greeting, name="Better", created_by_id=None)

    page = staff(*SEND).get(address("welcome", better)).content.decode()
    switch_on(better)

    assert "It takes the place of “Welcome”" in page
    greeting.refresh_from_db()
    assert (greeting.status, better.status) == ("cancelled", "sending")


def test_it_is_switched_off_after_a_question(greeting: Campaign) -> None:
    switch_on(greeting)
    client = staff(*SEND)

    assert "Switch “Welcome” off?" in client.get(address("cancel", greeting)).content.decode()
    said = client.post(address("cancel", greeting), follow=True).content.decode()

    assert "welcome mail, off" in said
    join("ann@example.org")
    assert not Delivery.objects.exists()


def test_the_dashboard_shows_it_only_when_it_is_in_trouble(greeting: Campaign) -> None:
    switch_on(greeting)
    client = staff(*SEND)
    link = address("progress", greeting)
    assert link not in client.get("/admin/").content.decode()

    greeting.pause("550 blocked")

    assert link in client.get("/admin/").content.decode()


def test_the_list_of_campaigns_says_what_it_is(greeting: Campaign) -> None:
    switch_on(greeting)
    join("ann@example.org")

    page = staff(*SEND).get("/admin/campaigns/campaign/").content.decode()

    assert "welcome mail, on" in page
    assert "whoever joins “Newsletter”" in page
    assert "0 mails" in page


@pytest.mark.parametrize("page", ["change/", "progress", "live?stage=sending", "why?stage=sending", "report", "pace"])
def test_all_pages_of_a_campaign_know_what_it_is(greeting: Campaign, page: str) -> None:
    switch_on(greeting)
    join("ann@example.org")

    assert staff(*SEND, "view_delivery").get(address(page, greeting)).status_code == 200
