"""Staff let a link of a mail that has left lead elsewhere."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, Edition, Link
from campaigns.signing import Counted
from subscribers.signing import Purpose, sign
from tests.campaigns.admin.composing import staff
from tests.campaigns.delivery import scene

pytestmark = pytest.mark.django_db

WRONG, RIGHT = "https://example.com/wrnog", "https://example.com/right"


@pytest.fixture
def campaign() -> Campaign:
    """In two languages with the same wrong address, and one more link."""
    made = scene.start(scene.campaign("Ann", languages=("en", "de")))
    for edition in made.editions.all():
        Link.objects.create(edition=edition, number=1, url=WRONG)
    Link.objects.create(edition=made.editions.get(language="en"), number=2, url="https://example.com/other")
    return made


@pytest.fixture
def colleague() -> Client:
    return staff("view_campaign", "change_campaign")


def page(campaign: Campaign) -> str:
    return reverse("admin:campaigns_campaign_repair", args=[campaign.pk])


def written(target: str) -> dict[str, str]:
    return {f"link-{Link.objects.filter(url=WRONG).order_by('pk')[0].pk}": target}


def leads_to(edition: Edition) -> str:
    return Client().get(f"/c/{sign(Purpose.CLICK, Counted(edition.pk, 0).number)}/1").headers["Location"]


def test_a_wrong_address_is_repaired_in_all_languages_and_at_once(campaign: Campaign, colleague: Client) -> None:
    assert {leads_to(edition) for edition in campaign.editions.all()} == {WRONG}

    answer = colleague.post(page(campaign), written(RIGHT), follow=True)

    assert "1 link leads elsewhere" in answer.content.decode()
    assert {leads_to(edition) for edition in campaign.editions.all()} == {RIGHT}
    assert set(Link.objects.values_list("url", "repaired_url")) == {
        (WRONG, RIGHT),
        ("https://example.com/other", ""),
    }
    assert WRONG in LogEntry.objects.get().change_message


@pytest.mark.parametrize("target", ["", WRONG])
def test_a_repair_is_taken_back(campaign: Campaign, colleague: Client, target: str) -> None:
    colleague.post(page(campaign), written(RIGHT))

    colleague.post(page(campaign), written(target))

    assert {leads_to(edition) for edition in campaign.editions.all()} == {WRONG}


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "ftp://example.com/",
        "mailto:ann@example.org",
        "https://",
        f"https://example.com/{'x' * 2000}",
    ],
)
def test_a_link_leads_only_to_the_web(campaign: Campaign, colleague: Client, target: str) -> None:
    answer = colleague.post(page(campaign), written(target))

    assert answer.status_code == 200
    assert "repair-error" in answer.content.decode()
    assert set(Link.objects.values_list("repaired_url", flat=True)) == {""}


def test_saving_without_a_change_changes_nothing(campaign: Campaign, colleague: Client) -> None:
    answer = colleague.post(page(campaign), {}, follow=True)

    assert "lead where they led before" in answer.content.decode()
    assert not LogEntry.objects.exists()


def test_looking_needs_the_permission_to_change(campaign: Campaign) -> None:
    assert staff("view_campaign").get(page(campaign)).status_code == 403
    assert staff("view_campaign", "change_campaign").get(page(campaign)).status_code == 200


def test_a_campaign_that_counts_nothing_has_no_links_to_repair(campaign: Campaign, colleague: Client) -> None:
    Link.objects.all().delete()

    assert "No link of this campaign leads through Broadsheet" in colleague.get(page(campaign)).content.decode()
