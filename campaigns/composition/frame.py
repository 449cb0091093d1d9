"""The words and facts that surround a body: labels in the reader's language, the sender, the footer."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from html import escape

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.models import Sender

from . import markup
from .inspection import Problem
from .localize import direction, resolve

# What a layout may hold besides merge fields. All but the body are filled in when the mail is compiled.
FRAME_FIELDS = (
    "body",
    "subject",
    "language_code",
    "direction",
    "start",
    "end",
    "sender_name",
    "postal_address",
    "unsubscribe_label",
    "preferences_label",
    "web_version_label",
    "reason",
)

FRAME_FIELD = re.compile(r"{{\s*(" + "|".join(FRAME_FIELDS) + r")\s*}}")

FIRST_STRONG_ISOLATE = "\u2068"
POP_ISOLATE = "\u2069"


@dataclass(frozen=True)
class Frame:
    language: str
    direction: str
    sender_name: str
    postal_address: str
    unsubscribe_label: str
    preferences_label: str
    web_version_label: str
    reason: str

    @property
    def start(self) -> str:
        """The side where lines begin, for attributes that know only left and right."""
        return "right" if self.direction == "rtl" else "left"

    @property
    def end(self) -> str:
        return "left" if self.direction == "rtl" else "right"


def frame_of(sender: Sender, language: str) -> Frame:
    way = direction(language)
    lines = [line.strip() for line in sender.postal_address.splitlines() if line.strip()]
    with override(resolve(language, [code for code, _name in settings.LANGUAGES], "en")):
        return Frame(
            language=language,
            direction=way,
            sender_name=isolated(sender.name, way),
            postal_address="\n".join(isolated(line, way) for line in lines),
            unsubscribe_label=isolated(_("Unsubscribe"), way),
            preferences_label=isolated(_("Change what you get"), way),
            web_version_label=isolated(_("View in browser"), way),
            reason=isolated(
                _("You get this mail from %(sender)s because you subscribed to it.") % {"sender": sender.name}, way
            ),
        )


def isolated(text: str, way: str) -> str:
    """Keeps its own order of words among lines that are written the other way."""
    strong = next((kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL")), None)
    if strong is None or (strong == "L") == (way == "ltr"):
        return text
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"


def fact(text: str) -> str:
    """Plain words as HTML in which nothing is a placeholder."""
    return escape(text).replace("{", "&#123;").replace("\n", "<br>")


def layout_markup_problems(html: str) -> list[Problem]:
    """A layout's own fields are words of ours by the time anybody reads it, so they may stand in its CSS too."""
    return markup.problems_of(FRAME_FIELD.sub("left", html), fragment=False)


def text_footer(frame: Frame, *, has_web_version: bool = False) -> str:
    """The footer of the text part, with placeholders for the reader's own addresses."""
    facts = without_braces(f"{frame.reason}\n\n{frame.postal_address}")
    web_version = f"{frame.web_version_label}: {{{{ web_version_url }}}}\n" if has_web_version else ""
    return (
        f"-- \n{facts}\n\n{web_version}"
        f"{frame.unsubscribe_label}: {{{{ unsubscribe_url }}}}\n"
        f"{frame.preferences_label}: {{{{ preferences_url }}}}\n"
    )


def without_braces(text: str) -> str:
    """A fact is never read as a placeholder, whatever somebody wrote into it."""
    for opening in ("{{", "{%", "{#"):
        text = text.replace(opening, f"{{ {opening[1]}")
    return text
