"""Takes in what somebody typed who wants mail, as far as the limits allow; who it is, a worker finds out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Final

from django.conf import settings
from django.db import transaction
from django_q.tasks import async_task

from subscribers.models import MailingList, SignUp

from .throttles import Limit

# A confirmation for each address and list, and mails for each address.
ONCE: Final = Limit("sign-up", 1, timedelta(hours=24))
DAILY: Final = Limit("sign-ups", 3, timedelta(hours=24))
HOUR: Final = timedelta(hours=1)
# Of an IPv4 and of an IPv6 address: what one household has, and what its provider gives to neighbours.
OWN: Final = {4: 32, 6: 64}
NEIGHBOURHOOD: Final = {4: 24, 6: 48}


class TooMany(Exception):
    """From one network; nothing was stored."""


def take_in(sign_up: SignUp, lists: Collection[MailingList]) -> None:
    """Store it, unless its address has had its mails. Does the same for everybody. Raises TooMany."""
    if not _is_welcome(sign_up.network_address):
        raise TooMany
    with transaction.atomic():
        allowed = allowed_of(sign_up.email, lists)
        if allowed:
            sign_up.save()
            sign_up.mailing_lists.set(allowed)
            nudge()


@transaction.atomic
def ask_again(sign_up: SignUp) -> bool:
    """Whether a worker mails its link again; the same limits hold."""
    lists = allowed_of(sign_up.email, sign_up.mailing_lists.all())
    if lists and sign_up.ask_again():
        nudge()
        return True
    return False


def allowed_of(address: str, lists: Collection[MailingList]) -> list[MailingList]:
    """Those about which this address may get a mail now, which counts as one."""
    with transaction.atomic():
        # Always in one order, so that two at once wait for each other instead of deadlocking.
        in_order = sorted(lists, key=lambda each: each.pk)
        allowed = [each for each in in_order if ONCE.allows(f"{each.pk}\n{address}")]
        if allowed and not DAILY.allows(address):
            transaction.set_rollback(True)
            return []
    return allowed


def nudge() -> None:
    """Ask for a worker once the present transaction is committed. Losing it costs a second."""
    transaction.on_commit(lambda: async_task("subscribers.tasks.answer_sign_ups"))


def _is_welcome(network_address: str | None) -> bool:
    """Committed by itself: whoever was turned away has asked all the same."""
    return all(limit.allows(network) for limit, network in _networks(network_address))


def _networks(network_address: str | None) -> Iterator[tuple[Limit, str]]:
    if not network_address:
        return
    address = ip_address(network_address)
    address = getattr(address, "ipv4_mapped", None) or address
    for name, most, length in (
        ("sign-ups-here", settings.SIGN_UPS_PER_NETWORK_ADDRESS, OWN),
        ("sign-ups-around", settings.SIGN_UPS_PER_NETWORK, NEIGHBOURHOOD),
    ):
        network = ip_network((address, length[address.version]), strict=False)
        yield Limit(name, most, HOUR), str(network)
