"""Prints the mails of one edition: all that they share is made once, and the rest put in between."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from operator import add

from django.utils.translation import gettext as _

from campaigns import signing
from campaigns.models import Campaign, Edition

from . import headers, values
from .merge import CannotCompose, Filled, Stencil, Template
from .origin import Origin, origin_of
from .quoted import SOFT_BREAK, is_blank, quoted
from .recipient import Recipient
from .sendable import CampaignMessage
from .wire import BEFORE_HTML, BEFORE_TEXT, END, check_header, header_lines

# An address and its token stand on one line if both fit.
LONGEST_TOKEN = 42


class Press:
    def __init__(
        self, template: Template, origin: Origin, links: Mapping[str, int] | None = None, *, by_person: bool = False
    ) -> None:
        """Raises ValueError if a header is none."""
        self.stencil = Stencil(template, links)
        self.has_web_version = "web_version_url" in self.stencil.wanted
        self.language = template.language
        self.origin = origin
        # With a token for each of those who agreed; without, one that names nobody.
        self.by_person = by_person
        self.seal = signing.Seal(template.pk if isinstance(template, Edition) else signing.PREVIEW)
        self.addresses = list(map(before_token, signing.addresses()))
        self.unsubscribe_url = signing.addresses().unsubscribe_url
        self.shared_headers = header_lines({"Content-Language": template.language}) + origin.header_lines + BEFORE_TEXT
        check_header("List-Unsubscribe", self.ways_out("x" * LONGEST_TOKEN))

    def print_for(self, person: Recipient) -> CampaignMessage:
        """Raises CannotCompose for what is wrong with this person alone."""
        by_person = self.by_person and person.may_track is True
        tokens = self.seal.tokens_of(person.delivery_id, by_person=by_person, has_web_version=self.has_web_version)
        addresses = list(map(add, self.addresses, tokens))
        filled = self.stencil.fill(values.only(self.stencil.wanted, person, self.language), addresses)
        if self.is_blank(filled):
            raise CannotCompose(_("The subject or the text is empty for this person."))
        try:
            own_headers = self.own_headers(person, tokens.unsubscribe.decode(), filled.subject)
        except ValueError as error:
            raise CannotCompose(str(error)) from error
        return CampaignMessage(
            (own_headers, self.shared_headers, *filled.text, BEFORE_HTML, *filled.html, END),
            subject=filled.subject,
            from_email=self.origin.envelope_from,
            address=person.email,
        )

    def own_headers(self, person: Recipient, token: str, subject: str) -> bytes:
        """ValueError if one would not be exactly one header."""
        check_header("Message-ID", person.message_id)
        to_line = headers.folded("To", headers.mailbox(person.name, person.email), "\r\n")
        subject_line = headers.folded("Subject", headers.words(subject), "\r\n")
        lines = (
            f"Date: {date_at(int(time.time()))}\r\n{to_line}Message-ID: <{person.message_id}>\r\n"
            f"List-Unsubscribe: {self.ways_out(token)}\r\n{subject_line}"
        )
        return lines.encode("ascii")

    def ways_out(self, token: str) -> str:
        mailbox = self.origin.unsubscribe_mailbox
        return f"<{self.unsubscribe_url}{token}>, <mailto:{mailbox}?subject=unsubscribe-{token}>"

    def is_blank(self, filled: Filled) -> bool:
        return not filled.subject or not (self.stencil.has_words or not is_blank(b"".join(filled.text)))


def press_for(
    template: Template, campaign: Campaign, links: dict[str, int] | None = None, *, by_person: bool = False
) -> Press:
    """From whom the mail is was frozen with an edition, and is else as it is now."""
    try:
        frozen = isinstance(template, Edition) and template.origin
        return Press(template, Origin(**frozen) if frozen else origin_of(campaign), links, by_person=by_person)
    except ValueError as error:
        raise CannotCompose(str(error)) from error


def before_token(address: str) -> bytes:
    fits = len(address) + LONGEST_TOKEN <= 75
    return quoted(address) if fits else quoted(address) + SOFT_BREAK


@lru_cache(maxsize=1)
def date_at(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC))
