"""Staff see what readers will see while they choose."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from subscribers.models import Brand

from .conftest import WIDTHS, Album

pytestmark = pytest.mark.browser


@pytest.fixture
def staff(browser: Browser, live_server: Any, client: Any) -> Any:
    client.force_login(User.objects.create_superuser("ann"))
    context = browser.new_context(base_url=live_server.url, viewport={"width": WIDTHS["desktop"], "height": 900})
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    yield context.new_page()
    context.close()


def test_a_brand_is_seen_while_it_is_chosen(staff: Page, album: Album) -> None:
    staff.goto("/admin/subscribers/brand/add/")
    seen = staff.frame_locator("iframe")
    expect(seen.get_by_role("button", name="Save")).to_have_css("background-color", "rgb(10, 107, 75)")

    staff.get_by_label("name", exact=False).first.fill("The River Letter")
    staff.locator("#id_accent").fill("#ffcc00")

    expect(seen.get_by_text("The River Letter")).to_be_visible()
    expect(seen.get_by_role("button", name="Save")).to_have_css("background-color", "rgb(255, 204, 0)")
    expect(staff.locator("[data-notes]")).to_contain_text("Links have #8")
    album.take(staff, "brand-light")

    staff.get_by_label("Dark").check()
    expect(seen.locator("body")).to_have_css("background-color", "rgb(23, 21, 16)")
    album.take(staff, "brand-dark")
    staff.get_by_label("Dark").uncheck()
    staff.locator("#id_paper").fill("#0a1a4b")
    expect(staff.locator("[data-notes]")).to_contain_text("Words cannot be read on #0a1a4b")
    staff.locator("#id_paper").fill("#eef4ff")
    staff.get_by_role("button", name="Save", exact=True).click()
    staff.wait_for_url("**/brand/")
    album.take(staff, "brand-list")

    brand = Brand.objects.get()
    assert (brand.name, brand.accent, brand.paper) == ("The River Letter", "#ffcc00", "#eef4ff")
