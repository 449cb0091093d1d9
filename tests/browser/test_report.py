"""What readers do arrives in the report, which everybody can use, on a phone, on paper and without any script."""

from __future__ import annotations

import re
import time

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Page, expect

from campaigns.models import Campaign, Content
from subscribers.models import MailingList, Subscriber
from tests.campaigns.delivery import scene

from .conftest import Album, Site
from .test_journey import PATIENCE_MS, log_in
from .test_public_pages import AXE, CHECK

pytestmark = pytest.mark.browser

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BODY = '<p>Hello {{ first_name }}, <a href="https://example.org/boats">two boats</a> are in.</p>'
# Of the admin's own frame the theme decides.
OURS = {"include": [[".report"]], "iframes": False}


def test_what_readers_did_is_in_the_report(page: Page, site: Site, album: Album, browser: Browser) -> None:
    page.set_default_timeout(PATIENCE_MS)
    log_in(page, site, album)
    april, may = sent("April"), sent("High water")
    page.goto(f"/admin/campaigns/campaign/{may.pk}/report")
    expect(page.get_by_text("Adds up: Planned 3 = 3 Sent 3 = 3")).to_be_visible()

    follow(page, "chloe@example.org", FIREFOX)
    follow(page, "ann@example.org", FIREFOX)
    follow(page, "bob@example.org", "SomeScanner/1.0 (link preview)")

    expect_to_read(
        page,
        may,
        re.compile(r"Clicked\s*1–2\s*33\.3–66\.7 % of delivered.*Times a link was followed\s*1", re.DOTALL),
    )
    is_for_everybody(page)
    album.take(page, "report")
    page.get_by_text("All numbers as a table").click()
    page.get_by_role("link", name="Show them in the mail").click()
    expect(page.frame_locator("iframe").get_by_text("1–2")).to_be_visible()
    is_for_everybody(page)
    album.take(page, "report-map")
    repair(page, may)
    album.take(page, "report-repair")
    compare(page, april, may)
    album.take(page, "report-compared")
    without_scripts(page, browser, site, may)


def repair(page: Page, campaign: Campaign) -> None:
    page.goto(f"/admin/campaigns/campaign/{campaign.pk}/report")
    page.get_by_role("link", name="Let them lead elsewhere").click()
    page.get_by_label("https://example.org/boats").fill("nonsense:x")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Enter a valid URL.")).to_be_visible()
    is_for_everybody(page)
    page.get_by_label("https://example.org/boats").fill("https://example.org/three-boats")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 link leads elsewhere")).to_be_visible()
    is_for_everybody(page)


def sent(name: str) -> Campaign:
    """To Ann, who agreed to be counted, Bob, who did too, and Chloe, whom nobody asked; by the cluster."""
    # The cluster sees it when it is complete.
    with transaction.atomic():
        made = scene.campaign("Ann", "Bob", "Chloe") if name == "April" else again()
        MailingList.objects.update(tracking="person")
        Subscriber.objects.filter(first_name__in=["Ann", "Bob"]).update(may_track=True)
        Content.objects.filter(campaign=made).update(body_html=BODY, subject=f"{name}, {{{{ first_name }}}}")
        Campaign.objects.filter(pk=made.pk).update(name=name)
    wait_for(made)
    return made


def again() -> Campaign:
    """To the same people."""
    made = scene.campaign()
    for person in Subscriber.objects.all():
        scene.subscribe(person, made.mailing_lists.get())
    return made


def wait_for(campaign: Campaign) -> None:
    for _time in range(PATIENCE_MS // 100):
        campaign.refresh_from_db()
        if campaign.status == Campaign.Status.SENT:
            scene.let_mails_grow_old(campaign)
            return
        time.sleep(0.1)
    raise AssertionError(campaign.status)


def follow(page: Page, address: str, agent: str) -> None:
    """The link of the newest mail to them, as their program does."""
    page.goto(f"/admin/mailbox/?q={address}")
    page.get_by_role("link", name=re.compile("High water")).click()
    href = page.frame_locator("iframe").get_by_role("link", name="two boats").get_attribute("href")
    assert href
    answer = page.context.request.get(href, max_redirects=0, headers={"User-Agent": agent})
    assert (answer.status, answer.headers["location"]) == (302, "https://example.org/boats")


def expect_to_read(page: Page, campaign: Campaign, words: re.Pattern[str]) -> None:
    """Clicks are written down a moment later."""
    for _time in range(20):
        page.goto(f"/admin/campaigns/campaign/{campaign.pk}/report")
        if words.search(page.locator(".report").inner_text()):
            return
        page.wait_for_timeout(250)
    expect(page.locator(".report")).to_have_text(words)


def is_for_everybody(page: Page) -> None:
    page.evaluate(AXE)
    assert page.evaluate(CHECK.replace("axe.run(options)", "axe.run(options.where, {})"), {"where": OURS}) == []


def compare(page: Page, *campaigns: Campaign) -> None:
    page.goto("/admin/campaigns/campaign/")
    for campaign in campaigns:
        page.get_by_label(f"Compare “{campaign.name}”").check()
    page.get_by_role("button", name="Compare the ticked ones").press("Enter")
    expect(page.get_by_role("row", name=re.compile("^Clicked"))).to_contain_text("33.3–66.7 %")
    is_for_everybody(page)


def without_scripts(page: Page, browser: Browser, site: Site, campaign: Campaign) -> None:
    """And by keyboard: the numbers behind the charts open."""
    context = browser.new_context(
        base_url=site.address, java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(f"/admin/campaigns/campaign/{campaign.pk}/report")
    plain.locator("summary").first.press("Enter")
    expect(plain.locator("details table").first).to_be_visible()
    expect(plain.get_by_role("img", name=re.compile("^Links clicked: the most, 1–2"))).to_be_visible()
    context.close()
