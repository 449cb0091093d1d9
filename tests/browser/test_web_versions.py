"""Mails on the web in a real browser: nothing in them runs, and they look as they did in the preview."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from campaigns.composition import shipped
from campaigns.composition.compile import freeze
from campaigns.models import Campaign, Content, Delivery, Edition, Layout
from subscribers.models import MailingList
from subscribers.signing import Purpose, sign
from tests.campaigns.delivery import scene

pytestmark = pytest.mark.browser

BODY = """<h1>High tide</h1><p>The quay is <strong>wet</strong>, {{ first_name|default:"friend" }}.</p>
<ul><li>Boots</li><li><a href="https://example.com/">Ropes</a></li></ul>
<table><tr><th>Day</th><th>Height</th></tr><tr><td>Monday</td><td>3.1 m</td></tr></table>
<blockquote><p>Tide waits for nobody.</p></blockquote>
<p><a class="button" href="https://example.com/">All times</a></p>"""
# Each calls home in its own way.
HARM = """<html onclick="fetch('{home}/html')"><head><title>Hi</title>
<base href="{home}/base/"><meta http-equiv="refresh" content="0;url={home}/refresh">
<link rel="stylesheet" href="{home}/link.css"><link rel="prefetch" href="{home}/prefetch">
<script src="{home}/script.js"></script><script>fetch('{home}/inline'); document.title = 'ran'</script>
<style>@import url({home}/import.css); @font-face {{ font-family: X; src: url({home}/font) }} p {{ font-family: X }}
</style><script>location = '{home}/location'</script></style></head>
<body onload="fetch('{home}/onload'); document.title = 'ran'">
<p>Words</p><img src="x:" onerror="fetch('{home}/onerror')"><svg onload="fetch('{home}/svg')"></svg>
<iframe src="{home}/iframe" srcdoc="<script>parent.document.title = 'ran'</script>"></iframe>
<object data="{home}/object"></object><embed src="{home}/embed"><video src="{home}/video" autoplay></video>
<form action="{home}/form" id="f"><input name="a" autofocus onfocus="this.form.submit()"><button>Send</button></form>
<a id="js" href="javascript:fetch('{home}/js')">Script</a> <a id="rel" href="/admin/">Relative</a>
<p style="background: url(javascript:alert(1)); position: fixed; inset: 0">Over</p>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=fetch('{home}/mxss')&gt;"></math>
<noscript><p title="</noscript><img src=x onerror=fetch('{home}/noscript')>"></noscript>
<details open ontoggle="fetch('{home}/toggle')"><summary>Open</summary></details>
<template><script>fetch('{home}/template')</script></template></body></html>"""

PERSONAL = re.compile(r"{{ (unsubscribe|preferences|web_version)_url }}")
# The share of points whose colours differ visibly.
DIFFERENCE = """async pictures => {
  const [one, other] = await Promise.all(pictures.map(async picture => {
    const image = new Image();
    image.src = 'data:image/png;base64,' + picture;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
    canvas.drawImage(image, 0, 0);
    return canvas.getImageData(0, 0, image.width, image.height).data;
  }));
  const differing = one.filter((value, at) => Math.abs(value - other[at]) > 8);
  return one.length === other.length ? differing.length / one.length : 1;
}"""


@pytest.fixture
def home() -> Iterator[tuple[str, list[str]]]:
    """A server that remembers what it was asked for."""
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.fixture
def mail(transactional_db: None) -> Delivery:
    shipped.install(Layout.objects)
    campaign = scene.campaign()
    campaign.layout = Layout.objects.get(label="bulletin")
    Content.objects.update(body_html=BODY)
    campaign.save()
    freeze(campaign)
    sent_at = datetime(2026, 5, 4, 9, tzinfo=UTC)
    Campaign.objects.update(status="sent", planned=1, finished_at=sent_at)
    MailingList.objects.update(has_archive=True)
    ann = scene.person("Ann", campaign.mailing_lists.get())
    return Delivery.objects.create(
        campaign=campaign,
        subscriber=ann,
        edition=campaign.editions.get(),
        email=ann.email,
        status="sent",
        message_id="1@example.org",
    )


def web_version(mail: Delivery) -> str:
    return reverse("web_version", args=[sign(Purpose.WEB_VIEW, mail.pk)])


def archived(mail: Delivery) -> str:
    return reverse("archive_mail", args=[mail.campaign.mailing_lists.get().label, mail.campaign_id, "en"])


@pytest.fixture
def tab(browser: Browser, live_server: Any) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1000, "height": 800})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("address", [web_version, archived])
def test_nothing_in_a_mail_runs(tab: Page, mail: Delivery, home: tuple[str, list[str]], address: Any) -> None:
    server, asked = home
    Edition.objects.update(html=HARM.format(home=server))

    tab.goto(address(mail))
    for name in ("Script", "Relative"):
        tab.get_by_text(name, exact=True).click(timeout=2000)
    tab.mouse.click(500, 400)
    tab.wait_for_timeout(1000)

    assert asked == []
    assert tab.title() == "May (en)"
    assert tab.url.endswith(address(mail))
    assert tab.locator("form, input, iframe, script, base, link[rel=stylesheet], object, embed, video").count() == 0
    assert tab.get_by_text("Over").evaluate("element => getComputedStyle(element).position") == "static"


@pytest.mark.parametrize("address", [web_version, archived])
def test_the_policy_alone_would_be_enough(tab: Page, mail: Delivery, home: tuple[str, list[str]], address: Any) -> None:
    """As if everything that a mail must not hold had been left in its page."""
    server, asked = home

    leave_in(tab, address(mail), HARM.format(home=server))
    tab.goto(address(mail))
    tab.wait_for_timeout(1000)

    assert tab.locator("#js").count() == 1
    assert asked == []
    assert tab.title() == "May (en)"


@pytest.mark.parametrize("address", [web_version, archived])
def test_without_the_policy_it_would_call_home(
    tab: Page, mail: Delivery, home: tuple[str, list[str]], address: Any
) -> None:
    """Or the test above would prove nothing."""
    server, asked = home
    leave_in(tab, address(mail), HARM.format(home=server), without="content-security-policy")

    tab.goto(address(mail), wait_until="commit")
    tab.wait_for_timeout(1000)

    assert asked


def leave_in(tab: Page, address: str, html: str, without: str = "") -> None:
    """In the middle of the page, on its way from the server."""

    def pass_on(route: Any) -> None:
        answer = route.fetch()
        before, end, after = answer.text().rpartition("</main>")
        assert end
        headers = {name: value for name, value in answer.headers.items() if name.lower() != without}
        route.fulfill(response=answer, headers=headers, body=before + html + end + after)

    tab.route(f"**{address}", pass_on)


@pytest.mark.parametrize("style", ["margin-top: -300px", "margin-top: -300px; opacity: 0.99", "margin: -20em 0"])
def test_a_mail_lies_over_nothing_that_stands_above_it(tab: Page, mail: Delivery, style: str) -> None:
    Edition.objects.update(html=f'<div style="{style}; height: 900px; background: #fff"><p>Words</p></div>')

    tab.goto(archived(mail))

    assert tab.get_by_text("Words").bounding_box()["y"] < 0
    link = tab.get_by_text("News", exact=True)
    link.click(timeout=2000)
    expect(tab).to_have_title("News")


def test_its_links_lead_on(tab: Page, mail: Delivery, home: tuple[str, list[str]]) -> None:
    server, asked = home
    Edition.objects.update(html=f'<p><a href="{server}/ropes">Ropes</a></p>')

    tab.goto(archived(mail))
    tab.get_by_text("News", exact=True).click()
    expect(tab).to_have_title("News")
    tab.get_by_text("May (en)").click()
    tab.get_by_text("Ropes").click()

    expect(tab).to_have_url(f"{server}/ropes")
    assert "/ropes" in asked


def test_a_mail_looks_as_in_the_preview(tab: Page, mail: Delivery, live_server: Any) -> None:
    # Personal links are what differs on purpose.
    Edition.objects.update(html=PERSONAL.sub("https://example.com/", mail.edition.html))
    chief = Client()
    chief.force_login(get_user_model().objects.create_superuser("chief"))
    session = {"name": "sessionid", "value": chief.cookies["sessionid"].value, "url": live_server.url}
    tab.context.add_cookies([session])
    frame = reverse("admin:campaigns_delivery_frame", args=[mail.pk])

    for scheme in ("light", "dark"):
        for width in (1000, 390):
            tab.set_viewport_size({"width": width, "height": 900})
            tab.emulate_media(color_scheme=scheme)
            pictures = [picture_of(tab, address, f"{scheme}-{width}") for address in (frame, web_version(mail))]
            tab.goto("about:blank")
            assert tab.evaluate(DIFFERENCE, pictures) < 0.001, (scheme, width)


def picture_of(tab: Page, address: str, name: str) -> str:
    tab.goto(address)
    content = tab.screenshot()
    if folder := os.environ.get("PICTURES"):
        (Path(folder) / f"mail-{name}-{address.strip('/').partition('/')[0]}.png").write_bytes(content)
    return b64encode(content).decode()
