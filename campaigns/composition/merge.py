"""One person's values put into a compiled mail; pure, and without database, files or translations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _

from .quoted import is_blank, joined, one_kind_of_newline, quoted, unquoted
from .segments import Cutter, Person, Piece, pieces_for
from .texts import Text

LONGEST_VALUE = 10_000
LONGEST_RESULT = 2_000_000
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
BLANKS = re.compile(r"[ \t\r\n]+")
WORDS = re.compile(r"((?:[ \t]*\n)*)(.*?)((?:\n[ \t]*)*)", re.DOTALL)
EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


class CannotCompose(ValueError):
    """This recipient's mail cannot be made; others' can. ``str()`` says why."""


class Template(Protocol):
    """A compiled mail or a frozen edition."""

    @property
    def subject(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Merged:
    """The parts as they go over the wire; reading them as texts decodes those very bytes."""

    subject: str
    quoted_html: bytes
    quoted_text: bytes

    @property
    def is_blank(self) -> bool:
        return not self.subject or is_blank(self.quoted_text)

    @property
    def html(self) -> str:
        return unquoted(self.quoted_html)

    @property
    def text(self) -> str:
        return unquoted(self.quoted_text)


class Stencil:
    """A template cut once, to be merged for any number of people."""

    def __init__(self, template: Template) -> None:
        self.subject = PLAIN.cut(template.subject)
        self.html = HTML.cut(template.html)
        self.text = TEXT.cut(template.text)

    def merge(self, values: Mapping[str, str]) -> Merged:
        """Raises CannotCompose if a value makes the mail impossible."""
        person = Person({name: acceptable(name, value) for name, value in values.items()})
        return Merged(
            subject=one_line("".join(map(str, pieces_for(person, self.subject)))),
            quoted_html=joined(bounded(pieces_for(person, self.html))),
            quoted_text=joined(together(bounded(pieces_for(person, self.text)))),
        )


def merge(template: Template, values: Mapping[str, str]) -> Merged:
    """For one person; for many, keep a Stencil. Raises CannotCompose."""
    return Stencil(template).merge(values)


def filled(source: str, values: Mapping[str, str], *, escape: bool) -> str:
    """A source on its own, as a text."""
    person = Person({name: Text(value) for name, value in values.items()})
    segments = Cutter(lambda text: [text], is_html=escape).cut(source)
    return "".join(map(str, bounded(pieces_for(person, segments))))


def acceptable(name: str, value: str) -> Text:
    if len(value) > LONGEST_VALUE:
        message = _("The value of “%(field)s” is longer than %(limit)d characters.")
        raise CannotCompose(message % {"field": name, "limit": LONGEST_VALUE})
    return Text(value if value.isprintable() else CONTROLS.sub(" ", one_kind_of_newline(value)))


def bounded(pieces: list[Piece]) -> list[Piece]:
    if sum(map(len, pieces)) > LONGEST_RESULT:
        raise CannotCompose(_("The mail becomes too large with this person’s values."))
    return pieces


def together(pieces: list[Piece]) -> list[Piece]:
    """Without the gaps between neighbouring texts, which become one."""
    found: list[Piece] = []
    texts: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            texts.append(piece)
            continue
        if texts:
            found.append(without_gaps("".join(texts)))
            texts.clear()
        found.append(piece)
    return [*found, without_gaps("".join(texts))]


def one_line(text: str) -> str:
    """A name with a header in it stays a name."""
    return BLANKS.sub(" ", CONTROLS.sub(" ", text)).strip()


def without_gaps(text: str) -> str:
    """A condition that did not hold leaves no more than one empty line behind."""
    return EMPTY_LINES.sub("\n\n", text) if text.count("\n") > 2 else text


def words_alone(text: str) -> list[Piece]:
    """Empty lines before and after the words stay texts, since gaps are closed together with the values beside them."""
    match = WORDS.fullmatch(text) if text.strip() else None
    return [match[1], quoted(without_gaps(match[2])), match[3]] if match else [text]


# How a subject, the HTML and the text are cut.
PLAIN = Cutter(lambda text: [text], is_html=False)
HTML = Cutter(lambda text: [quoted(text)], is_html=True)
TEXT = Cutter(words_alone, is_html=False)
