"""Staff choose how readers see their lists; what cannot be read or is no picture is refused in words."""

import base64
import re
import struct
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import ExifTags, Image

from subscribers.models import Brand
from tests.campaigns.admin.composing import staff

ADD = "/admin/subscribers/brand/add/"
TRY = "/admin/subscribers/brand/try"
COLOURS = {"name": "The River Letter", "accent": "#0a6b4b", "paper": "#faf8f4"}


def drawn(form, mode="RGB", size=(320, 80), **options):
    file = BytesIO()
    Image.new(mode, size, "#3060a0" if mode.startswith(("RGB", "CMYK")) else 1).save(file, form, **options)
    return file.getvalue()


def grain(form, mode="RGB", **options):
    """As hard to make small as any picture."""
    file = BytesIO()
    Image.frombytes(mode, (800, 200), Random(8).randbytes(160_000 * len(mode))).save(file, form, **options)
    return file.getvalue()


PICTURES = {
    "png": drawn("PNG"),
    "grey png of sixteen bits": drawn("PNG", "I;16"),
    "transparent png": drawn("PNG", "RGBA"),
    "png of grain": grain("PNG"),
    "transparent png of grain": grain("PNG", "RGBA"),
    "jpeg": drawn("JPEG"),
    "jpeg of grain": grain("JPEG", quality=95),
    "jpeg for printing": drawn("JPEG", "CMYK"),
    "gif": drawn("GIF"),
    "moving gif": drawn("GIF", save_all=True, append_images=[Image.new("RGB", (320, 80), "red")]),
    "lossy webp": drawn("WEBP"),
    "lossless webp": drawn("WEBP", lossless=True),
    "moving webp": drawn("WEBP", save_all=True, append_images=[Image.new("RGB", (320, 80), "red")]),
    "needle": drawn("PNG", size=(1, 3000)),
}
NO_PICTURES = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "nothing": b"",
    "tiff": drawn("TIFF"),
    **{f"half of a {form}": grain(form)[:2000] for form in ("PNG", "JPEG", "GIF", "WEBP")},
    "no wider than nothing": drawn("PNG").replace(struct.pack(">II", 320, 80), struct.pack(">II", 0, 80)),
    "too wide": drawn("PNG", size=(3001, 80)),
    "a bomb": drawn("PNG").replace(struct.pack(">II", 320, 80), struct.pack(">II", 2**31 - 1, 2**31 - 1)),
    "too large": drawn("PNG") + bytes(2 * 1024 * 1024),
}


@pytest.fixture
def chief(db):
    return staff("view_brand", "add_brand", "change_brand", "delete_brand")


def upload(content, name="logo.png"):
    return SimpleUploadedFile(name, content)


def change(brand):
    return reverse("admin:subscribers_brand_change", args=[brand.pk])


def kept():
    with Brand.objects.get().logo.open() as file:
        picture = Image.open(BytesIO(file.read()))
        picture.load()
        return file.name, file.size, picture


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_becomes_a_light_and_still_logo_under_a_name_of_ours(chief, name):
    answer = chief.post(ADD, COLOURS | {"logo": upload(PICTURES[name], "../../evil.html")})

    assert answer.status_code == 302
    path, size, picture = kept()
    assert re.fullmatch(r"brands/[0-9a-f]{16}\w*\.(png|jpg)", path)
    assert size <= 24 * 1024
    assert (picture.width <= 640, picture.height <= 160, getattr(picture, "n_frames", 1)) == (True, True, 1)
    assert picture.format == {"png": "PNG", "jpg": "JPEG"}[path.rpartition(".")[2]]


def test_a_large_drawing_is_kept_twice_as_fine_as_it_is_shown_without_loss(chief):
    chief.post(ADD, COLOURS | {"logo": upload(drawn("WEBP", size=(2800, 700), lossless=True))})

    _path, _size, picture = kept()
    assert (picture.format, picture.size, picture.convert("RGB").getpixel((1, 1))) == ("PNG", (640, 160), (48, 96, 160))


@pytest.mark.parametrize("grainy", [False, True])
def test_what_shines_through_a_logo_goes_on_shining_through(chief, grainy):
    picture = Image.open(BytesIO(grain("PNG", "RGBA"))) if grainy else Image.new("RGBA", (320, 80), "#3060a0")
    picture.paste((0, 0, 0, 0), (0, 0, 200, 80))
    file = BytesIO()
    picture.save(file, "PNG")

    chief.post(ADD, COLOURS | {"logo": upload(file.getvalue())})

    shown = kept()[2].convert("RGBA")
    assert (shown.getpixel((5, 5))[3], shown.getpixel((shown.width - 5, 40))[3] > 0) == (0, True)


def test_a_photo_stands_upright_and_tells_nothing_of_where_it_was_taken(chief):
    facts = Image.Exif()
    facts[ExifTags.Base.Orientation], facts[ExifTags.Base.ImageDescription] = 6, "11 Quay, Porto"
    photo = drawn("JPEG", size=(80, 40), exif=facts)
    assert b"11 Quay" in photo

    chief.post(ADD, COLOURS | {"logo": upload(photo)})

    _path, _size, picture = kept()
    assert (picture.size, dict(picture.getexif())) == ((40, 80), {})


@pytest.mark.parametrize("name", sorted({*NO_PICTURES} - {"nothing"}))
def test_what_is_no_picture_of_a_sensible_size_is_refused(chief, name):
    answer = chief.post(ADD, COLOURS | {"logo": upload(NO_PICTURES[name])})

    assert answer.status_code == 200
    assert "logo" in answer.context["adminform"].form.errors
    assert not Brand.objects.exists()


def test_a_logo_that_is_replaced_or_removed_leaves_no_file(chief, django_capture_on_commit_callbacks):
    chief.post(ADD, COLOURS | {"logo": upload(PICTURES["png"])})
    brand = Brand.objects.get()
    first = Path(brand.logo.path)

    with django_capture_on_commit_callbacks(execute=True):
        chief.post(change(brand), COLOURS | {"logo": upload(PICTURES["jpeg"])})
    brand.refresh_from_db()
    second = Path(brand.logo.path)
    assert (first.exists(), second.exists()) == (False, True)

    with django_capture_on_commit_callbacks(execute=True):
        chief.post(change(brand), COLOURS | {"without_logo": "on"})
    brand.refresh_from_db()
    assert (brand.logo.name, second.exists()) == ("", False)


def test_saving_other_things_keeps_the_logo(chief):
    chief.post(ADD, COLOURS | {"logo": upload(PICTURES["gif"])})
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
    data = COLOURS | {
        "accent": "#ffcc00",
        "words_footer_others": "Porto",
        "logo": upload(PICTURES["gif"]),
        "scheme": "dark",
    }

    answer = chief.post(TRY, data)

    page = answer.content.decode()
    assert 'alt="The River Letter"' in page
    assert "data:image/png;base64," in page
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
