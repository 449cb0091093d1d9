"""Asking for an export, waiting for it and fetching it, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from subscribers.models import Attribute, Export, MailingList, Subscriber, Subscription

from .conftest import Album, Site
from .test_journey import PATIENCE_MS, log_in

pytestmark = pytest.mark.browser


def test_columns_are_put_in_order_by_keyboard_and_the_file_is_fetched(page: Page, site: Site, album: Album) -> None:
    Attribute.objects.create(name="company", label="Company")
    letter = MailingList.objects.create(name="The River Letter", label="river")
    for name in ("Ann", "Chloé"):
        person = Subscriber.objects.create(
            email=f"{name[0].lower()}@example.org", first_name=name, attributes={"company": "Quay"}
        )
        Subscription.objects.create(subscriber=person, mailing_list=letter, status="active")
    page.set_default_timeout(30_000)
    log_in(page, site, album)

    page.goto(f"/admin/subscribers/subscriber/?list={letter.pk}")
    page.get_by_role("link", name="Export everybody found").click()
    album.take(page, "export-columns")
    page.get_by_role("button", name="Move “First name” up").press("Enter")
    page.keyboard.press("Enter")
    for name in ("Last name", "Language", "Time zone", "Lists", "Tags"):
        page.get_by_role("button", name=f"Leave out “{name}”").click()
    page.get_by_label("Another column").select_option(label="The River Letter: status")
    page.locator("button[name=add]").click()
    page.get_by_label("text (.csv)").check()
    page.get_by_role("button", name="Write the file").click()
    page.get_by_role("button", name="Download").wait_for(timeout=PATIENCE_MS)
    album.take(page, "export-done")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()

    assert Path(download.value.path()).read_text("utf-8-sig").splitlines() == [
        "email,first_name,company,# The River Letter: status",
        "a@example.org,Ann,Quay,active",
        "c@example.org,Chloé,Quay,active",
    ]
    assert download.value.suggested_filename == Export.objects.get().name
    page.goto("/admin/subscribers/export/")
    expect(page.get_by_text("List “The River Letter”: active")).to_be_visible()
    album.take(page, "exports")
