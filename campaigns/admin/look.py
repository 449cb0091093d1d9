"""What of a campaign is looked at, and through whose eyes, as the address of the page says it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from campaigns import audience, signing
from campaigns.admin.framed import Scheme
from campaigns.admin.languages import name_of
from campaigns.composition.localize import resolve
from campaigns.composition.merge import filled, one_line
from campaigns.composition.message import CampaignMessage, preview
from campaigns.composition.values import sample, values_of
from campaigns.models import Campaign, Content
from subscribers import readable
from subscribers.models import Subscriber

MOST_FOUND = 8
PARTS: dict[str, str | Promise] = {
    "html": gettext_lazy("HTML"),
    "text": gettext_lazy("Text"),
    "source": gettext_lazy("Source"),
}
WIDTHS: dict[str, str | Promise] = {"desktop": gettext_lazy("Desktop"), "phone": gettext_lazy("Phone")}
SCHEMES: dict[str, str | Promise] = {"light": gettext_lazy("Light"), "dark": gettext_lazy("Dark")}


@dataclass(frozen=True)
class Way:
    label: str | Promise
    address: str
    is_chosen: bool


@dataclass(frozen=True)
class Switch:
    label: str | Promise
    ways: list[Way]


@dataclass
class Look:
    """What is looked at, as the address of the page says it; wrong words mean the usual."""

    request: HttpRequest
    campaign: Campaign
    may_see_people: bool

    def choice(self, name: str, choices: dict[str, str | Promise]) -> str:
        chosen = self.request.GET.get(name, "")
        return chosen if chosen in choices else next(iter(choices))

    @property
    def part(self) -> str:
        return self.choice("part", PARTS)

    @property
    def width(self) -> str:
        return self.choice("width", WIDTHS)

    @property
    def scheme(self) -> Scheme:
        return cast(Scheme, self.choice("scheme", SCHEMES))

    @cached_property
    def contents(self) -> dict[str, Content]:
        found = self.campaign.contents.select_related("campaign__layout", "campaign__sender")
        return {content.language: content for content in found}

    @cached_property
    def reader(self) -> Subscriber | None:
        """None is somebody made up."""
        number = self.request.GET.get("reader", "")
        if not number.isdecimal() or not self.may_see_people:
            return None
        return get_object_or_404(Subscriber, pk=int(number))

    @cached_property
    def content(self) -> Content:
        """The language that was asked for, else what the reader gets."""
        wanted = self.request.GET.get("language") or (self.reader.reads if self.reader else "")
        language = resolve(wanted, self.contents, self.campaign.default_language)
        if language not in self.contents:
            language = next(iter(self.contents))
        return self.contents[language]

    @cached_property
    def words(self) -> str:
        return self.request.GET.get("q", "").strip()

    @cached_property
    def found(self) -> list[tuple[Subscriber, str]]:
        """People of that name or address, each with the address of the page that shows what they get."""
        if not self.words or not self.may_see_people:
            return []
        named = (
            Q(email__icontains=readable.stored(self.words))
            | Q(first_name__icontains=self.words)
            | Q(last_name__icontains=self.words)
        )
        people = Subscriber.objects.filter(named).order_by("email")[:MOST_FOUND]
        return [(person, self.address(reader=str(person.pk))) for person in people]

    def anybody(self) -> str:
        """The number of somebody of the audience, found cheaply: the next one after a random number."""
        people = audience.recipients(self.campaign).order_by("pk").values_list("pk", flat=True)
        last = people.last() if self.may_see_people else None
        return str(people.filter(pk__gte=random.randint(1, last)).first()) if last else ""

    def message(self) -> CampaignMessage:
        """Raises CompositionError or CannotCompose."""
        return preview(self.content, self.reader)

    @property
    def preheader(self) -> str:
        language = self.content.language
        values = values_of(self.reader or sample(language), language=language, links=signing.links_of(signing.PREVIEW))
        return one_line(filled(self.content.preheader, values, escape=False))

    def address(self, **changes: str) -> str:
        query = self.request.GET.copy()
        query.pop("q", None)
        for name, value in changes.items():
            query[name] = value
        return f"?{query.urlencode()}"

    def switches(self) -> list[Switch]:
        languages = {code: name_of(code) for code in self.contents}
        found = [
            Switch(gettext_lazy("Language"), self.ways("language", languages, self.content.language)),
            Switch(gettext_lazy("Part"), self.ways("part", PARTS, self.part)),
        ]
        if self.part == "html":
            found.append(Switch(gettext_lazy("Width"), self.ways("width", WIDTHS, self.width)))
            found.append(Switch(gettext_lazy("Colours"), self.ways("scheme", SCHEMES, self.scheme)))
        return found

    def ways(self, name: str, choices: Mapping[str, str | Promise], chosen: str) -> list[Way]:
        return [Way(label, self.address(**{name: key}), key == chosen) for key, label in choices.items()]
