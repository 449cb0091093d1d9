"""Exports of whom a campaign was meant for, by what became of their mails."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from django.utils import timezone

from campaigns.models import Delivery, Event
from campaigns.recipients import question
from subscribers import errands, selections
from subscribers.models import Export
from subscribers.selections import BadSelection
from subscribers.transfer import columns
from tests.campaigns.admin.composing import staff
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def campaign(catcher: Catcher):
    """Ann clicked twice, perhaps a machine opened her mail, and it came back.

    Bob's address is dead, Chloé is suppressed; Dilnoza was not among them.
    """
    sent = scene.send(scene.campaign("Ann", "Bob", "Chloé"))
    mails = dict(Delivery.objects.values_list("subscriber__first_name", "pk"))
    Delivery.objects.filter(pk=mails["Bob"]).update(status="failed", reason="No such user", finished_at=timezone.now())
    Delivery.objects.filter(pk=mails["Chloé"]).update(status="skipped", reason="suppressed")
    for link in (1, 2):
        Event.objects.create(delivery_id=mails["Ann"], kind="clicked", link=link)
    Event.objects.create(delivery_id=mails["Ann"], kind="opened", is_suspect=True)
    Event.objects.create(delivery_id=mails["Ann"], kind="bounced")
    return sent


def exported(campaign, outcome=""):
    selection = {"recipients": question(f"{campaign.pk}.{outcome}" if outcome else str(campaign.pk))}
    keys = ["first_name", "mail:outcome", "mail:reason", "mail:clicks"]
    export = Export.objects.create(selection=selection, columns=keys, format="csv", name="people.csv")
    errands.proceed(export, seconds=60)
    export.refresh_from_db()
    assert (export.status, export.problem) == ("done", "")
    return list(csv.reader(StringIO(Path(export.file.path).read_text("utf-8-sig"), newline="")))


ANN, BOB, CHLOE = (
    ["Ann", "sent", "", "2"],
    ["Bob", "failed", "No such user", ""],
    ["Chloé", "skipped", "suppressed", ""],
)


@pytest.mark.parametrize(
    ("outcome", "people"),
    [
        ("", [ANN, BOB, CHLOE]),
        ("sent", [ANN]),
        ("failed", [BOB]),
        ("skipped", [CHLOE]),
        ("waiting", []),
        ("clicked", [ANN]),
        ("opened", []),
        ("bounced", [ANN]),
        ("unsubscribed", []),
        ("complained", []),
    ],
)
def test_recipients_are_exported_by_outcome(campaign, outcome, people) -> None:
    heading, *rows = exported(campaign, outcome)

    assert heading == ["first_name", "# outcome", "# reason", "# clicks"]
    assert rows == people


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("", "Recipients of “News”"),
        ("clicked", "Recipients of “News”: clicked a link"),
        ("failed", "Recipients of “News”: failed"),
        ("bounced", "Recipients of “News”: it came back"),
    ],
)
def test_it_is_said_whom_it_concerns(campaign, outcome, words) -> None:
    type(campaign).objects.update(name="News")

    assert selections.in_words({"recipients": question(f"{campaign.pk}.{outcome}".rstrip("."))}) == [words]


@pytest.mark.parametrize("asked", ["999.sent", "x", "", "1" * 30, "{pk}.eaten"])
def test_what_makes_no_sense_is_refused(campaign, asked) -> None:
    with pytest.raises(BadSelection):
        selections.people({"recipients": question(asked.format(pk=campaign.pk))})


def test_other_exports_know_nothing_of_mails(campaign) -> None:
    assert not [column.key for column in columns.offered({}) if column.key.startswith("mail:")]


def test_the_page_of_a_campaign_leads_to_the_export_of_those_it_shows(campaign) -> None:
    colleague = staff("view_campaign", "view_delivery", "export_subscriber")
    page = colleague.get(f"/admin/campaigns/campaign/{campaign.pk}/progress", {"outcome": "failed"}).content.decode()
    address = f"/admin/subscribers/export/add/?recipients={campaign.pk}.failed"

    assert f'<a href="{address}">Export these people (1)…</a>' in page
    asked = colleague.get(address)
    assert asked.context["number"] == 1
    assert "mail:reason" in [column.key for column in asked.context["form"].columns.chosen]


def test_the_send_log_leads_there_once_it_shows_one_campaign(campaign) -> None:
    colleague = staff("view_campaign", "view_delivery", "export_subscriber")
    chosen = {"campaign__id__exact": campaign.pk, "status__exact": "failed"}

    def found(**query: object) -> str:
        return colleague.get("/admin/campaigns/delivery/", query).context["recipients"]

    assert found(**chosen) == f"{campaign.pk}.failed"
    assert found(campaign__id__exact=campaign.pk) == str(campaign.pk)
    assert found(status__exact="failed") == ""
    assert found(**chosen, q="ann") == ""
    page = colleague.get("/admin/campaigns/delivery/", chosen).content.decode()
    assert f"?recipients={campaign.pk}.failed" in page
    assert "Export these people (1)…" in page


def test_who_may_not_see_the_send_log_may_not_export_it(campaign) -> None:
    colleague = staff("view_campaign", "export_subscriber")

    assert colleague.get(f"/admin/subscribers/export/add/?recipients={campaign.pk}").status_code == 403
