"""Takes in what somebody typed who wants mail, as far as the limits allow; who it is, a worker finds out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django_q.tasks import async_task

from subscribers.models import MailingList, SignUp

from . import networks
from .throttles import Limit

# A confirmation for each address and list, and mails for each address.
ONCE: Final = Limit("sign-up", 1, timedelta(hours=24))
DAILY: Final = Limit("sign-ups", 3, timedelta(hours=24))


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


def allowed_of(address: str, lists: Collection[MailingList]) -> list[MailingList]:
    """Those about which this address may get a mail now, which counts as one."""
    with transaction.atomic():
        allowed = _count(address, lists)
        if allowed and not DAILY.allows(address):
            transaction.set_rollback(True)
            return []
    return allowed


def closed_until(address: str, lists: Collection[MailingList]) -> datetime | None:
    """None, and a mail about all of these counts; or when to try again, and nothing does."""
    with transaction.atomic():
        if len(_count(address, lists)) == len(lists) and DAILY.allows(address):
            return None
        transaction.set_rollback(True)
    return max(DAILY.opens_at(address), *(ONCE.opens_at(_about(each, address)) for each in lists))


def nudge() -> None:
    """Ask for a worker once the present transaction is committed. Losing it costs a second."""
    transaction.on_commit(lambda: async_task("subscribers.tasks.answer_sign_ups"))


def _count(address: str, lists: Collection[MailingList]) -> list[MailingList]:
    """Always in one order, so that two at once wait for each other instead of deadlocking."""
    return [each for each in sorted(lists, key=lambda each: each.pk) if ONCE.allows(_about(each, address))]


def _about(mailing_list: MailingList, address: str) -> str:
    return f"{mailing_list.pk}\n{address}"


def _is_welcome(network_address: str | None) -> bool:
    """Committed by itself: whoever was turned away has asked all the same."""
    here, around = settings.SIGN_UPS_PER_NETWORK_ADDRESS, settings.SIGN_UPS_PER_NETWORK
    return networks.allows("sign-ups", network_address, here=here, around=around)
