"""What counts as one address: normalise it, judge it, and name it without telling it."""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from email_validator import EmailNotValidError, ValidatedEmail, validate_email

_DECORATED = re.compile(r"^[^<>]*<\s*([^<>]+?)\s*>$")
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
# As they leave a Japanese keyboard.
_FULL_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_RESPELT = {**_INVISIBLE, **_FULL_WIDTH}
# What the library surely accepts, and leaves as it is, if the domain is one.
_PLAIN = r"(?=[^@\n]{1,64}@)([a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*)@([a-z0-9.-]{3,120})"
_plain = re.compile(_PLAIN).fullmatch
plain_lines = re.compile(f"^(?:{_PLAIN}|.*)$", re.MULTILINE).findall
"""Of each line what comes before the @ and what follows; two empty texts unless it is plain."""
_BLOCK = 64
_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"})


class Refusal(StrEnum):
    """Why an address was refused; stable codes that reports count by."""

    EMPTY = "empty"
    SYNTAX = "syntax"
    TOO_LONG = "too_long"
    NON_ASCII_LOCAL_PART = "non_ascii_local_part"
    LOOKALIKE = "lookalike"


class AddressRefused(ValueError):
    """The text is not an address that can be mailed; ``str()`` says why in words."""

    def __init__(self, reason: Refusal, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def normalise(text: str) -> str:
    """The one spelling under which an address is stored, compared and mailed.

    Lower case, domain as A-label (RFC 5891), pure ASCII. Understands ``Ann <ann@example.org>``
    and ``mailto:``. Raises AddressRefused.
    """
    if text.isascii():
        bare = text.strip().lower()
        found = _plain(bare)
        if found and is_plain_domain(found[2]):
            return bare
    return normalise_slowly(text)


def normalise_slowly(text: str) -> str:
    """The same for everything else that people write; it costs twenty times as much."""
    text = unicodedata.normalize("NFC", text).translate(_RESPELT).strip()
    decorated = _DECORATED.match(text)
    if decorated:
        text = decorated[1]
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    if not text:
        raise AddressRefused(Refusal.EMPTY, _("There is no address."))
    parsed = _parsed(text)
    if parsed.ascii_email is None:
        # Django would encode it in a way that no server accepts (RFC 6531 needs SMTPUTF8).
        raise AddressRefused(
            Refusal.NON_ASCII_LOCAL_PART, _("The part before the @ may only hold plain ASCII characters.")
        )
    if _mixes_scripts(parsed.domain):
        raise AddressRefused(
            Refusal.LOOKALIKE, _("A part of its domain mixes alphabets, so that it looks like another one.")
        )
    return parsed.ascii_email.lower()


@lru_cache(maxsize=16_384)
def is_plain_domain(domain: str) -> bool:
    """Whether any address that is `plain` stays as it is at this domain. There are few domains to many people."""
    try:
        parsed = _parsed(f"a@{domain}")
    except AddressRefused:
        return False
    return parsed.ascii_domain == domain and not _mixes_scripts(parsed.domain)


def _parsed(text: str) -> ValidatedEmail:
    try:
        return validate_email(text, check_deliverability=False, allow_smtputf8=True, strict=True)
    except EmailNotValidError as error:
        if "too long" in str(error):
            raise AddressRefused(Refusal.TOO_LONG, _("It is longer than an address can be.")) from error
        raise AddressRefused(Refusal.SYNTAX, _fault(text)) from error


def _mixes_scripts(domain: str) -> bool:
    """Whether a label has letters of several alphabets, but for those that Japanese and its neighbours mix."""
    return not domain.isascii() and any(mixes_alphabets(label) for label in domain.split("."))


def mixes_alphabets(label: str) -> bool:
    scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in label if letter.isalpha()}
    alphabets = scripts - _EAST_ASIAN
    return len(alphabets) > 1 or (scripts != alphabets and not alphabets <= {"LATIN"})


def _fault(text: str) -> str:
    """What is wrong with the spelling, in words that can be translated, unlike those of the library."""
    local, at, domain = text.rpartition("@")
    faults = (
        (not at, gettext_noop("There is no @ in it.")),
        (not local, gettext_noop("There is nothing before the @.")),
        (not domain, gettext_noop("There is nothing after the @.")),
        ("@" in local, gettext_noop("There is more than one @ in it.")),
        (re.search(r"\s", text), gettext_noop("There is a space in it.")),
        (".." in text, gettext_noop("There are two dots in a row.")),
        (any(part.strip(".") != part for part in (local, domain)), gettext_noop("There is a dot where no dot can be.")),
        ("." not in domain, gettext_noop("The part after the @ has no dot, as in example.org.")),
        (not re.fullmatch(r"[\w.-]+", domain), gettext_noop("The part after the @ has characters that no domain has.")),
        (
            not re.fullmatch(r"[\w.!#$%&'*+/=?^`{|}~-]+", local),
            gettext_noop("There are characters in it that no address has."),
        ),
    )
    otherwise = gettext_noop("The part after the @ is no domain that gets mail.")
    return _(next((words for is_so, words in faults if is_so), otherwise))


def fingerprint(address: str) -> str:
    """``key-id:hex`` HMAC-SHA-256 of a normalised address.

    Outlives erasure: without the key, which is never in the database, it does not tell the address.
    """
    key_id, key = settings.FINGERPRINT_KEY
    return f"{key_id}:{hmac.digest(key, address.encode(), sha256).hex()}"


def fingerprints() -> Callable[[str], str]:
    """`fingerprint` for a million addresses: both passes of the HMAC (RFC 2104) continue from what is begun here."""
    key_id, key = settings.FINGERPRINT_KEY
    block = (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner, outer = (sha256(bytes(octet ^ pad for octet in block)).copy for pad in (0x36, 0x5C))

    def fingerprint(address: str) -> str:
        within, around = inner(), outer()
        within.update(address.encode())
        around.update(within.digest())
        return f"{key_id}:{around.hexdigest()}"

    return fingerprint


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]
