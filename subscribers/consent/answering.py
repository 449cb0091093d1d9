"""Decides what becomes of sign-ups: who is asked by mail, who is on the lists at once, and who hears nothing."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from django.db import Error as DatabaseError
from django.db import transaction
from django.utils import timezone

from subscribers.models import MailingList, SignUp, Subscriber, Subscription, Suppression

from . import mails, pauses, sign_ups
from .confirming import join_at_once

logger = logging.getLogger(__name__)

Status = SignUp.Status
# Whoever takes a break may end it earlier.
LOOK_AGAIN: Final = timedelta(days=1)


@transaction.atomic
def ask_again(sign_up: SignUp) -> bool:
    """Whether its link is mailed once more, as its reader or staff wish; the limits of sign-ups hold."""
    lists = _open(sign_up, _stops(sign_up))
    if not lists or sign_ups.closed_until(sign_up.email, lists) or not sign_up.ask_again():
        return False
    _ask(sign_up, lists)
    return True


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
    waiting = SignUp.objects.new().order_by("due_at", "pk").select_for_update(skip_locked=True)
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
    lists = _open(sign_up, stops)
    if not lists:
        sign_up.move_to(Status.IGNORED)
    elif sign_up.found_in_id and (moment := _not_before(sign_up, lists)):
        sign_up.wait(moment)
    else:
        _ask(sign_up, lists)


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
        sign_up.ask()
        mails.ask_to_confirm(sign_up, to_confirm)
    else:
        sign_up.confirm()


def _stops(sign_up: SignUp) -> list[Suppression]:
    """What keeps mail from the address and is not the reader's own to lift."""
    return list(Suppression.objects.by_others().about(sign_up.email))


def _open(sign_up: SignUp, stops: Collection[Suppression]) -> list[MailingList]:
    """The lists that it is still about."""
    if any(stop.mailing_list_id is None for stop in stops):
        return []
    lists = sign_up.mailing_lists.exclude(suppressions__in=stops).order_by("name")
    if sign_up.found_in_id:
        # What the import was undone for, and what was confirmed elsewhere, waits no more.
        pending = Subscription.objects.filter(subscriber__email=sign_up.email, status=Subscription.Status.PENDING)
        lists = lists.filter(pk__in=pending.values("mailing_list"))
    return list(lists)


def _not_before(sign_up: SignUp, lists: list[MailingList]) -> datetime | None:
    """Whom an import brought has not asked for anything: no mail on their break, or on a day that has brought enough.

    None if a mail may leave now, which then counts.
    """
    known = Subscriber.objects.filter(email=sign_up.email).first()
    if known and (until := pauses.paused_until(known)):
        return min(until, timezone.now() + LOOK_AGAIN)
    return sign_ups.closed_until(sign_up.email, lists)


def _gets(known: Subscriber, mailing_list: MailingList) -> bool:
    """For good, since a new word makes express what was implied; and now, since it also ends a break."""
    on = known.subscriptions.active().filter(mailing_list=mailing_list, expires_at=None)
    return on.exists() and not Suppression.objects.stopping(known.email, mailing_list).exists()


def _needs_no_word(sign_up: SignUp, known: Subscriber | None, mailing_list: MailingList) -> bool:
    """On a list with single opt-in that the person never left: it may be a stranger who typed the address."""
    if not sign_up.form_id or mailing_list.opt_in != MailingList.OptIn.SINGLE:
        return False
    ended = Subscription.Status.ENDED
    has_left = known is not None and known.subscriptions.filter(mailing_list=mailing_list, status=ended).exists()
    return not has_left and not Suppression.objects.stopping(sign_up.email, mailing_list).exists()
