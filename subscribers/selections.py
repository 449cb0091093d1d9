"""Of whom staff ask for something, in a form that can be stored and asked again by a worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from subscribers.models import Subscriber, Subscription

# Narrows down who is meant, by a value that is JSON. Raises BadSelection.
Narrow = Callable[[QuerySet[Subscriber], Any], QuerySet[Subscriber]]

_kinds: dict[str, Narrow] = {}


class BadSelection(ValueError):
    """Nobody knows any more who is meant; ``str()`` says why in words."""


def register(kind: str, narrow: Narrow) -> None:
    """From whatever knows more about people; when the application starts."""
    _kinds[kind] = narrow


def people(selection: Mapping[str, Any]) -> QuerySet[Subscriber]:
    """Everybody to whom all of it applies: ``{"mailing_list": 3}``, ``{"people": [1, 2]}``; without a word, everybody.

    ``{"up_to": 9}`` leaves out whoever came later. Raises BadSelection.
    """
    found = Subscriber.objects.all()
    for kind, value in selection.items():
        if kind not in _kinds:
            raise BadSelection(_("Nobody knows any more whom “%(kind)s” means.") % {"kind": kind})
        found = _kinds[kind](found, value)
    return found


def _among(found: QuerySet[Subscriber], numbers: list[int]) -> QuerySet[Subscriber]:
    return found.filter(pk__in=numbers)


def _active_on(found: QuerySet[Subscriber], number: int) -> QuerySet[Subscriber]:
    active = Subscription.objects.active().filter(mailing_list=number)
    return found.filter(pk__in=active.values("subscriber"))


def _known_by_then(found: QuerySet[Subscriber], number: int) -> QuerySet[Subscriber]:
    return found.filter(pk__lte=number)


register("people", _among)
register("up_to", _known_by_then)
register("mailing_list", _active_on)
