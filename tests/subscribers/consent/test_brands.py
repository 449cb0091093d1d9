"""How a list looks to its readers, whatever colours and words staff choose."""

import re
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from subscribers.consent import brands, palette
from subscribers.consent.colours import can_be_read, contrast, lightness_of, readable
from subscribers.models import Brand, MailingList

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")


@pytest.fixture
def river(db):
    return Brand.objects.create(name="The River Letter", accent="#ffcc00", paper="#fffaf0")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#0a6b4b", "#0a6b4b", 1), ("#ff0000", "#0000ff", 2.15)],
)
def test_contrast_is_what_wcag_counts(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)


@given(COLOURS, COLOURS)
def test_whatever_is_chosen_words_can_be_read_by_day_and_by_night(accent, paper):
    day, night = palette.by_day(accent, palette.legible(paper)), palette.by_night(accent)

    for each in (day, night):
        assert can_be_read(each.link, each.paper, each.card, each.tint)
        assert can_be_read(each.on_accent, each.accent, each.accent_strong)
    assert can_be_read(palette.QUIET, day.paper, day.card, day.tint)
    assert can_be_read("#a8b3ad", night.paper, night.card, night.tint)
    assert lightness_of(night.paper) < 0.3 < lightness_of(day.paper)


def test_a_colour_that_can_be_read_stays_and_another_becomes_its_nearest_shade():
    assert readable("#0a6b4b", "#ffffff") == "#0a6b4b"
    assert readable("#ffcc00", "#ffffff") == "#907311"


def test_the_colours_in_the_stylesheet_are_those_that_a_brand_gives(river):
    css = brands.look(river).css

    names = set(re.findall(r"--([\w-]+):", css))
    shared = Path("static/public/public.css").read_text(encoding="utf-8")
    assert names <= set(re.findall(r"--([\w-]+):", shared))
    assert "--accent:#ffcc00;--accent-strong" in css


def test_browsers_keep_the_stylesheet_until_it_has_another_address(river, client: Client):
    address = brands.look(river).stylesheet
    first = client.get(address)
    river.accent = "#0a6b4b"
    river.save()

    assert (first.headers["Content-Type"], "immutable" in first.headers["Cache-Control"]) == (
        "text/css; charset=utf-8",
        True,
    )
    assert brands.look(river).stylesheet != address
    later = client.get(address)
    assert b"--accent:#0a6b4b" in later.content
    assert "immutable" not in later.headers["Cache-Control"]


def test_the_logo_is_shown_and_an_old_address_shows_the_one_of_today(river, client: Client):
    assert brands.look(river).logo == ""
    river.logo.save("0123456789abcdef.gif", ContentFile(PIXEL))

    answer = client.get(brands.look(river).logo)

    assert (answer.headers["Content-Type"], answer.content) == ("image/gif", PIXEL)
    assert "immutable" in answer.headers["Cache-Control"]
    old = client.get(f"/brand/{river.pk}/older.png")
    assert (old.headers["Content-Type"], old.content) == ("image/gif", PIXEL)
    assert "immutable" not in old.headers["Cache-Control"]


def test_a_logo_whose_file_is_lost_is_not_found(river, client: Client):
    river.logo.name = "brands/lost.png"
    river.save()

    assert client.get(brands.look(river).logo).status_code == 404


@pytest.mark.parametrize("path", ["/brand/999/0.css", "/brand/{}/0.gif", "/brand/{}/0.html", "/brand/x/0.css"])
def test_what_is_not_there_is_not_found(river, client: Client, path):
    assert client.get(path.format(river.pk)).status_code == 404


def test_words_are_those_of_the_page_and_else_those_for_all_others(river):
    river.footers = {"": "All", "de": "Alle", "pt": "Todos"}
    river.texts = {"left": {"de": "Auf Wiedersehen"}}

    read = {}
    for language in ("de", "fr", "pt-br"):
        with override(language):
            read[language] = brands.look(river).footer
    with override("de"):
        assert brands.look(river).texts["left"] == "Auf Wiedersehen"

    assert read == {"de": "Alle", "fr": "All", "pt-br": "Todos"}
    assert brands.look(river).texts["left"] == ""


def test_words_may_hold_links_and_nothing_else():
    written = "[Imprint](https://example.org/i?a=1&b=2)\n<script>alert(1)</script> [x](javascript:alert(1))"

    assert brands.with_links(written) == (
        '<a href="https://example.org/i?a=1&amp;b=2">Imprint</a><br>'
        "&lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1))"
    )


def test_of_several_lists_the_first_with_a_brand_gives_its_own(river):
    plain = MailingList.objects.create(name="A", label="a")
    branded = MailingList.objects.create(name="B", label="b", brand=river)

    assert brands.brand_of([plain, branded]) == river
    assert brands.look_of([plain]) is None
    assert brands.look_of([]) is None
