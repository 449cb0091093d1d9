"""Erases people for good: what remains is a fingerprint, so that nobody mails them again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django_q.models import Task

from subscribers.models import Subscriber
from subscribers.privacy.holdings import People, registered
from subscribers.privacy.traces import Traces, text_fields

# Where anybody may have written an address.
APPS: Final = ("subscribers", "campaigns", "admin", "django_q")
# Rows for each mail or each person, whose holdings know where to look, so that not all of them are read.
ANSWERED_FOR: Final = frozenset(
    {
        "subscribers.Subscriber",
        "subscribers.Subscriber_tags",
        "subscribers.SearchText",
        "subscribers.Subscription",
        "subscribers.ConsentRecord",
        "subscribers.Suppression",
        "subscribers.ImportIssue",
        "subscribers.ImportJournal",
        "subscribers.BulkStep",
        "campaigns.Delivery",
        "campaigns.Attempt",
        "campaigns.Event",
        "campaigns.Batch",
        # An address of ours.
        "campaigns.Sender",
    }
)


class Refused(Exception):
    """Nobody was erased; ``str()`` says why in words."""


def erase(address: str) -> None:
    """Whoever has this normalised address, subscriber or not. Raises Refused."""
    if staff_among([address]):
        raise Refused(_("Somebody of the staff has this address. Change their account first."))
    erase_all([address])


@transaction.atomic
def erase_all(addresses: Collection[str]) -> int:
    """How many were erased: those who have an account of the staff are left as they are."""
    meant = set(addresses) - staff_among(addresses)
    if not meant:
        return 0
    # Locked, so that what happens to them at this moment is erased as well.
    list(Subscriber.objects.select_for_update().filter(email__in=meant).order_by("pk").values("pk"))
    people = People.of(meant)
    for holding in registered():
        holding.erase(people)
    Subscriber.objects.filter(pk__in=people.numbers).delete()
    _forget_failures(traces := Traces(meant))
    for model in searched():
        if names := text_fields(model):
            traces.remove_from(model._base_manager.all(), *names)
    return len(meant)


def searched() -> list[type[Model]]:
    models = apps.get_models()
    return [each for each in models if each._meta.app_label in APPS and each._meta.label not in ANSWERED_FOR]


def staff_among(addresses: Collection[str]) -> set[str]:
    return set(get_user_model()._default_manager.filter(email__in=addresses).values_list("email", flat=True))


def wipe() -> None:
    """Leave nothing beside the rows. Outside of transactions, and on SQLite as long as copying the file takes."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            # What the planner knows of a column are samples of it.
            cursor.execute("ANALYZE")


def _forget_failures(traces: Traces) -> None:
    """A task that failed keeps the words of its error."""
    for task in Task.objects.iterator():
        if traces.are_in(f"{task.result} {task.args} {task.kwargs}"):
            task.delete()
