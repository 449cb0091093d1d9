"""What a reader does, from signing up to being erased, in German and from right to left; and what the report says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from time import monotonic, sleep

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from campaigns.models import Campaign, Content, Delivery, Event, Layout, Sender
from campaigns.rehearsal.mailbox import Mailbox
from subscribers.models import LeavingReason, MailingList, SignUpForm, Subscriber, Subscription, Suppression
from tests.campaigns.delivery import scene

from .conftest import Album, Site

pytestmark = pytest.mark.browser
PATIENCE_SECONDS = 45
READER = "dilnoza@example.org"
# Of somebody who reads, which a headless browser does not say of itself.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ELSEWHERE = "https://example.org/tide"
DIRECTIONS = {"de": "ltr", "ar": "rtl", "en": "ltr"}
BODIES = {
    "en": f'<p>Hello, <a href="{ELSEWHERE}">the tide is in</a>.</p>',
    "de": f'<p>Hallo, <a href="{ELSEWHERE}">die Flut ist da</a>.</p>',
    "ar": f'<p>مرحبًا، <a href="{ELSEWHERE}">لقد حل المد</a>.</p>',
}


@pytest.fixture
def river() -> MailingList:
    names = {"de": "Der Flussbrief", "ar": "رسالة النهر"}
    river = MailingList.objects.create(name="The River Letter", names=names, label="river", tracking="person")
    form = SignUpForm.objects.create(slug="river", name="River", titles={"": "The River Letter"})
    form.mailing_lists.add(river)
    # Other tests may have emptied the table that a migration filled.
    LeavingReason.objects.all().delete()
    LeavingReason.objects.create(
        words="I get too many mails", translations={"de": "Zu viele Mails", "ar": "رسائل كثيرة"}
    )
    Sender.objects.create(name="Harbour Press", email="letter@example.org", postal_address="1 Quay\nPorto")
    return river


@pytest.fixture
def reader(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[Page]:
    """Their browser, which knows no page but ours and one on another site."""
    context = browser.new_context(base_url=site.address, locale=request.param, user_agent=BROWSER)
    context.route(re.compile(r"^(?!http://127\.0\.0\.1)"), foreign)
    tab = context.new_page()
    tab.set_default_timeout(10_000)
    yield tab
    context.close()


def foreign(route: Route) -> None:
    """Nothing leaves the machine."""
    if route.request.url == ELSEWHERE:
        route.fulfill(body="The tide is in.")
    else:
        route.abort()


@pytest.mark.parametrize(("reader", "language", "other"), [("de", "de", "ar"), ("ar", "ar", "de")], indirect=["reader"])
def test_a_reader_comes_reads_changes_leaves_and_is_forgotten(
    reader: Page, page: Page, site: Site, river: MailingList, album: Album, tmp_path: Path, language: str, other: str
) -> None:
    inbox = Inbox(tmp_path / "mailbox")
    album = Pictures(album, reader, language)

    sign_up(album, language)
    confirm(album, inbox, language)
    let_them_count(album)
    first = send(river, "High water")
    mail = inbox.newest("High water")
    read_and_click(album, mail, language)
    see_on_the_web(album, mail, language)
    choose_language(album, mail, other)
    second = send(river, "Low water")
    assert language_of(inbox.newest("Low water")) == other
    pause(album, inbox.newest("Low water"))
    third = send(river, "No water")
    assert Delivery.objects.get(campaign=third).reason == Delivery.Skip.PAUSED
    go_on(album, inbox.newest("Low water"))
    leave_and_come_back(album, inbox.newest("Low water"))
    erase(album, inbox.newest("Low water"))

    assert not Subscriber.objects.exists()
    assert Suppression.objects.get().reason == Suppression.Reason.ERASED
    see_reports(page, site, first, second, third)


class Pictures:
    def __init__(self, album: Album, page: Page, language: str) -> None:
        self.album, self.page, self.language = album, page, language

    def take(self, name: str) -> None:
        self.album.take(self.page, f"reader-{self.language}-{name}")


class Inbox:
    def __init__(self, folder: Path) -> None:
        self.mailbox = Mailbox(folder)

    def newest(self, subject: str = "") -> EmailMessage:
        """To the reader, as soon as it is there."""
        return until(lambda: self._newest(subject))

    def _newest(self, subject: str) -> EmailMessage | None:
        found = [entry for entry in self.mailbox.entries() if READER in entry.rcpt_tos and subject in entry.subject]
        content = self.mailbox.content(found[-1].number) if found else None
        return BytesParser(policy=policy.default).parsebytes(content) if content else None


def until(ask: Callable[[], object | None]) -> object:
    end = monotonic() + PATIENCE_SECONDS
    while (found := ask()) is None:
        assert monotonic() < end
        sleep(0.2)
    return found


def html_of(mail: EmailMessage) -> str:
    return str(mail.get_body(("html",)).get_content())


def link_in(mail: EmailMessage, path: str) -> str:
    return re.search(rf'"(http://127\.0\.0\.1:\d+/{path}/[^"]+)"', html_of(mail))[1]


def language_of(mail: EmailMessage) -> str:
    return re.search(r'<html[^>]* lang="([a-z]+)"', html_of(mail))[1]


def send(river: MailingList, name: str) -> Campaign:
    """In all three languages; the cluster does the rest."""
    campaign = Campaign.objects.create(
        name=name, layout=Layout.objects.get(label="bulletin"), sender=Sender.objects.get()
    )
    campaign.mailing_lists.add(river)
    for language, body in BODIES.items():
        Content.objects.create(campaign=campaign, language=language, subject=f"{name} ({language})", body_html=body)
    assert campaign.schedule(timezone.now())
    until(lambda: Campaign.objects.filter(pk=campaign.pk, status=Campaign.Status.SENT).first())
    scene.let_mails_grow_old(campaign)
    return campaign


def sign_up(album: Pictures, language: str) -> None:
    page = album.page
    page.goto("/s/river")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_attribute("dir", DIRECTIONS[language])
    album.take("sign-up")
    page.locator("[name=email]").fill(READER)
    # Nobody types an address within a moment.
    page.wait_for_timeout(2_500)
    page.locator("main button.primary").click()
    expect(page.locator("[role=status] h1")).to_be_visible()
    album.take("asked")
    assert not Subscriber.objects.exists()


def confirm(album: Pictures, inbox: Inbox, language: str) -> None:
    page, mail = album.page, inbox.newest()
    assert language_of(mail) == language
    page.goto(link_in(mail, "confirm"))
    album.take("confirm")
    assert not Subscriber.objects.exists()
    page.locator("button[value=confirm]").click()
    expect(page.locator("[role=status]")).to_be_visible()
    album.take("confirmed")
    assert Subscription.objects.get(subscriber__email=READER).status == Subscription.Status.ACTIVE


def let_them_count(album: Pictures) -> None:
    page = album.page
    page.locator("main a[href*='/me/']").click()
    page.locator("input[name=may_track][value=True]").check()
    save(album, "counted")
    assert Subscriber.objects.get().may_track


def read_and_click(album: Pictures, mail: EmailMessage, language: str) -> None:
    page = album.page
    assert language_of(mail) == language
    page.set_content(html_of(mail))
    page.locator("a[href*='/c/']").click()
    expect(page).to_have_url(ELSEWHERE)
    kinds = until(lambda: seen if len(seen := {*Event.objects.values_list("kind", "is_suspect")}) == 2 else None)
    assert kinds == {("opened", False), ("clicked", False)}


def see_on_the_web(album: Pictures, mail: EmailMessage, language: str) -> None:
    page = album.page
    page.goto(link_in(mail, "v"))
    expect(page.get_by_role("link", name=re.compile("Flut|المد"))).to_have_attribute("href", ELSEWHERE)
    album.take("web-version")


def choose_language(album: Pictures, mail: EmailMessage, language: str) -> None:
    page = album.page
    page.goto(link_in(mail, "p"))
    page.locator("select[name=language]").select_option(language)
    save(album, "other-language")
    expect(page.locator("html")).to_have_attribute("lang", language)


def save(album: Pictures, name: str) -> None:
    album.page.locator("button[value=save]").click()
    expect(album.page.locator(".notice[role=status] li")).to_have_count(1)
    album.take(name)


def pause(album: Pictures, mail: EmailMessage) -> None:
    page = album.page
    page.goto(link_in(mail, "p"))
    page.locator("button[name=months][value='3']").click()
    expect(page.locator(".notice[role=status]")).to_be_visible()
    album.take("paused")


def go_on(album: Pictures, mail: EmailMessage) -> None:
    page = album.page
    page.goto(link_in(mail, "p"))
    page.locator("button[value=go-on]").click()
    expect(page.locator(".notice[role=status]")).to_be_visible()
    assert not Suppression.objects.exists()


def leave_and_come_back(album: Pictures, mail: EmailMessage) -> None:
    page = album.page
    page.goto(link_in(mail, "u"))
    album.take("leave")
    page.locator("button[value=leave]").click()
    expect(page.locator("[role=status]")).to_be_visible()
    album.take("left")
    page.locator("input[name=reason]").first.check()
    page.locator("button[value=reason]").click()
    expect(page.locator(".notice[role=status]")).to_be_visible()
    assert Event.objects.get(kind="unsubscribed").reason.words == "I get too many mails"
    page.locator("button[value=return]").click()
    expect(page.locator("[role=status]")).to_be_visible()
    assert Subscription.objects.get().status == Subscription.Status.ACTIVE


def erase(album: Pictures, mail: EmailMessage) -> None:
    page = album.page
    page.goto(link_in(mail, "p"))
    page.locator("main a[href*='/erase']").click()
    album.take("erase")
    page.locator("button[value=erase]").click()
    expect(page.locator("[role=status]")).to_be_visible()
    album.take("erased")


def see_reports(page: Page, site: Site, first: Campaign, second: Campaign, third: Campaign) -> None:
    """As staff: each step stands where it belongs, though nobody knows any more whose it was."""
    page.goto(f"/admin/login/?next=/admin/campaigns/campaign/{first.pk}/report")
    page.get_by_label("Username").fill(site.user)
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator(".report-tiles").first).to_be_visible()
    assert tiles(page) >= {("Sent", "1"), ("Opened", "1"), ("Clicked", "1")}
    expect(page.locator(".report-check").first).to_be_visible()
    expect(page.locator(".report-check.is-off")).to_have_count(0)
    page.goto(f"/admin/campaigns/campaign/{second.pk}/report")
    expect(page.get_by_text("I get too many mails")).to_be_visible()
    page.goto(f"/admin/campaigns/campaign/{third.pk}/report")
    expect(page.get_by_text("paused by the reader")).to_be_visible()


def tiles(page: Page) -> set[tuple[str, str]]:
    """What stands large, with its label."""
    found = page.locator(".report-tiles > div").all()
    return {(one.locator("dt").inner_text(), one.locator("b").first.inner_text()) for one in found}
