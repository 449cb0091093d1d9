"""One person's values put into a compiled mail; pure, and without database, files or translations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from django.utils.translation import gettext as _

from .gaps import settled, without_gaps
from .plate import Plate, picking
from .quoted import one_kind_of_newline, quoted, quoted_each, unquoted
from .segments import Person, Segment, Slot, cut, fields_in, names_in, texts_for
from .texts import Text
from .tracking import CLICKS_URL, tracked, with_pixel

LONGEST_VALUE = 10_000
LONGEST_RESULT = 2_000_000
# However often values stand in a mail that are no longer than this together, it does not become too large.
USUAL_LENGTH = 1000
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
BLANKS = re.compile(r"[ \t\r\n]+")
# These values come encoded, in this order.
ADDRESSES = ("unsubscribe_url", "preferences_url", CLICKS_URL, "web_version_url")


class CannotCompose(ValueError):
    """This recipient's mail cannot be made; others' can. ``str()`` says why."""


class Template(Protocol):
    """A compiled mail or a frozen edition."""

    @property
    def language(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def text(self) -> str: ...


class Filled(NamedTuple):
    """The parts of a mail in pieces that only have to be joined."""

    subject: str
    text: list[bytes]
    html: list[bytes]


@dataclass(frozen=True)
class Merged:
    """The parts as they go over the wire; reading them as texts decodes those very bytes."""

    subject: str
    quoted_html: bytes
    quoted_text: bytes

    @property
    def html(self) -> str:
        return unquoted(self.quoted_html)

    @property
    def text(self) -> str:
        return unquoted(self.quoted_text)


class Addressee(Person):
    """Reads the addresses when a condition or a filter asks for them."""

    def __init__(self, values: Mapping[str, str], addresses: list[bytes]) -> None:
        super().__init__(zip(values, map(Text, values.values()), strict=True))
        self.addresses = dict(zip(ADDRESSES, addresses, strict=True))

    def __missing__(self, name: str) -> Text:
        return Text(unquoted(self.addresses[name])) if name in self.addresses else super().__missing__(name)


class Stencil:
    """A template cut once, to be filled for any number of people.

    Links that have a number lead through us, and a pixel stands at the end; without `links`, even empty ones, neither.
    """

    def __init__(self, template: Template, links: Mapping[str, int] | None = None) -> None:
        source = tracked(template.html, links or {}, is_html=True)
        html = cut(source if links is None else with_pixel(source))
        self.subject = cut(template.subject)
        self.whole_text = cut(tracked(template.text, links or {}, is_html=False))
        self.wanted = names_in(template.subject + template.html + template.text)
        self.nobody = dict.fromkeys(self.wanted.difference(ADDRESSES), "")
        fields = sorted({*fields_in(html), *fields_in(self.whole_text)}.difference(ADDRESSES))
        self.fields = picking(fields)
        self.html = Plate(html, [*ADDRESSES, *fields], is_html=True)
        self.text = Plate(settled(self.whole_text, ADDRESSES), [*ADDRESSES, *fields], is_html=False)
        self.has_words = any(isinstance(segment, str) and segment.strip() for segment in self.whole_text)
        self.asks = bool(self.html.made or self.text.made or not all(map(is_plain, self.subject)))

    def fill(self, values: Mapping[str, str], addresses: list[bytes]) -> Filled:
        """The addresses are quoted-printable. Raises CannotCompose if a value makes the mail impossible."""
        values = {**self.nobody, **values}
        together = "".join(values.values())
        is_usual = len(together) <= USUAL_LENGTH and together.isprintable()
        if not is_usual:
            values = {name: acceptable(name, value) for name, value in values.items()}
        may_have_gaps = b"" in addresses or not (is_usual or is_one_line(values))
        person = Addressee(values, addresses) if self.asks or may_have_gaps else values
        as_text, as_html = quoted_each(self.fields(values))
        text = self.text_without_gaps(person) if may_have_gaps else self.text.pieces(addresses + as_text, person)
        html = self.html.pieces(addresses + as_html, person)
        if not is_usual:
            check_length(text, html)
        return Filled(one_line("".join(texts_for(person, self.subject))), text, html)

    def text_without_gaps(self, person: Mapping[str, str]) -> list[bytes]:
        texts = list(texts_for(person, self.whole_text))
        check_length(texts)
        return [quoted(without_gaps("".join(texts)))]


def merge(template: Template, values: Mapping[str, str]) -> Merged:
    """For one person; for many, keep a Stencil. Raises CannotCompose."""
    addresses = [quoted(values.get(name, "")) for name in ADDRESSES]
    subject, text, html = Stencil(template).fill(values, addresses)
    return Merged(subject, b"".join(html), b"".join(text))


def filled(source: str, values: Mapping[str, str], *, escape: bool) -> str:
    """A source on its own, as a text."""
    person = Person({name: Text(value) for name, value in values.items()})
    texts = list(texts_for(person, cut(source), is_html=escape))
    check_length(texts)
    return "".join(texts)


def acceptable(name: str, value: str) -> str:
    if len(value) > LONGEST_VALUE:
        message = _("The value of “%(field)s” is longer than %(limit)d characters.")
        raise CannotCompose(message % {"field": name, "limit": LONGEST_VALUE})
    return value if value.isprintable() else CONTROLS.sub(" ", one_kind_of_newline(value))


def check_length(*parts: Sequence[bytes | str]) -> None:
    if any(sum(map(len, part)) > LONGEST_RESULT for part in parts):
        raise CannotCompose(_("The mail becomes too large with this person’s values."))


def is_one_line(values: Mapping[str, str]) -> bool:
    return not any("\n" in value for value in values.values())


def is_plain(segment: Segment) -> bool:
    """Whether a mapping of values is enough to fill it."""
    return isinstance(segment, str) or (isinstance(segment, Slot) and segment.field not in ("", *ADDRESSES))


def one_line(text: str) -> str:
    """A name with a header in it stays a name."""
    if not text.isprintable() or "  " in text:
        text = BLANKS.sub(" ", CONTROLS.sub(" ", text))
    return text.strip()
