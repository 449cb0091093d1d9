"""One person's values put into a compiled mail; pure, and without database, files or translations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.template import Context
from django.utils.translation import gettext as _

from .placeholders import parse
from .texts import Text

LONGEST_VALUE = 10_000
LONGEST_RESULT = 2_000_000
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
BLANKS = re.compile(r"[ \t\r\n]+")
NOTHING = Text()
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
    subject: str
    html: str
    text: str


def merge(template: Template, values: Mapping[str, str]) -> Merged:
    """Raises CannotCompose if a value makes the mail impossible."""
    for name, value in values.items():
        if len(value) > LONGEST_VALUE:
            message = _("The value of “%(field)s” is longer than %(limit)d characters.")
            raise CannotCompose(message % {"field": name, "limit": LONGEST_VALUE})
    values = {name: CONTROLS.sub(" ", value) for name, value in values.items()}
    return Merged(
        subject=one_line(filled(template.subject, values, escape=False)),
        html=filled(template.html, values, escape=True),
        text=EMPTY_LINES.sub("\n\n", filled(template.text, values, escape=False)),
    )


def filled(source: str, values: Mapping[str, str], *, escape: bool) -> str:
    result = str(parse(source).render(Person(values, escape=escape)))
    if len(result) > LONGEST_RESULT:
        raise CannotCompose(_("The mail becomes too large with this person’s values."))
    return result


class Person(Context):
    """Knows one person's values; whatever else is asked for is empty."""

    def __init__(self, values: Mapping[str, str], *, escape: bool) -> None:
        super().__init__(
            {name: Text(value) for name, value in values.items()}, autoescape=escape, use_l10n=False, use_tz=False
        )

    def __getitem__(self, name: Any) -> Any:
        try:
            return super().__getitem__(name)
        except KeyError:
            return NOTHING


def one_line(text: str) -> str:
    """A name with a header in it stays a name."""
    return BLANKS.sub(" ", CONTROLS.sub(" ", text)).strip()
