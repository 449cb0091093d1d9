"""What staff should know about an address that is taken all the same."""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from subscribers.transfer import spelling
from subscribers.transfer.candidates import Flaw, Reason

_WORDS = {
    Reason.ROLE: gettext_noop("This is the address of an office rather than of a person."),
    Reason.DISPOSABLE: gettext_noop("%(domain)s gives out addresses that work for some minutes only."),
    Reason.MISSPELT: gettext_noop("%(domain)s is probably misspelt: did they mean %(meant)s?"),
}


def remarks(local: str, domain: str) -> tuple[Flaw, ...]:
    reasons = of_domain(domain)
    if local in spelling.ROLES:
        reasons += (Reason.ROLE,)
    return tuple(_remark(reason, local, domain) for reason in reasons) if reasons else ()


@lru_cache(maxsize=16_384)
def of_domain(domain: str) -> tuple[Reason, ...]:
    if domain in spelling.DISPOSABLE:
        return (Reason.DISPOSABLE,)
    return (Reason.MISSPELT,) if spelling.meant_domain(domain) else ()


def _remark(reason: Reason, local: str, domain: str) -> Flaw:
    meant = spelling.meant_domain(domain) if reason == Reason.MISSPELT else ""
    return Flaw(reason, _(_WORDS[reason]) % {"domain": domain, "meant": meant}, f"{local}@{meant}" if meant else "")
