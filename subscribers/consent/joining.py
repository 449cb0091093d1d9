"""Who is told when people join lists of their own wish: a registry, since those who send mail stand above."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from subscribers.models import ConsentRecord, MailingList, Subscriber

# Neither an import nor a colleague.
OF_THEIR_OWN_WISH: Final = frozenset(
    {ConsentRecord.Source.FORM, ConsentRecord.Source.PREFERENCES, ConsentRecord.Source.API}
)

Greeter: TypeAlias = Callable[[Subscriber, Sequence[MailingList]], None]

_greeters: list[Greeter] = []


def register(greeter: Greeter) -> Greeter:
    """It is called in the transaction in which somebody joins: both hold, or neither."""
    _greeters.append(greeter)
    return greeter


def tell(subscriber: Subscriber, lists: Sequence[MailingList], source: str) -> None:
    if lists and source in OF_THEIR_OWN_WISH:
        for greeter in _greeters:
            greeter(subscriber, lists)
