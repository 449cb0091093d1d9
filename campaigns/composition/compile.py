"""From layout, sender and content to one mail with placeholders, once per language."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from html import escape

from django.utils.translation import gettext as _

from campaigns.models import Campaign, Content, Edition

from . import authoring
from .frame import FRAME_FIELD, Frame, fact, frame_of, text_footer
from .hiding import Hiding, plain_tags
from .inlining import CannotInline, inline_styles
from .inspection import Problem
from .markup import problems_in
from .origin import origin_of
from .placeholders import CompositionError
from .plain import text_of, tidy
from .segments import names_in
from .tracking import freeze_links

__all__ = ["Compiled", "CompositionError", "compile_content", "freeze"]

BODY_TAG = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
# Editors wrap each line in a paragraph; around a condition it would leave an empty one behind.
CONDITION_ALONE = re.compile(r"<p\b[^>]*>\s*((?:{%[^%]*%}\s*)+)</p>", re.IGNORECASE)
PREHEADER_STYLE = (
    "display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden;mso-hide:all"
)
# Inboxes fill the rest of their line with the beginning of the body unless something else stands before it.
PREHEADER_FILLER = "&#847; " * 80
LONGEST_OPENING = 120
LETTER = re.compile(r"\w")
# From the first to the last.
CONDITIONS = re.compile(r"{%.*%}", re.DOTALL)
LINKED_TO = re.compile(r"""\shref\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)


@dataclass(frozen=True)
class Compiled:
    """Everything of a mail besides its recipient; all three hold placeholders."""

    language: str
    subject: str
    html: str
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256("\0".join((self.subject, self.html, self.text)).encode()).hexdigest()


def compile_content(content: Content) -> Compiled:
    """Depends on the content, its layout and its sender only. Raises CompositionError."""
    campaign = content.campaign
    problems = authoring.structural_problems(content)
    if problems:
        raise CompositionError(problems)
    frame = frame_of(campaign.sender, content.language)
    return Compiled(content.language, content.subject.strip(), html_of(content, frame), whole_text_of(content, frame))


def freeze(campaign: Campaign) -> None:
    """Keep every language as it is now, or none. Repeating it changes nothing, whatever was edited since."""
    frozen = campaign.editions.values_list("language", flat=True)
    contents = campaign.contents.exclude(language__in=frozen).select_related("campaign__layout", "campaign__sender")
    origin = asdict(origin_of(campaign))
    editions = [
        Edition(
            campaign=campaign,
            language=compiled.language,
            subject=compiled.subject,
            html=compiled.html,
            text=compiled.text,
            digest=compiled.digest,
            origin=origin,
        )
        for compiled in map(compile_content, contents)
    ]
    Edition.objects.bulk_create(editions, ignore_conflicts=True)
    freeze_links(campaign)


def html_of(content: Content, frame: Frame) -> str:
    layout = plain_tags(content.campaign.layout.html)
    body = CONDITION_ALONE.sub(r"\1", plain_tags(content.body_html))
    hiding = Hiding(layout, body, content.subject, content.preheader)
    values = {
        "body": f'<div lang="{escape(frame.language)}" dir="{frame.direction}">{hiding.hide(body)}</div>',
        "subject": escape(hiding.hide(content.subject)),
        "language_code": escape(frame.language),
        "direction": frame.direction,
        "start": frame.start,
        "end": frame.end,
    }
    facts = ("sender_name", "postal_address", "unsubscribe_label", "preferences_label", "web_version_label", "reason")
    values |= {name: hiding.keep(fact(getattr(frame, name))) for name in facts}
    framed = hiding.hide(FRAME_FIELD.sub(lambda match: values[match[1]], layout))
    preheader = content.preheader or (opening_of(body) if has_web_version(content) else "")
    framed = with_preheader(framed, escape(hiding.hide(preheader)))
    # Harmless halves can make a harmful whole, such as a body inside the layout's <style>.
    problems = problems_in(framed, hiding)
    if problems:
        raise CompositionError(problems)
    try:
        return hiding.restore(inline_styles(framed, language=frame.language, direction=frame.direction))
    except CannotInline as error:
        raise CompositionError([Problem(1, _("The CSS cannot be read: %(error)s") % {"error": error})]) from error


def has_web_version(content: Content) -> bool:
    return "web_version_url" in names_in(plain_tags(content.campaign.layout.html))


def opening_of(body: str) -> str:
    """The first words that do not depend on a condition, lest inboxes show a link to the web version instead."""
    always = CONDITIONS.split(LINKED_TO.sub("", body))
    line = next((line for part in always for line in text_of(part).splitlines() if LETTER.search(line)), "")
    hiding = Hiding(line)
    hidden = hiding.hide(line)
    return hiding.restore(hidden if len(hidden) <= LONGEST_OPENING else hidden[:LONGEST_OPENING].rpartition(" ")[0])


def with_preheader(html: str, preheader: str) -> str:
    if not preheader:
        return html
    hidden = f'<div style="{PREHEADER_STYLE}">{preheader}{PREHEADER_FILLER}</div>'
    framed, found = BODY_TAG.subn(lambda match: match[0] + hidden, html, count=1)
    return framed if found else hidden + html


def whole_text_of(content: Content, frame: Frame) -> str:
    written = content.body_text.strip()
    words = tidy(written) if written else text_of(content.body_html)
    return f"{words}\n\n{text_footer(frame, has_web_version=has_web_version(content))}"
