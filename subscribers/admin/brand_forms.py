"""The form of a brand: one input for the words of each place in each language, instead of raw JSON."""

from __future__ import annotations

from typing import Any, ClassVar, Final, NamedTuple

from django import forms
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from subscribers.consent import logos, palette
from subscribers.consent.brands import TEXTS, digest
from subscribers.models import Brand
from subscribers.models.brand import COLOUR

from .translated import languages, name_in, written

LONGEST: Final = 1000
FOOTER: Final = "footer"
PLACES: Final = {FOOTER: gettext_lazy("At the foot of each page"), **TEXTS}
HOW: Final = gettext_lazy("Lines stay lines. [Imprint](https://example.org/imprint) becomes a link, here and below.")


class Spot(NamedTuple):
    place: str
    language: str

    @property
    def field(self) -> str:
        return name_in(column_of(self.place), self.language)


def column_of(place: str) -> str:
    return f"words_{place}"


def spots() -> list[Spot]:
    return [Spot(place, code) for code, _name in languages() for place in PLACES]


class BrandForm(forms.ModelForm):  # type: ignore[type-arg]
    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "PNG, JPEG, GIF or WebP; at most 2 MB and 3000 pixels. It is kept as small as pages show it."
        ),
        widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg,.gif,.webp", "class": "brand-file"}),
    )
    without_logo = forms.BooleanField(label=gettext_lazy("Remove the logo"), required=False)

    class Meta:
        model = Brand
        fields = ("name", "accent", "paper")
        widgets: ClassVar = {
            "name": UnfoldAdminTextInputWidget(attrs={"dir": "auto"}),
            "accent": UnfoldAdminColorInputWidget,
            "paper": UnfoldAdminColorInputWidget,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"accent", "paper"} & self.fields.keys():
            # What is no colour is refused before anything is computed of it.
            self.fields[name].validators.append(COLOUR)
        for spot in spots():
            words = self.instance.footers if spot.place == FOOTER else self.instance.texts.get(spot.place, {})
            self.initial[spot.field] = words.get(spot.language, "")
        self.initial["logo"] = None

    def clean_paper(self) -> str:
        paper: str = self.cleaned_data["paper"]
        nearest = palette.legible(paper)
        if nearest != paper:
            words = _("Words cannot be read on %(colour)s. The nearest colour on which they can is %(nearest)s.")
            raise forms.ValidationError(words % {"colour": paper, "nearest": nearest})
        return paper

    def clean_logo(self) -> ContentFile[bytes] | None:
        """Named for what is in it, so that it may be kept for ever."""
        chosen = self.cleaned_data["logo"]
        if not isinstance(chosen, UploadedFile):
            return None
        content = chosen.read(logos.MOST_BYTES + 1)
        try:
            logo = logos.fitted(content)
        except logos.LogoRefused as error:
            raise forms.ValidationError(str(error)) from error
        return ContentFile(logo.content, f"{digest(logo.content)}.{logo.kind}")

    def apply(self) -> Brand:
        """The brand as it would be, without touching any file."""
        brand: Brand = self.instance
        brand.footers = written(brand.footers, column_of(FOOTER), self.cleaned_data)
        texts = {place: written(brand.texts.get(place, {}), column_of(place), self.cleaned_data) for place in TEXTS}
        brand.texts = {place: words for place, words in texts.items() if words}
        return brand

    def save(self, commit: bool = True) -> Brand:
        brand = self.apply()
        if chosen := self.cleaned_data.get("logo"):
            brand.logo = chosen
        elif self.cleaned_data.get("without_logo"):
            brand.logo = ""
        saved: Brand = super().save(commit)
        return saved


def words_fields() -> dict[str, forms.CharField]:
    """The admin wants to know the fields of a form before there is one."""
    return {
        spot.field: forms.CharField(
            label=PLACES[spot.place],
            required=False,
            max_length=LONGEST,
            help_text=HOW if spot.place == FOOTER else "",
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "dir": "auto"}),
        )
        for spot in spots()
    }
