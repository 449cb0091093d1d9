"""What staff and a reader do, from an empty site to somebody leaving, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from campaigns.models import Delivery, Event, Sender
from subscribers.models import MailingList, Subscription

from .conftest import Album, Site

pytestmark = pytest.mark.browser
PATIENCE_MS = 45_000

PEOPLE = [
    ("E-Mail", "First name", "Language"),
    ("ann@example.org", "Ann", "en"),
    ("bob@example.org", "Bob", "en"),
    ("dilnoza@example.org", "Dilnoza", "de"),
    ("jörg at example.org", "Jörg", "de"),
    ("ann@example.org", "Ann again", "en"),
]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    return saved(PEOPLE, tmp_path / "readers.xlsx")


def saved(rows: Iterable[Sequence[str]], path: Path) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_from_a_workbook_to_a_reader_who_leaves(page: Page, site: Site, album: Album, workbook: Path) -> None:
    MailingList.objects.create(name="The River Letter", label="river")
    Sender.objects.create(name="Harbour Press", email="letter@example.org", postal_address="1 Quay\nPorto")
    page.set_default_timeout(10_000)

    log_in(page, site, album)
    import_people(page, album, workbook)
    write_campaign(page, album)
    preview_and_try(page, album)
    schedule(page, album)
    watch_it_finish(page, album)
    unsubscribe_from(page, album)
    see_it_in_the_log(page, album)

    assert Delivery.objects.filter(status="sent").count() == 3
    assert Subscription.objects.get(subscriber__email="bob@example.org").status == "ended"
    assert Event.objects.get().delivery.email == "bob@example.org"


def log_in(page: Page, site: Site, album: Album) -> None:
    page.goto("/admin/")
    album.take(page, "log-in")
    page.get_by_label("Username").fill(site.user)
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_title(re.compile("Dashboard"))
    album.take(page, "first-use")


def import_people(page: Page, album: Album, workbook: Path) -> None:
    page.goto("/admin/subscribers/import/add/")
    album.take(page, "import-upload")
    page.get_by_label("Spreadsheet").set_input_files(workbook)
    page.get_by_label("The River Letter").check()
    page.get_by_label("Where does their consent come from?").fill("Signed up at the book fair.")
    page.get_by_role("button", name="Look at the columns").click()
    album.take(page, "import-columns")
    page.get_by_role("button", name="Start the dry run").click()
    expect(page.get_by_text("3 people are ready to be imported")).to_be_visible(timeout=PATIENCE_MS)
    album.take(page, "import-dry-run")
    page.get_by_role("button", name=re.compile("Import 3 people")).click()
    expect(page.get_by_text("3 people were imported")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("row").filter(has_text="jörg at example.org")).to_be_visible()
    album.take(page, "import-report")


def write_campaign(page: Page, album: Album) -> None:
    page.goto("/admin/campaigns/campaign/add/")
    page.get_by_label(re.compile("^name", re.I)).fill("High water")
    page.get_by_label("Layout").select_option(label="Bulletin")
    page.get_by_label("Sender").select_option(index=1)
    page.locator("#id_mailing_lists").get_by_label(re.compile("The River Letter")).check()
    page.get_by_role("button", name="Save and continue editing").click()
    write(
        page,
        "en",
        "High water, {{ first_name }}",
        '<p>Hello {{ first_name|default:"friend" }},</p><p>The tide is in.</p>',
    )
    write(page, "de", "Hochwasser, {{ first_name }}", "<p>Hallo {{ first_name }},</p><p>die Flut ist da.</p>")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    album.take(page, "campaign")


def write(page: Page, language: str, subject: str, body: str) -> None:
    """Open the tab of the language, adding it if need be, and type into TinyMCE."""
    tab = page.get_by_role("tab", name=re.compile(rf"\b{language}$"))
    if not tab.count():
        page.get_by_label("Add a language").fill(language)
        page.get_by_role("button", name="Add", exact=True).click()
    tab.click()
    section = page.get_by_role("tabpanel", name=re.compile(rf"\b{language}$"))
    section.get_by_label("Subject").fill(subject)
    section.locator("iframe").wait_for()
    area = section.locator("textarea[name$=body_html]").get_attribute("id")
    page.wait_for_function("id => window.tinymce?.get(id)?.initialized", arg=area)
    page.evaluate("([id, body]) => { tinymce.get(id).setContent(body); tinymce.get(id).save(); }", [area, body])


def preview_and_try(page: Page, album: Album) -> None:
    page.get_by_role("link", name="Preview").first.click()
    frame = page.frame_locator("iframe").first
    expect(frame.get_by_text("The tide is in.")).to_be_visible()
    album.take(page, "preview")
    page.go_back()
    page.get_by_role("link", name="Send a test").click()
    page.get_by_label(re.compile("Address")).fill("ann@example.org")
    album.take(page, "test-mail")
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_text("accepted").first).to_be_visible()


def schedule(page: Page, album: Album) -> None:
    page.get_by_role("link", name="Back to “High water”").click()
    page.get_by_role("link", name=re.compile("Schedule or send")).click()
    album.take(page, "schedule")
    page.get_by_label("Now").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Send “High water” to 3 people now?")).to_be_visible()
    album.take(page, "confirm")
    page.get_by_role("button", name="Send to 3 people").click()


def watch_it_finish(page: Page, album: Album) -> None:
    page.wait_for_url("**/progress*")
    expect(page.get_by_text("3 planned = 3 sent")).to_be_visible(timeout=PATIENCE_MS)
    album.take(page, "finished")
    page.goto("/admin/")
    album.take(page, "dashboard")
    page.goto("/admin/campaigns/campaign/")
    album.take(page, "campaigns")


def unsubscribe_from(page: Page, album: Album) -> None:
    page.goto("/admin/mailbox/?q=bob")
    page.get_by_role("link", name=re.compile("High water, Bob")).click()
    mail = page.frame_locator("iframe")
    expect(mail.get_by_text("Hello Bob,", exact=True)).to_be_visible()
    album.take(page, "mailbox")
    with page.expect_popup() as opened:
        mail.get_by_role("link", name="Unsubscribe").click()
    goodbye = opened.value
    album.take(goodbye, "unsubscribe")
    goodbye.get_by_role("button", name="Unsubscribe").click()
    expect(goodbye.get_by_role("heading", level=1)).to_contain_text("unsubscribed")
    album.take(goodbye, "unsubscribed")
    goodbye.close()


def see_it_in_the_log(page: Page, album: Album) -> None:
    page.goto("/admin/campaigns/campaign/")
    page.get_by_role("link", name="High water").click()
    page.get_by_role("region", name="Sending").get_by_role("link", name="Send log").click()
    page.get_by_role("link", name="bob@example.org").click()
    expect(page.get_by_text("unsubscribed").first).to_be_visible()
    album.take(page, "delivery")
