"""What staff do with a spreadsheet that is not quite right, until its people are written to and taken back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from campaigns.models import Delivery, Sender
from subscribers.models import ConsentRecord, Import, MailingList, Subscriber, Subscription

from .conftest import Album, Site
from .test_journey import PATIENCE_MS, log_in, saved, write

pytestmark = pytest.mark.browser

PEOPLE = [
    ("E-Mail", "First name", "Surname at birth", "Town", "Plan", "Member since"),
    ("ann@example.org", "Ann", "Lee", "Porto", "gold", "3.5.2024"),
    ("bob@example.org", "Bob", "Moss", "Braga", "basic", "17.11.2023"),
    ("chloe@example.org", "Chloé", "Dubois", "Lyon", "gold", "1.2.2025"),
    ("dilnoza@@example.org", "Dilnoza", "Karimova", "Tashkent", "gold", "30.9.2022"),
    ("jörg at example.org", "Jörg", "Weiß", "Kiel", "basic", "5.6.2021"),
    ("ann@example.org", "Ann again", "Lee", "Porto", "gold", "3.5.2024"),
]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    return saved(PEOPLE, tmp_path / "readers.xlsx")


def test_a_wrong_import_is_corrected_mended_written_to_and_undone(
    page: Page, site: Site, album: Album, workbook: Path, tmp_path: Path
) -> None:
    river = MailingList.objects.create(name="The River Letter", label="river")
    Sender.objects.create(name="Harbour Press", email="letter@example.org", postal_address="1 Quay\nPorto")
    ann = Subscriber.objects.create(email="ann@example.org", first_name="Ann", last_name="Lee")
    Subscription.objects.create(subscriber=ann, mailing_list=river, status="active")
    page.set_default_timeout(10_000)

    log_in(page, site, album)
    upload(page, album, workbook)
    map_wrongly(page, album)
    correct(page, album)
    run(page, album, "3 people")
    mend_rejected_rows(page, album, tmp_path)
    build_segment(page, album)
    send_to_segment(page, album)
    undo(page, album)
    look_in_other_ways(page, album)

    # Who got the mail stays; Bob, who did not, is gone; Ann has what she had.
    assert sorted(Subscriber.objects.values_list("email", flat=True)) == [
        "ann@example.org",
        "chloe@example.org",
        "dilnoza@example.org",
        "jorg@example.org",
    ]
    assert (Subscriber.objects.get(pk=ann.pk).last_name, Delivery.objects.filter(status="sent").count()) == ("Lee", 3)
    assert ConsentRecord.objects.filter(action="withdrawn", subscriber=None).count() == 1


def upload(page: Page, album: Album, workbook: Path) -> None:
    page.goto("/admin/subscribers/import/add/")
    page.get_by_label("Spreadsheet").set_input_files(workbook)
    page.get_by_label("The River Letter").check()
    page.get_by_label("Where does their consent come from?").fill("Signed up at the book fair.")
    page.get_by_label("Tags").fill("book fair")
    page.get_by_label("overwrite with the file").check()
    album.take(page, "audience-upload")
    page.get_by_role("button", name="Look at the columns").click()


def map_wrongly(page: Page, album: Album) -> None:
    """The town becomes the last name, which nobody notices before the dry run."""
    expect(page.get_by_label("Kind of value").nth(5)).to_have_value("date")
    page.get_by_label("What column D holds").select_option(label="Last name")
    album.take(page, "audience-columns")
    page.get_by_role("button", name="Start the dry run").click()
    expect(page.get_by_text("3 people are ready to be imported")).to_be_visible(timeout=PATIENCE_MS)
    row = page.get_by_role("row").filter(has_text="Last name")
    expect(row.locator("del")).to_have_text("Lee")
    expect(row.locator("ins")).to_have_text("Porto")
    album.take(page, "audience-wrong")


def correct(page: Page, album: Album) -> None:
    page.get_by_role("link", name="Change the columns").click()
    page.get_by_label("What column C holds").select_option(label="Last name")
    page.get_by_label("What column D holds").select_option(label="New attribute…")
    page.get_by_role("button", name="Start the dry run").click()
    expect(page.get_by_text("3 people are ready to be imported")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("del")).to_have_count(0)
    album.take(page, "audience-right")


def run(page: Page, album: Album, people: str) -> None:
    page.get_by_role("button", name=re.compile(f"Import {people}")).click()
    expect(page.get_by_text(f"{people} were imported")).to_be_visible(timeout=PATIENCE_MS)
    album.take(page, "audience-report")


def mend_rejected_rows(page: Page, album: Album, folder: Path) -> None:
    """Each by what is suggested, and the row that only repeats another one is deleted."""
    with page.expect_download() as started:
        page.get_by_role("link", name="Download the rows left out").click()
    path = folder / "rejected.xlsx"
    started.value.save_as(path)
    book = load_workbook(path)
    assert [cell.value for cell in book.active[1]][-3:] == ["# row", "# reason", "# suggestion"]
    for number in range(book.active.max_row, 1, -1):
        suggestion = book.active.cell(number, book.active.max_column).value
        if suggestion:
            book.active.cell(number, 1).value = suggestion
        else:
            book.active.delete_rows(number)
    book.save(path)

    page.get_by_role("link", name="Import the mended rows").click()
    expect(page.get_by_label("The River Letter")).to_be_checked()
    page.get_by_label("Spreadsheet").set_input_files(path)
    page.get_by_role("button", name="Look at the columns").click()
    expect(page.get_by_text("as you read it last time")).to_be_visible()
    album.take(page, "audience-mended-columns")
    page.get_by_role("button", name="Start the dry run").click()
    expect(page.get_by_text("2 people are ready to be imported")).to_be_visible(timeout=PATIENCE_MS)
    run(page, album, "2 people")


def build_segment(page: Page, album: Album) -> None:
    page.goto("/admin/subscribers/segment/add/")
    page.get_by_label("Name").fill("Golden readers")
    page.get_by_label("What it asks for").select_option(label="Plan")
    page.get_by_label("Value", exact=True).fill("gold")
    expect(page.get_by_label("How it compares")).to_have_value("is")
    expect(page.locator("#segment-people")).to_contain_text("3 people")
    album.take(page, "audience-segment")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The segment “Golden readers” was saved.")).to_be_visible()


def send_to_segment(page: Page, album: Album) -> None:
    page.goto("/admin/campaigns/campaign/add/")
    page.get_by_label(re.compile("^name", re.I)).fill("For the golden")
    page.get_by_label("Layout").select_option(label="Bulletin")
    page.get_by_label("Sender").select_option(index=1)
    page.locator("#id_segments").get_by_label("Golden readers").check()
    page.get_by_role("button", name="Save and continue editing").click()
    write(page, "en", "Hello {{ first_name }}", "<p>You read us since {{ member_since }}.</p>")
    page.get_by_role("button", name="Save and continue editing").click()
    page.get_by_role("link", name=re.compile("Schedule or send")).click()
    page.get_by_label("Now").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Send “For the golden” to 3 people now?")).to_be_visible()
    album.take(page, "audience-confirm")
    page.get_by_role("button", name="Send to 3 people").click()
    page.wait_for_url("**/progress*")
    expect(page.get_by_text("3 planned = 3 sent")).to_be_visible(timeout=PATIENCE_MS)


def undo(page: Page, album: Album) -> None:
    page.goto("/admin/subscribers/import/")
    album.take(page, "audience-imports")
    page.get_by_role("link", name="readers.xlsx").click()
    page.get_by_role("link", name="Undo this import").click()
    expect(page.get_by_text("person whom the import has added is removed")).to_be_visible()
    expect(page.get_by_text("They were sent a campaign since.")).to_be_visible()
    album.take(page, "audience-undo")
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_text("The import was undone")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("row").filter(has_text="chloe@example.org")).to_contain_text("They were sent a campaign")
    album.take(page, "audience-undone")


def look_in_other_ways(page: Page, album: Album) -> None:
    """In the dark, and from right to left."""
    number = Import.objects.earliest("pk").pk
    pages = {"report": f"{number}/change/", "upload": "add/", "list": ""}
    page.emulate_media(color_scheme="dark")
    for name, path in pages.items():
        page.goto(f"/admin/subscribers/import/{path}")
        album.take(page, f"audience-{name}-dark")
    page.emulate_media(color_scheme="light")
    page.context.add_cookies([{"name": "django_language", "value": "ar", "url": page.url}])
    for name, path in pages.items():
        page.goto(f"/admin/subscribers/import/{path}")
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        album.take(page, f"audience-{name}-arabic")
