"""Of whom staff ask for something, in a form that can be stored and asked again by a worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from subscribers import searching
from subscribers.models import ConsentRecord, Import, MailingList, Subscriber, Subscription, Tag
from subscribers.models.suppression import suppressed, unsuppressed

# Narrows down who is meant, by a value that is JSON. Raises BadSelection.
Narrow = Callable[[QuerySet[Subscriber], Any], QuerySet[Subscriber]]
# Says it to staff. Raises BadSelection.
Describe = Callable[[Any], str]

ON_NO_LIST = "none"


class BadSelection(ValueError):
    """Nobody knows any more who is meant; ``str()`` says why in words."""


@dataclass(frozen=True)
class Kind:
    narrow: Narrow
    describe: Describe


_kinds: dict[str, Kind] = {}


def register(kind: str, narrow: Narrow, describe: Describe = str) -> None:
    """From whatever knows more about people; when the application starts."""
    _kinds[kind] = Kind(narrow, describe)


def is_known(kind: str) -> bool:
    return kind in _kinds


def people(selection: Mapping[str, Any]) -> QuerySet[Subscriber]:
    """Everybody to whom all of it applies: ``{"mailing_list": 3}``, ``{"people": [1, 2]}``; without a word, everybody.

    ``{"up_to": 9}`` leaves out whoever came later. Raises BadSelection.
    """
    found = Subscriber.objects.all()
    for kind, value in selection.items():
        found = narrow(found, kind, value)
    return found


def narrow(found: QuerySet[Subscriber], kind: str, value: Any) -> QuerySet[Subscriber]:
    """Raises BadSelection."""
    return _kinds[_known(kind)].narrow(found, value)


def in_words(selection: Mapping[str, Any]) -> list[str]:
    """One line for each condition, in an order that no database decides. Raises BadSelection."""
    order = list(_kinds)
    told = sorted((order.index(_known(kind)), _kinds[kind].describe(value)) for kind, value in selection.items())
    return [words for _place, words in told if words]


def _known(kind: str) -> str:
    if kind not in _kinds:
        raise BadSelection(_("Nobody knows any more whom “%(kind)s” means.") % {"kind": kind})
    return kind


def _among(found: QuerySet[Subscriber], numbers: list[int]) -> QuerySet[Subscriber]:
    return found.filter(pk__in=numbers)


def _known_by_then(found: QuerySet[Subscriber], number: int) -> QuerySet[Subscriber]:
    return found.filter(pk__lte=number)


def _active_on(found: QuerySet[Subscriber], number: int) -> QuerySet[Subscriber]:
    active = Subscription.objects.active().filter(mailing_list=number)
    return found.filter(pk__in=active.values("subscriber"))


def _subscribed(found: QuerySet[Subscriber], wanted: Mapping[str, Any]) -> QuerySet[Subscriber]:
    """``{"list": 3, "on": "pending"}``: both about the same subscription; either alone will do."""
    status = wanted.get("on") or Subscription.Status.ACTIVE
    if status == ON_NO_LIST:
        return found.filter(~Exists(Subscription.objects.active().filter(subscriber=OuterRef("pk"))))
    subscriptions = Subscription.objects.filter(subscriber=OuterRef("pk"))
    if status == Subscription.Status.ACTIVE:
        subscriptions = Subscription.objects.active().filter(subscriber=OuterRef("pk"))
    if wanted.get("list"):
        subscriptions = subscriptions.filter(mailing_list=wanted["list"])
    return found.filter(Exists(subscriptions.filter(status=status)))


def _reading(found: QuerySet[Subscriber], code: str) -> QuerySet[Subscriber]:
    spoken = Q(language=code) | Q(language__startswith=f"{code}-")
    return found.filter(spoken | Q(language="") if code == settings.LANGUAGE_CODE else spoken)


def _tagged(found: QuerySet[Subscriber], number: int) -> QuerySet[Subscriber]:
    return found.filter(Exists(Subscriber.tags.through.objects.filter(subscriber=OuterRef("pk"), tag=number)))


def _suppressed(found: QuerySet[Subscriber], wanted: bool) -> QuerySet[Subscriber]:
    return found.filter(suppressed() if wanted else unsuppressed())


def _imported(found: QuerySet[Subscriber], number: int) -> QuerySet[Subscriber]:
    proofs = ConsentRecord.objects.filter(subscriber=OuterRef("pk"), found_in=number)
    return found.filter(Exists(proofs))


def _named(model: type[Any], number: int) -> str:
    found = model.objects.filter(pk=number).first()
    if found is None:
        raise BadSelection(_("What these people were chosen by does not exist any more."))
    return str(found)


def _say_subscribed(wanted: Mapping[str, Any]) -> str:
    status = wanted.get("on") or Subscription.Status.ACTIVE
    words = _("on no list") if status == ON_NO_LIST else str(Subscription.Status(status).label)
    if not wanted.get("list") or status == ON_NO_LIST:
        return _("Subscription: %(status)s") % {"status": words}
    return _("List “%(list)s”: %(status)s") % {"list": _named(MailingList, wanted["list"]), "status": words}


def _say_reading(code: str) -> str:
    names = dict(settings.LANGUAGES)
    return _("Language: %(language)s") % {"language": get_language_info(code)["name_local"] if code in names else code}


register("people", _among, lambda numbers: "")
register("up_to", _known_by_then, lambda number: "")
register("mailing_list", _active_on, lambda number: _say_subscribed({"list": number}))
register("subscribed", _subscribed, _say_subscribed)
register("language", _reading, _say_reading)
register("tag", _tagged, lambda number: _("Tag: %(tag)s") % {"tag": _named(Tag, number)})
register(
    "suppressed", _suppressed, lambda wanted: _("Suppressed, gets no mail") if wanted else _("Allowed to get mail")
)
register("import", _imported, lambda number: _("Import: %(name)s") % {"name": _named(Import, number)})
register("search", searching.everybody_matching, lambda phrase: _("Found by “%(phrase)s”") % {"phrase": phrase})
