"""Whatever people and files are called, every page shows it as text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.db.models import Model
from django.urls import Resolver404, resolve, reverse
from playwright.sync_api import Error, Page

from campaigns.models import Campaign, Delivery, Sender
from subscribers import signing
from subscribers.models import (
    Attribute,
    BulkChange,
    ConsentRecord,
    Export,
    Import,
    MailingList,
    Segment,
    Subscriber,
    Suppression,
    Tag,
)
from tests import naughty

from .conftest import WIDTHS, Album, Site
from .test_journey import log_in

pytestmark = pytest.mark.browser

# Of each kind of page, plain and with each parameter.
VISITS = 1
# Those by which Django remembers where somebody comes from, or in which order rows are.
NO_CONTENT = re.compile(r"_\w+|o")
NOT_LINKS = re.compile(r"/logout|/password_change|\.(ico|svg|css|js)$|^mailto:")
# Where all the names stand on one page.
NAMED = {
    "/admin/subscribers/tag/": 60,
    "/admin/subscribers/mailinglist/": 120,
    "/admin/subscribers/segment/": 120,
    "/admin/subscribers/export/": 250,
    "/admin/subscribers/import/": 250,
    "/admin/subscribers/subscriber/": 120,
}
# Of each, the page of the first, whose name is the worst, and of the one with the longest word.
MODELS: list[type[Model]] = [
    Subscriber, MailingList, Tag, Segment, Attribute, Suppression, ConsentRecord, BulkChange, Export, Import,
    Campaign, Sender,
]  # fmt: skip
BROKEN = "document.querySelector('naughty, img[src=x], marquee') !== null || window.naughtyCalls > 0"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Crawl:
    """Follows every link, and remembers whatever a page takes for more than text."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self.seen: set[str] = set()
        self.visits: Counter[tuple[str, ...]] = Counter()
        # Where a name that is too long is most likely to be in the way.
        page.set_viewport_size({"width": WIDTHS["phone"], "height": 900})
        page.add_init_script("window.naughtyCalls = 0; window.naughty = () => { window.naughtyCalls += 1; }")
        page.on("dialog", self._dialog)
        page.on("console", lambda said: self._refused(said.text))

    def _dialog(self, dialog: object) -> None:
        self.faults.append(f"{self.page.url}: a dialog")
        dialog.dismiss()

    def _refused(self, words: str) -> None:
        if "Content Security Policy" in words:
            self.faults.append(f"{self.page.url}: {words[:200]}")

    def follow(self, *starts: str) -> None:
        waiting = list(starts)
        while waiting:
            path = waiting.pop(0)
            if path not in self.seen and self._is_new(path):
                self.seen.add(path)
                waiting += self.visit(path)

    def visit(self, path: str) -> list[str]:
        try:
            answer = self.page.goto(path, wait_until="load")
        except Error as error:
            if "Download is starting" in str(error):
                return []
            raise
        if answer is None or answer.status >= 400:
            self.faults.append(f"{path}: {answer and answer.status}")
            return []
        if self.page.evaluate(BROKEN):
            self.faults.append(f"{path}: a text became an element")
        if (too_wide := self.page.evaluate(TOO_WIDE)) > 0:
            self.faults.append(f"{path}: {too_wide} pixels too wide")
        return list(self._links())

    def _links(self) -> Iterator[str]:
        for link in self.page.evaluate("[...document.querySelectorAll('a[href]')].map(link => link.href)"):
            parts = urlsplit(link)
            if parts.netloc == urlsplit(self.page.url).netloc and not NOT_LINKS.search(parts.path):
                query = [(name, value) for name, value in parse_qsl(parts.query) if not NO_CONTENT.fullmatch(name)]
                yield parts.path + (f"?{urlencode(query)}" if query else "")

    def _is_new(self, path: str) -> bool:
        parts = urlsplit(path)
        try:
            kind = (resolve(parts.path).view_name, *sorted(name for name, _value in parse_qsl(parts.query))[:1])
        except Resolver404:
            return False
        self.visits[kind] += 1
        return self.visits[kind] <= VISITS


def collapsed(text: str) -> str:
    return " ".join(text.split())


def pages_of(text: str) -> Iterator[str]:
    at = naughty.STRINGS.index(text)
    for model in MODELS:
        page = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        for found in model._base_manager.order_by("pk")[at : at + 1]:
            yield reverse(page, args=[found.pk])


def test_naughty_strings_are_text_on_every_page(page: Page, site: Site, album: Album) -> None:
    naughty.fill(naughty.STRINGS)
    page.set_default_timeout(30_000)
    log_in(page, site, album)
    crawl = Crawl(page)

    crawl.follow(*pages_of(naughty.STRINGS[0]), "/admin/", *NAMED)
    for path in pages_of(naughty.LONG_WORD):
        crawl.visit(path)
    for path, longest in NAMED.items():
        page.goto(path)
        shown = collapsed(page.locator("body").inner_text())
        for text in naughty.STRINGS:
            if collapsed(text[:longest]) not in shown:
                crawl.faults.append(f"{path} does not show {text!r}")

    assert not crawl.faults, "\n".join(crawl.faults)
    assert len(crawl.seen) > 60


def test_naughty_strings_are_text_for_readers(page: Page, site: Site) -> None:
    naughty.fill(naughty.STRINGS[:10])
    mail = Delivery.objects.create(subscriber_id=naughty.reader().pk, email="person0@example.org", status="sent")
    crawl = Crawl(page)

    for purpose, name in ((signing.Purpose.UNSUBSCRIBE, "u"), (signing.Purpose.PREFERENCES, "p")):
        crawl.visit(f"/{name}/{signing.sign(purpose, mail.pk)}")

    shown = collapsed(page.locator("body").inner_text())
    assert crawl.faults == []
    assert [name for name in MailingList.objects.values_list("name", flat=True) if collapsed(name) not in shown] == []
