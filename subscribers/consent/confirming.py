"""Makes a subscriber of whoever typed an address, once they have shown that it is theirs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db import transaction

from subscribers.models import ConsentRecord, MailingList, SignUp, Subscriber

from . import flows, pauses
from .flows import Evidence

DETAILS: Final = ("first_name", "last_name", "language", "time_zone")


@transaction.atomic
def confirm(sign_up: SignUp, network_address: str | None) -> bool:
    """By the link that went to the address; whether it was not confirmed before."""
    # Whoever presses twice waits here, and finds it done.
    if not sign_up.confirm():
        return False
    subscriber = _known(sign_up)
    # Whoever signs up wants mail, and not only later.
    pauses.go_on(subscriber)
    flows.join(subscriber, list(sign_up.mailing_lists.all()), evidence(sign_up, network_address))
    return True


@transaction.atomic
def join_at_once(sign_up: SignUp, lists: Collection[MailingList]) -> None:
    """Where staff ask for no confirmation. Anybody may have typed it, so nothing that is known changes."""
    subscriber, _is_new = Subscriber.objects.get_or_create(email=sign_up.email, defaults=_told(sign_up))
    flows.subscribe(subscriber, lists, evidence(sign_up, sign_up.network_address))


def evidence(sign_up: SignUp, network_address: str | None) -> Evidence:
    return Evidence(
        source=ConsentRecord.Source.FORM,
        statement=sign_up.statement,
        language=sign_up.language,
        network_address=network_address,
    )


def _known(sign_up: SignUp) -> Subscriber:
    """With what they told in place of blanks, and in the language in which they did."""
    told = _told(sign_up)
    subscriber, is_new = Subscriber.objects.get_or_create(email=sign_up.email, defaults=told)
    if not is_new:
        for name in DETAILS:
            setattr(subscriber, name, getattr(subscriber, name) or told[name])
        subscriber.language = sign_up.language or subscriber.language
        subscriber.attributes = {**sign_up.attributes, **subscriber.attributes}
        subscriber.save(update_fields=[*DETAILS, "attributes", "updated_at"])
    return subscriber


def _told(sign_up: SignUp) -> dict[str, object]:
    return {**{name: getattr(sign_up, name) for name in DETAILS}, "attributes": sign_up.attributes}
