"""Every page that readers see can be used by everybody: axe-core, keyboard, small screens, few bytes, no strangers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, Route

from subscribers.consent import time_trap
from tests.site_map import public_names

from .public_pages import NO_PAGES, STATES, State
from .stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.browser.public_pages")]

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
MAILS = re.compile(r"/v/\w+$|/archive/[\w-]+/\d+/\w+$")
LANGUAGES = ["en", "ar", "ja"]
WIDTHS = {"desktop": 1400, "phone": 360}
SCHEMES = ["light", "dark"]
MOST_BYTES = 50_000
MOST_TABS = 120

CHECK = """async options => (await axe.run(options)).violations
    .map(({id, nodes}) => id + ': ' + nodes.map(node => node.html).join(' | '))"""
# Colours are all that another scheme changes; each width is looked at in full with one of them.
VIOLATIONS = {"resultTypes": ["violations"]}
COLOURS_ONLY = {**VIOLATIONS, "runOnly": ["color-contrast", "link-in-text-block"]}
FULLY = {("desktop", "light"), ("phone", "dark")}
WEIGHT = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .reduce((sum, each) => sum + each.encodedBodySize, 0)"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# In the order in which they stand; of radio buttons only the one that Tab reaches.
CONTROLS = """() => {
  const kinds = 'a[href], button, input, select, textarea, summary, iframe, [tabindex="0"]';
  const all = [...document.querySelectorAll(kinds)];
  const seen = all.filter(each => each.checkVisibility({visibilityProperty: true}) && !each.disabled
    && each.type !== 'hidden' && each.tabIndex >= 0);
  const reached = seen.filter(each => each.type !== 'radio' || each.checked
    || (!seen.some(other => other.name === each.name && other.checked)
        && seen.find(other => other.name === each.name) === each));
  window.controls = reached;
  return reached.map(each => each.outerHTML.slice(0, 120));
}"""
FOCUSED = """() => {
  const it = document.activeElement;
  const style = getComputedStyle(it);
  const shown = it.tagName === 'IFRAME' || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
  return [window.controls.indexOf(it), shown];
}"""


def without_policy(route: Route) -> None:
    """Under its own policy not even axe runs in a page that shows a mail."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "content-security-policy"}
    route.fulfill(response=answer, headers=headers)


class Reader:
    """A browser in one language; remembers what it asked for."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address, self.asked = page, address, []
        page.on("request", lambda request: self.asked.append(request.url))
        page.route(MAILS, without_policy)

    def open(self, state: State, stage: Stage) -> None:
        self.asked.clear()
        self.page.goto(self.address + state.address(stage))
        for step in state.steps:
            if isinstance(step, str):
                self.press(step)
            else:
                self.type(*step)

    def type(self, selector: str, text: str) -> None:
        self.reach(selector)
        self.page.keyboard.type(text)

    def press(self, selector: str) -> None:
        """Without a mouse: there by Tab, then the key that a reader would press."""
        self.reach(selector)
        if self.page.evaluate("document.activeElement.matches('button, a')"):
            with self.page.expect_navigation():
                self.page.keyboard.press("Enter")
        else:
            self.page.keyboard.press("Space")

    def reach(self, selector: str) -> None:
        for _tab in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                break
        else:
            raise AssertionError(f"{selector} is not reached by Tab")

    def tab_through(self) -> None:
        """The numbers of the controls in the order in which Tab reaches them; each must show that it is."""
        controls = self.page.evaluate(CONTROLS)
        self.page.evaluate("document.activeElement?.blur()")
        reached: list[int] = []
        for _tab in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            number, is_shown = self.page.evaluate(FOCUSED)
            if number < 0 or (reached and number == reached[0] != reached[-1]):
                break
            assert is_shown, controls[number]
            # Parts of a date are reached one by one.
            if not reached or reached[-1] != number:
                reached.append(number)
            elif len(controls) == 1:
                break
        assert reached == list(range(len(controls))), controls


@pytest.fixture
def readers(
    browser: Browser, live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Reader]]:
    # Errors are answered here, not raised.
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    # These readers type quicker than people.
    monkeypatch.setattr(time_trap, "SOONEST", timedelta(0))
    contexts = {language: browser.new_context(locale=language) for language in LANGUAGES}
    for context in contexts.values():
        context.add_init_script(AXE)
    yield {language: Reader(context.new_page(), live_server.url) for language, context in contexts.items()}
    for context in contexts.values():
        context.close()


def test_every_public_address_has_a_row() -> None:
    assert public_names() == (STATES.keys() - {""}) | NO_PAGES


@pytest.mark.parametrize("name", STATES)
def test_everybody_can_use_the_page(readers: dict[str, Reader], name: str) -> None:
    for language, reader in readers.items():
        stage = Stage(language)
        for state in STATES[name]:
            reader.open(state, stage)
            look_at(reader, f"{state.name}-{language}")


def look_at(reader: Reader, name: str) -> None:
    page = reader.page
    assert page.locator(f"html[lang={name.rpartition('-')[2]}]").count() == 1, name
    assert [url for url in reader.asked if not url.startswith(reader.address)] == [], name
    assert page.evaluate(WEIGHT) <= MOST_BYTES, name
    for device, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            photograph(page, f"{name}-{device}-{scheme}")
            options = VIOLATIONS if (device, scheme) in FULLY else COLOURS_ONLY
            assert page.evaluate(CHECK, options) == [], f"{name} {device} {scheme}"
        assert page.evaluate(OVERFLOW) <= 0, f"{name} at {width} pixels is too wide"
    if name.endswith(LANGUAGES[0]):
        # Words change nothing of the order.
        reader.tab_through()


def photograph(page: Page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
