"""The report of a campaign as staff read, print and save it."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import openpyxl
import pytest

from campaigns.models import Campaign, Event, Hits, Link
from subscribers.models import LeavingReason, MailingList, Subscriber
from tests.campaigns.admin import composing
from tests.campaigns.admin.desk import page, staff, words
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db

Kind = Event.Kind


def happened(campaign: Campaign, name: str, kind: str, **facts: Any) -> None:
    Event.objects.create(delivery=campaign.deliveries.get(subscriber__first_name=name), kind=kind, **facts)


@pytest.fixture
def campaign(catcher: Catcher) -> Campaign:
    """Ann opened and clicked, perhaps a machine opened Bob's mail, Chloe's bounced and Dilnoza's failed."""
    catcher.refuse("dilnoza@example.org")
    made = scene.campaign("Ann", "Bob", "Chloe", "Dilnoza")
    MailingList.objects.update(tracking="person")
    made = scene.send(made)
    Campaign.objects.filter(pk=made.pk).update(tracking="person")
    edition = made.editions.get()
    edition.links.all().delete()
    Link.objects.create(edition=edition, number=1, url="=HYPERLINK(1)", repaired_url="https://example.org/new")
    happened(made, "Ann", Kind.OPENED)
    happened(made, "Ann", Kind.CLICKED, link=1)
    happened(made, "Bob", Kind.OPENED, is_suspect=True)
    happened(made, "Chloe", Kind.BOUNCED)
    made.refresh_from_db()
    return made


def test_the_first_lines_say_who_got_it_and_who_read_it(campaign: Campaign) -> None:
    said = words(staff().get(page(campaign, "report")))

    assert "Sent 3 75.0 % of planned" in said
    assert "Delivered 2 66.7 % of sent" in said
    assert "Opened 1–2 50.0–100.0 % of delivered" in said
    assert "Clicked 1 50.0 % of delivered" in said


def test_every_table_of_the_page_says_that_it_adds_up(campaign: Campaign) -> None:
    answer = staff().get(page(campaign, "report"))

    tables = answer.context["tables"]
    assert set(tables) == {"outcomes", "links", "languages", "domains"}
    assert all(table.checks and table.adds_up for table in tables.values())
    assert "Adds up: Planned 4 = 4 Sent 3 = 3 Failed 1 = 1" in words(answer)


def test_who_got_nothing_stands_there_with_the_reason(campaign: Campaign) -> None:
    said = words(staff().get(page(campaign, "report")))

    assert "Failed 1 25.0 % recipient refused (550) 1" in said


def test_sums_without_persons_are_called_so(campaign: Campaign) -> None:
    colleague = staff()
    assert "Sums without persons Times opened 0" in words(colleague.get(page(campaign, "report")))
    hour = campaign.leaves_at.replace(minute=0, second=0, microsecond=0)
    Hits.objects.create(edition=campaign.editions.get(), link=0, is_suspect=False, hour=hour, number=12)

    said = words(colleague.get(page(campaign, "report")))

    assert "Sums without persons Times opened 12" in said
    assert "Opened 1–2" in said


def test_without_tracking_nobody_reads_about_openings(campaign: Campaign) -> None:
    Campaign.objects.update(tracking="off")
    Event.objects.all().delete()

    said = words(staff().get(page(campaign, "report")))

    assert "Opened" not in said
    assert "do not let anybody count" in said


def test_what_leavers_wrote_is_text_and_only_for_who_may_see_mails(campaign: Campaign) -> None:
    reason = LeavingReason.objects.create(words="Too often")
    happened(campaign, "Ann", Kind.UNSUBSCRIBED, reason=reason, words="<script>alert(1)</script>")

    shown = staff().get(page(campaign, "report"))
    hidden = composing.staff("view_campaign").get(page(campaign, "report"))

    assert b"&lt;script&gt;alert(1)&lt;/script&gt;" in shown.content
    assert b"<script>alert" not in shown.content
    assert "Too often 1" in words(hidden)
    assert "alert" not in words(hidden)


def test_charts_have_words_and_a_table_behind_them(campaign: Campaign) -> None:
    answer = staff().get(page(campaign, "report"))

    content = answer.content.decode()
    labels = re.findall(r'role="img" aria-label="([^"]+)"', content)
    assert any(label.startswith("Opened: the most, 1–2, at ") for label in labels)
    (period,) = answer.context["periods"]
    assert period.table.total.values["sent"] == 3
    assert len(labels) == len(period.charts)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_holds_every_table_and_no_formula_and_no_address(campaign: Campaign, kind: str) -> None:
    answer = staff().get(page(campaign, "report_file"), {"format": kind})

    assert answer.headers["Content-Disposition"] == f'attachment; filename="report-{campaign.pk}.{kind}"'
    rows = read(kind, answer.content)
    assert ["Links"] in rows
    assert ["Over time"] in rows
    row = next(row for row in rows if row and "HYPERLINK" in row[0])
    assert row[:3] == ["'=HYPERLINK(1)", "1", "1"]
    assert next(row for row in rows if row[:1] == ["Planned"])[:2] == ["Planned", "4"]
    assert not any("@" in cell for row in rows for cell in row)


def read(kind: str, content: bytes) -> list[list[str]]:
    if kind == "csv":
        return [trimmed(row) for row in csv.reader(io.StringIO(content.decode("utf-8-sig")))]
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet.title == "Report"
    return [trimmed(["" if cell is None else str(cell) for cell in row]) for row in sheet.values]


def trimmed(row: list[str]) -> list[str]:
    return row[: max((at + 1 for at, cell in enumerate(row) if cell), default=0)]


def test_no_other_kind_of_file_is_made(campaign: Campaign) -> None:
    assert staff().get(page(campaign, "report_file"), {"format": "exe"}).status_code == 404


def test_while_mails_leave_the_first_lines_are_fresh_and_then_the_page_is_loaded_again(catcher: Catcher) -> None:
    catcher.defer("bob@example.org", times=1)
    campaign = scene.send(scene.campaign("Ann", "Bob"))
    colleague = staff()
    assert b'data-live="' + page(campaign, "report_live").encode() in colleague.get(page(campaign, "report")).content

    going = colleague.get(page(campaign, "report_live"))
    scene.let_time_pass(campaign)
    scene.send(campaign)
    over = colleague.get(page(campaign, "report_live"))

    assert "1 Waiting" in words(going)
    assert "Live" not in going.headers
    assert "2 Delivered" in words(over)
    assert over.headers["Live"] == "done"


def test_a_draft_has_no_report() -> None:
    campaign = scene.campaign("Ann")
    campaign.unschedule()

    assert staff().get(page(campaign, "report")).headers["Location"] == page(campaign, "change")


def test_ten_times_as_many_people_ask_the_database_no_more_often(
    catcher: Catcher, django_assert_max_num_queries: Any
) -> None:
    campaign = scene.send(scene.campaign(*[f"Reader{number}" for number in range(30)]))
    for number, one in enumerate(Subscriber.objects.all()):
        happened(campaign, one.first_name, Kind.CLICKED, link=1 + number % 3)
    colleague = staff()

    with django_assert_max_num_queries(50):
        colleague.get(page(campaign, "report"))


def test_people_are_exported_by_what_they_did_by_those_who_may(campaign: Campaign) -> None:
    address = f"/admin/subscribers/export/add/?recipients={campaign.pk}"
    content = staff("export_subscriber").get(page(campaign, "report")).content.decode()

    led = re.findall(rf'href="{re.escape(address)}([^"]*)"', content)
    assert led == ["", ".sent", ".failed", ".bounced", ".opened", ".clicked"]
    assert (
        address
        not in composing.staff("view_campaign", "export_subscriber").get(page(campaign, "report")).content.decode()
    )
