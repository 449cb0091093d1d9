"""Staff choose how readers see their lists; what cannot be read or is no picture is refused in words."""

import base64
import re
import struct
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from subscribers.models import Brand
from tests.campaigns.admin.composing import staff

GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
ADD = "/admin/subscribers/brand/add/"
TRY = "/admin/subscribers/brand/try"
COLOURS = {"name": "The River Letter", "accent": "#0a6b4b", "paper": "#faf8f4"}


def png(width, height):
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02\x00\x00\x00"


def jpeg(width, height):
    application = b"\xff\xe0\x00\x10JFIF\x00" + bytes(9)
    return b"\xff\xd8" + application + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", height, width) + bytes(10)


def webp(kind, facts):
    return b"RIFF\x00\x00\x00\x00WEBP" + kind + facts + bytes(8)


PICTURES = {
    "png": png(320, 80),
    "jpg": jpeg(320, 80),
    "gif": GIF,
    "lossy.webp": webp(b"VP8 ", bytes(10) + struct.pack("<HH", 320, 80)),
    "lossless.webp": webp(b"VP8L", bytes(5) + struct.pack("<I", 319 | 79 << 14)),
    "extended.webp": webp(b"VP8X", bytes(8) + (319).to_bytes(3, "little") + (79).to_bytes(3, "little")),
}
NO_PICTURES = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "nothing": b"",
    "half of a png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00",
    "half of a jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "half of a webp": b"RIFF\x00\x00\x00\x00WEBPVP8X",
    "no wider than nothing": png(0, 80),
    "too wide": png(2001, 80),
    "too large": png(10, 10) + bytes(200 * 1024),
}


@pytest.fixture
def chief(db):
    return staff("view_brand", "add_brand", "change_brand", "delete_brand")


def upload(content, name="logo.png"):
    return SimpleUploadedFile(name, content)


def change(brand):
    return reverse("admin:subscribers_brand_change", args=[brand.pk])


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_becomes_the_logo_under_a_name_of_ours(chief, name):
    answer = chief.post(ADD, COLOURS | {"logo": upload(PICTURES[name], "../../evil.html")})

    assert answer.status_code == 302
    logo = Brand.objects.get().logo
    assert re.fullmatch(rf"brands/[0-9a-f]{{16}}\w*\.{name.rpartition('.')[2]}", logo.name)
    assert logo.read() == PICTURES[name]
    logo.close()


@pytest.mark.parametrize("name", sorted({*NO_PICTURES} - {"nothing"}))
def test_what_is_no_small_picture_is_refused(chief, name):
    answer = chief.post(ADD, COLOURS | {"logo": upload(NO_PICTURES[name])})

    assert answer.status_code == 200
    assert "logo" in answer.context["adminform"].form.errors
    assert not Brand.objects.exists()


def test_a_logo_that_is_replaced_or_removed_leaves_no_file(chief, django_capture_on_commit_callbacks):
    chief.post(ADD, COLOURS | {"logo": upload(PICTURES["png"])})
    brand = Brand.objects.get()
    first = Path(brand.logo.path)

    with django_capture_on_commit_callbacks(execute=True):
        chief.post(change(brand), COLOURS | {"logo": upload(PICTURES["gif"])})
    brand.refresh_from_db()
    second = Path(brand.logo.path)
    assert (first.exists(), second.exists()) == (False, True)

    with django_capture_on_commit_callbacks(execute=True):
        chief.post(change(brand), COLOURS | {"without_logo": "on"})
    brand.refresh_from_db()
    assert (brand.logo.name, second.exists()) == ("", False)


def test_saving_other_things_keeps_the_logo(chief):
    chief.post(ADD, COLOURS | {"logo": upload(GIF)})
    brand = Brand.objects.get()

    chief.post(change(brand), COLOURS | {"name": "Another name"})

    kept = Brand.objects.get()
    assert (kept.name, kept.logo.name) == ("Another name", brand.logo.name)


@pytest.mark.parametrize(
    ("colour", "words"), [("#0a1a4b", "The nearest colour on which they can is #"), ("red;}", "Write a colour like")]
)
def test_a_background_on_which_nothing_can_be_read_is_refused(chief, colour, words):
    answer = chief.post(ADD, COLOURS | {"paper": colour})

    assert words in str(answer.context["adminform"].form.errors["paper"])
    assert not Brand.objects.exists()


def test_words_are_kept_by_place_and_language(chief):
    chief.post(ADD, COLOURS | {"words_footer_others": "Porto", "words_footer_de": "Kiel", "words_left_ar": "وداعا"})
    brand = Brand.objects.get()
    brand.footers["pt-br"] = "Recife"
    brand.save()

    chief.post(change(brand), COLOURS | {"words_footer_others": "Porto", "words_left_ar": "وداعا"})

    brand.refresh_from_db()
    assert brand.footers == {"": "Porto", "pt-br": "Recife"}
    assert brand.texts == {"left": {"ar": "وداعا"}}


def style_of(answer):
    return base64.b64decode(re.search(rb"data:text/css;base64,([^\"]+)", answer.content)[1]).decode()


def test_the_preview_shows_what_is_in_the_form_and_saves_nothing(chief):
    data = COLOURS | {"accent": "#ffcc00", "words_footer_others": "Porto", "logo": upload(GIF), "scheme": "dark"}

    answer = chief.post(TRY, data)

    page = answer.content.decode()
    assert 'alt="The River Letter"' in page
    assert "data:image/gif;base64," in page
    assert "Porto" in page
    assert "--accent:#ffcc00" in style_of(answer)
    assert "color-scheme:only dark" in style_of(answer)
    assert "prefers-color-scheme" not in style_of(answer)
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert not Brand.objects.exists()


def test_the_preview_tells_which_shade_links_have_and_what_was_refused(chief):
    answer = chief.post(TRY, COLOURS | {"accent": "#ffcc00", "paper": "#0a1a4b", "logo": upload(b"<svg>")})

    notes = re.findall(r'<meta name="note" content="([^"]+)">', answer.content.decode())
    assert [note.partition(" ")[0] for note in notes] == ["Words", "This", "Buttons"]
    assert "1.4 to 1" in notes[2]


def test_the_preview_says_when_a_logo_is_heavy(chief):
    answer = chief.post(TRY, COLOURS | {"logo": upload(png(320, 80) + bytes(100 * 1024))})

    assert "This logo has 100 KB" in answer.content.decode()


@pytest.mark.parametrize("page", ["specimen", "unsubscribe", "left", "nonsense", "../404"])
@pytest.mark.parametrize("language", ["ar", "xx", ""])
def test_the_preview_of_a_saved_brand_opens_by_its_address(chief, page, language):
    brand = Brand.objects.create(**COLOURS)

    answer = chief.get(TRY, {"brand": brand.pk, "page": page, "language": language})

    assert answer.status_code == 200
    assert "The River Letter" in answer.content.decode()
    assert ('dir="rtl"' in answer.content.decode()) == (language == "ar")


def test_the_form_shows_the_preview_also_without_scripts(chief):
    brand = Brand.objects.create(**COLOURS)

    page = chief.get(change(brand)).content.decode()

    assert f'src="{TRY}?brand={brand.pk}"' in page
    assert "Remove the logo" not in page
