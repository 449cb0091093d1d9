"""Staff build the same segment with a mouse, by keyboard, and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from subscribers.models import Attribute, MailingList, Segment, Subscriber, Subscription

from .conftest import WIDTHS, Album, Site

pytestmark = pytest.mark.browser

ADD = "/admin/subscribers/segment/add/"
RULES = {
    "all": [
        {"fact": "attribute:plan", "is": "is", "value": "gold"},
        {
            "any": [
                {"fact": "language", "is": "one_of", "value": ["fr"]},
                {"fact": "first_name", "is": "contains", "value": "nn"},
            ]
        },
    ]
}
PEOPLE = {"Ann": ("en", "gold"), "Bob": ("en", "gold"), "Chloé": ("fr", "gold"), "Dilnoza": ("fr", "basic")}


@pytest.fixture(autouse=True)
def readers(site: Site) -> None:
    Attribute.objects.create(name="plan", label="Plan")
    news = MailingList.objects.create(name="News", label="news")
    for number, (name, (language, plan)) in enumerate(PEOPLE.items()):
        person = Subscriber.objects.create(
            email=f"reader{number}@example.org", first_name=name, language=language, attributes={"plan": plan}
        )
        Subscription.objects.create(subscriber=person, mailing_list=news, status="active")


@pytest.fixture
def plain(browser: Browser, page: Page, site: Site) -> Iterator[Page]:
    """A tab without scripts, of somebody who has logged in."""
    enter(page, site)
    context = browser.new_context(
        base_url=site.address,
        viewport={"width": WIDTHS["desktop"], "height": 900},
        locale="en",
        java_script_enabled=False,
        storage_state=page.context.storage_state(),
    )
    tab = context.new_page()
    tab.set_default_timeout(10_000)
    tab.goto(ADD)
    yield tab
    context.close()


def enter(page: Page, site: Site) -> None:
    page.set_default_timeout(10_000)
    page.goto(ADD)
    page.get_by_label("Username").fill(site.user)
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Who belongs to it")).to_be_visible()


def condition(page: Page, place: str) -> Locator:
    return page.get_by_role("group", name=f"Condition {place}", exact=True)


def group(page: Page, place: str) -> Locator:
    return page.get_by_role("group", name=f"Group {place}", exact=True)


def saved(page: Page) -> Segment:
    expect(page.get_by_text("was saved.")).to_be_visible()
    found = Segment.objects.get()
    assert (found.rules, found.people) == (RULES, 2)
    return found


def test_a_segment_is_built_with_a_mouse_while_people_are_counted(page: Page, site: Site, album: Album) -> None:
    enter(page, site)
    page.get_by_label("Name").fill("Golden")

    first = condition(page, "1")
    first.get_by_label("What it asks for").select_option(label="Plan")
    first.get_by_label("Value", exact=True).fill("gold")
    expect(page.locator("#segment-people")).to_contain_text("3 people")
    page.get_by_role("button", name="Group").click()
    condition(page, "2.1").get_by_label("French").check()
    group(page, "2").get_by_role("button", name="Condition", exact=True).click()
    second = condition(page, "2.2")
    second.get_by_label("What it asks for").select_option(label="first name")
    second.get_by_label("How it compares").select_option(label="contains")
    second.get_by_label("Value", exact=True).fill("nn")

    found = page.locator("#segment-people")
    expect(found).to_contain_text("2 people")
    expect(found).to_contain_text("Plan is “gold” and (language is one of French or first name contains “nn”)")
    expect(found.get_by_role("link")).to_have_count(2)
    album.take(page, "segment-built")
    page.get_by_role("button", name="Save").click()
    saved(page)
    album.take(page, "segment-saved")


def test_the_same_is_built_by_keyboard_alone(page: Page, site: Site) -> None:
    enter(page, site)
    go_to(page, page.get_by_label("Name"))
    page.keyboard.type("Golden")

    choose(page, condition(page, "1").get_by_label("What it asks for"), "Plan")
    go_to(page, condition(page, "1").get_by_label("Value", exact=True))
    page.keyboard.type("gold")
    press(page, page.get_by_role("button", name="Group"))
    # Whoever adds something is taken there.
    expect(condition(page, "2.1").get_by_label("What it asks for")).to_be_focused()
    go_to(page, condition(page, "2.1").get_by_label("French"))
    page.keyboard.press("Space")
    press(page, group(page, "2").get_by_role("button", name="Condition", exact=True))
    expect(condition(page, "2.2").get_by_label("What it asks for")).to_be_focused()
    choose(page, condition(page, "2.2").get_by_label("What it asks for"), "first name")
    choose(page, condition(page, "2.2").get_by_label("How it compares"), "contains")
    go_to(page, condition(page, "2.2").get_by_label("Value", exact=True))
    page.keyboard.type("nn")
    expect(page.locator("#segment-people")).to_contain_text("2 people")
    page.keyboard.press("Enter")

    saved(page)


def test_the_same_is_built_without_scripts(plain: Page, album: Album) -> None:
    plain.get_by_label("Name").fill("Golden")

    condition(plain, "1").get_by_label("What it asks for").select_option(label="Plan")
    show_fields(plain, "1")
    condition(plain, "1").get_by_label("Value", exact=True).fill("gold")
    plain.get_by_role("button", name="Group").click()
    condition(plain, "2.1").get_by_label("French").check()
    group(plain, "2").get_by_role("button", name="Condition", exact=True).click()
    condition(plain, "2.2").get_by_label("What it asks for").select_option(label="first name")
    show_fields(plain, "2.2")
    condition(plain, "2.2").get_by_label("How it compares").select_option(label="contains")
    condition(plain, "2.2").get_by_label("Value", exact=True).fill("nn")
    plain.get_by_role("button", name="Count").click()
    expect(plain.get_by_role("button", name="Count")).to_be_focused()
    expect(plain.locator("#segment-people")).to_contain_text("2 people")
    expect(plain.get_by_label("Name")).to_have_value("Golden")
    take_plain(plain, album, "segment-plain")
    plain.get_by_role("button", name="Save").click()

    saved(plain)


def test_what_is_typed_while_an_answer_is_on_its_way_is_kept(page: Page, site: Site) -> None:
    enter(page, site)
    first = condition(page, "1")
    first.get_by_label("What it asks for").select_option(label="Plan")
    value = first.get_by_label("Value", exact=True)
    value.fill("gold")
    expect(page.locator("#segment-people")).to_contain_text("3 people")
    held = Held(page)

    first.get_by_label("How it compares").select_option(label="begins with")
    value.click()
    page.keyboard.type("en")
    page.keyboard.press("ArrowLeft")
    held.release()

    expect(first.get_by_label("How it compares")).to_have_value("begins_with")
    expect(value).to_have_value("golden")
    expect(value).to_be_focused()
    page.keyboard.type("_")
    expect(value).to_have_value("golde_n")


def test_an_answer_that_comes_too_late_is_dropped(page: Page, site: Site) -> None:
    enter(page, site)
    first, people = condition(page, "1"), page.locator("#segment-people")
    first.get_by_label("What it asks for").select_option(label="Plan")
    value = first.get_by_label("Value", exact=True)
    expect(people).to_contain_text("Write a text.")
    held = Held(page)
    value.fill("basic")
    held.wait()

    value.fill("gold")
    expect(people).to_contain_text("3 people")
    held.release()

    page.wait_for_timeout(500)
    expect(people).to_contain_text("3 people")
    expect(people).not_to_have_attribute("aria-busy", "true")


# By keyboard.


def go_to(page: Page, field: Locator) -> None:
    """Tab forwards, as often as it takes."""
    expect(field).to_be_visible()
    for _step in range(200):
        if field.evaluate("field => field === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{field} cannot be reached by keyboard")


def press(page: Page, button: Locator) -> None:
    go_to(page, button)
    page.keyboard.press("Enter")


def choose(page: Page, field: Locator, label: str) -> None:
    """By the letters of its name; the page is then rebuilt around it."""
    expect(field.locator("option", has_text=re.compile(f"^{label}$"))).to_be_attached()
    go_to(page, field)
    page.keyboard.type(label)
    expect(field.locator("option:checked")).to_have_text(label)


# Without scripts.


def show_fields(page: Page, place: str) -> None:
    """And go on there."""
    condition(page, place).get_by_role("button", name="Show its fields").click()
    expect(condition(page, place).get_by_label("What it asks for")).to_be_focused()


def take_plain(page: Page, album: Album, name: str) -> None:
    for device, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=album.folder / f"{name}-{device}.png", full_page=True)


# A slow network.


class Held:
    """The next thing that is asked waits; whatever is asked after it does not."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.routes: list[Route] = []
        page.route("**/segment/add/", self._meet)

    def _meet(self, route: Route) -> None:
        if self.routes:
            route.continue_()
        else:
            self.routes.append(route)

    def wait(self) -> None:
        for _step in range(100):
            if self.routes:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("nothing was asked")

    def release(self) -> None:
        self.wait()
        self.routes[0].continue_()
