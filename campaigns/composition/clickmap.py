"""A frozen mail to look at with a number beside each link, and no link that leads anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.html import escape

from campaigns.models import Edition

from .message import new_message_id
from .press import press_for
from .recipient import Recipient
from .tracking import ENTITIES, ENTITY
from .values import sample

_LINK = re.compile(r"""<a\b([^<>]*?)\shref\s*=\s*(["'])(.*?)\2([^<>]*)>""", re.IGNORECASE | re.DOTALL)
# It takes no room, so that the mail looks as it did. Mails style links and cells, so the badge says all of its own.
_PLACE = "position:relative;display:inline"
# Keeps it in the line of the word that follows.
_JOINER = "&#8288;"
_BADGE = (
    "position:absolute;top:-13px;inset-inline-start:-7px;z-index:9;padding:0 5px;border-radius:9px;"
    "background:#111827;color:#fff;box-shadow:0 0 0 2px #fff;font:700 11px/15px sans-serif;"
    "text-indent:0;text-transform:none;letter-spacing:0;white-space:nowrap;direction:ltr"
)
# A second start tag gives its attributes to the body that is there, or is the first one.
_INERT = "<body inert>"


def mapped(edition: Edition, counts: Mapping[str, str]) -> str:
    """As somebody made up got it. `counts` are the words beside each link, by its address.

    Raises CannotCompose.
    """
    person = Recipient.of(sample(edition.language), message_id=new_message_id(edition.campaign.sender))
    return with_counts(press_for(edition, edition.campaign).print_for(person).html, counts)


def with_counts(html: str, counts: Mapping[str, str]) -> str:
    def instead(match: re.Match[str]) -> str:
        before, _quote, written, after = match.groups()
        url = ENTITY.sub(lambda entity: ENTITIES[entity[0]], written).strip()
        # Inside of the link, so that no line is broken between them.
        return f"<a{before}{after}>{_badge(counts[url]) if url in counts else ''}"

    return _LINK.sub(instead, html) + _INERT


def _badge(words: str) -> str:
    return f'<span style="{_PLACE}">{_JOINER}<span style="{_BADGE}">{escape(words)}</span></span>'
