"""Decides what becomes of sign-ups: who is asked by mail, who is on the lists at once, and who hears nothing."""

from __future__ import annotations

import logging
from collections.abc import Collection
from time import monotonic
from typing import Final

from django.db import Error as DatabaseError
from django.db import transaction

from subscribers.models import MailingList, SignUp, Subscriber, Subscription, Suppression

from . import mails, sign_ups
from .confirming import join_at_once

logger = logging.getLogger(__name__)

Status = SignUp.Status
# What readers themselves wished, and may take back.
OWN: Final = (Suppression.Reason.LEFT, Suppression.Reason.PAUSED)


def answer_new(*, seconds: float) -> bool:
    """Work for about so long; whether more is left."""
    if not SignUp.objects.new().exists():
        return False
    end = monotonic() + seconds
    while _answer_next():
        if monotonic() > end:
            return True
    return False


def _answer_next() -> bool:
    """People who wait come before those whom an import brought."""
    waiting = SignUp.objects.new().order_by("pk").select_for_update(skip_locked=True)
    with transaction.atomic():
        sign_up = waiting.filter(found_in=None).first() or waiting.first()
        if sign_up is None:
            return False
        try:
            with transaction.atomic():
                _answer(sign_up)
        except DatabaseError:
            raise
        except Exception:
            # One that cannot be answered must not keep all others waiting.
            logger.exception("Sign-up %s cannot be answered.", sign_up.pk)
            sign_up.move_to(Status.IGNORED)
    return True


def _answer(sign_up: SignUp) -> None:
    stops = _stops(sign_up)
    if any(stop.reason == Suppression.Reason.ERASED for stop in stops):
        # Nobody keeps the address of whoever is erased, not even because somebody typed it again.
        sign_up.delete()
        return
    lists = _free(sign_up, stops)
    if sign_up.found_in_id:
        lists = sign_ups.allowed_of(sign_up.email, _waiting(sign_up, lists))
    if lists:
        _ask(sign_up, lists)
    else:
        sign_up.move_to(Status.IGNORED)


def _ask(sign_up: SignUp, lists: list[MailingList]) -> None:
    known = Subscriber.objects.filter(email=sign_up.email).first()
    wanted = [each for each in lists if not (known and _gets(known, each))]
    if known and not wanted:
        sign_up.move_to(Status.KNOWN)
        mails.tell_subscribed(sign_up, known, lists)
        return
    at_once = [each for each in wanted if _needs_no_word(sign_up, known, each)]
    to_confirm = [each for each in wanted if each not in at_once]
    if at_once:
        join_at_once(sign_up, at_once)
    if to_confirm:
        sign_up.mailing_lists.set(to_confirm)
        sign_up.move_to(Status.ASKED)
        mails.ask_to_confirm(sign_up, to_confirm)
    else:
        sign_up.confirm()


def _stops(sign_up: SignUp) -> list[Suppression]:
    """What keeps mail from the address and is not the reader's own to lift."""
    return list(Suppression.objects.about(sign_up.email).exclude(reason__in=OWN, fingerprint__gt=""))


def _free(sign_up: SignUp, stops: Collection[Suppression]) -> list[MailingList]:
    stopped = {stop.mailing_list_id for stop in stops}
    lists = sign_up.mailing_lists.order_by("name")
    return [] if None in stopped else [each for each in lists if each.pk not in stopped]


def _waiting(sign_up: SignUp, lists: Collection[MailingList]) -> list[MailingList]:
    """Of an import: what it was undone for, and what was confirmed elsewhere, waits no more."""
    pending = Subscription.objects.filter(subscriber__email=sign_up.email, status=Subscription.Status.PENDING)
    numbers = set(pending.values_list("mailing_list", flat=True))
    return [each for each in lists if each.pk in numbers]


def _gets(known: Subscriber, mailing_list: MailingList) -> bool:
    """For good, since a new word makes express what was implied; and now, since it also ends a break."""
    on = known.subscriptions.active().filter(mailing_list=mailing_list, expires_at=None)
    return on.exists() and not Suppression.objects.stopping(known.email, mailing_list).exists()


def _needs_no_word(sign_up: SignUp, known: Subscriber | None, mailing_list: MailingList) -> bool:
    """On a list with single opt-in that the person never left: it may be a stranger who typed the address."""
    if sign_up.found_in_id or mailing_list.opt_in != MailingList.OptIn.SINGLE:
        return False
    ended = Subscription.Status.ENDED
    has_left = known is not None and known.subscriptions.filter(mailing_list=mailing_list, status=ended).exists()
    return not has_left and not Suppression.objects.stopping(sign_up.email, mailing_list).exists()
