"""Addresses of public pages that name one delivery; number 0 names a preview or a test mail.

Those of what is counted name the edition as well, so that nobody has to look it up, or the edition alone.
"""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings

from subscribers.signing import Purpose, Signer, spelled

PREVIEW = 0
# Below the edition in the number of what is counted. Of the 16 digits of a token, six are left for the edition.
DELIVERY_BITS = 40


class Tokens(NamedTuple):
    """One each for all of its kind in one mail."""

    unsubscribe: bytes
    preferences: bytes
    clicks: bytes
    # Empty in mails that do not offer one.
    web_version: bytes


class Links(NamedTuple):
    unsubscribe_url: str
    preferences_url: str
    # The number of a link follows.
    clicks_url: str
    web_version_url: str


class Counted(NamedTuple):
    """What a token for clicks and openings names."""

    # 0 in mails that were sent before tokens named it, and in previews.
    edition: int
    # 0 for nobody in particular.
    delivery: int

    @property
    def number(self) -> int:
        return self.edition << DELIVERY_BITS | self.delivery

    @classmethod
    def of(cls, number: int) -> Counted:
        return cls(number >> DELIVERY_BITS, number & (1 << DELIVERY_BITS) - 1)


class Seal:
    """Signs for any number of mails of one edition, with the key that was the newest when it was made."""

    def __init__(self, edition: int = PREVIEW) -> None:
        self.unsubscribe = Signer(Purpose.UNSUBSCRIBE)
        self.preferences = Signer(Purpose.PREFERENCES)
        self.clicks = Signer(Purpose.CLICK)
        self.web_version = Signer(Purpose.WEB_VIEW)
        self.edition = edition << DELIVERY_BITS
        self.of_nobody = self.clicks.sign(spelled(self.edition))

    def tokens_of(self, delivery_id: int, *, by_person: bool = False, has_web_version: bool = True) -> Tokens:
        number = spelled(delivery_id)
        return Tokens(
            self.unsubscribe.sign(number),
            self.preferences.sign(number),
            self.clicks.sign(spelled(self.edition | delivery_id)) if by_person else self.of_nobody,
            self.web_version.sign(number) if has_web_version else b"",
        )


def addresses() -> Links:
    """Where each of a mail's links leads, before its token."""
    base = settings.BASE_URL
    return Links(f"{base}/u/", f"{base}/p/", f"{base}/c/", f"{base}/v/")


def links_with(tokens: Tokens) -> Links:
    return Links(*(address + token.decode() for address, token in zip(addresses(), tokens, strict=True)))


def links_of(delivery_id: int) -> Links:
    return links_with(Seal().tokens_of(delivery_id))
