"""Signing up where only a real browser tells whether it works: with proof of work, and from another site."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from subscribers.consent import snippet, time_trap
from subscribers.consent.sign_up_page import Page as SignUpPage
from subscribers.models import MailingList, SignUp, SignUpForm

pytestmark = pytest.mark.browser
SHOP = "http://127.0.0.1:8999/contact"


@pytest.fixture
def page(browser: Browser, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    # Playwright types quicker than people.
    monkeypatch.setattr(time_trap, "SOONEST", timedelta(0))
    context = browser.new_context(locale="en")
    yield context.new_page()
    context.close()


def form(*, needs_proof_of_work: bool) -> SignUpForm:
    made = SignUpForm.objects.create(slug="news", name="News")
    news = MailingList.objects.create(name="News", label="news", needs_proof_of_work=needs_proof_of_work)
    made.mailing_lists.add(news)
    return made


def send(page: Page) -> None:
    page.get_by_label("Your address").fill("ann@example.org")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign up").click()


def test_the_browser_proves_its_work_by_itself(page: Page, live_server: Any) -> None:
    form(needs_proof_of_work=True)
    page.goto(f"{live_server.url}/s/news")

    send(page)

    assert page.get_by_role("heading").inner_text() == "One more step"
    assert SignUp.objects.get().email == "ann@example.org"


@pytest.mark.parametrize("needs_proof_of_work", [False, True])
def test_a_form_that_was_copied_to_another_site_signs_people_up(
    page: Page, live_server: Any, settings: Any, needs_proof_of_work: bool
) -> None:
    settings.BASE_URL = live_server.url
    copied = snippet.snippet(SignUpPage.of(form(needs_proof_of_work=needs_proof_of_work)), "de")
    shown = f"<!doctype html><title>Shop</title>{copied}"
    page.route(SHOP, lambda route: route.fulfill(body=shown, content_type="text/html; charset=utf-8"))
    # The shop and we would else be on the web.
    page.context.grant_permissions(["local-network-access"], origin=SHOP)
    page.goto(SHOP)
    box = page.locator("[name=website]").bounding_box()
    assert box
    assert box["x"] + box["width"] < 0

    page.locator("[name=email]").fill("ann@example.org")
    with page.expect_navigation():
        page.locator("button").click()

    assert page.locator("html").get_attribute("lang") == "de"
    kept = SignUp.objects.get()
    assert (kept.email, kept.language, kept.referrer) == ("ann@example.org", "de", "127.0.0.1/")
    assert page.context.cookies() == []
