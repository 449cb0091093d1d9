"""To whom a mail of the application goes, and from whom it comes: the envelope behind what its headers show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from email.utils import parseaddr

from django.utils.translation import gettext as _

from campaigns.delivery.wires.mail import ADDRESS
from subscribers import addresses


class NoAddress(ValueError):
    """``str()`` names what was written instead."""


@dataclass
class Addressees:
    good: list[str] = field(default_factory=list)
    # What was written, and what is wrong with it.
    bad: dict[str, str] = field(default_factory=dict)


def addressees(written: Iterable[str]) -> Addressees:
    """Each of them once, however often and in whichever spelling."""
    found = Addressees()
    for text in written:
        try:
            address = bare(text)
        except NoAddress as error:
            found.bad[text] = str(error)
        else:
            if address not in found.good:
                found.good.append(address)
    return found


def bare(text: str) -> str:
    """Without the name. More than a newsletter may go to: a mailbox of this host, or of a network without a domain."""
    try:
        return addresses.normalise(text)
    except addresses.AddressRefused as refusal:
        local, _at, domain = parseaddr(text)[1].rpartition("@")
        try:
            address = f"{local}@{domain.encode('idna').decode().lower()}"
        except UnicodeError:
            address = ""
        if not address.isascii() or len(address) > 254 or not ADDRESS.fullmatch(address):
            words = _("“%(text)s” is no address: %(reason)s") % {"text": text, "reason": refusal}
            raise NoAddress(words) from refusal
        return address
