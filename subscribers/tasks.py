"""What django-q2 may call here: ids only, bounded work, safe to lose or to run twice."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Final

from django.apps import apps
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_q.tasks import async_task

from subscribers import bulk as bulk  # Registers itself.
from subscribers import erasure, errands, searching
from subscribers.consent import answering, imported, throttles
from subscribers.consent.expiry import end_expired
from subscribers.models import Import, Segment, Subscriber
from subscribers.models.errand import Errand
from subscribers.preferences import mails
from subscribers.retention import carry_out_all
from subscribers.segments import saved
from subscribers.segments.rules import BadRules
from subscribers.transfer import exporting
from subscribers.transfer.importing import proceed

# Going on costs reading the file again up to the cursor, so short turns would waste most of their time.
SECONDS: Final = 60
# In the tick itself, which has other things to do: workers do the rest.
TICK_SECONDS: Final = 0.2
NUDGE_AGAIN: Final = timedelta(seconds=30)


def nudge(import_id: int) -> None:
    """Ask a worker to look at an import once the present transaction is committed."""
    Import.objects.filter(pk=import_id).update(nudged_at=timezone.now())
    transaction.on_commit(lambda: async_task("subscribers.tasks.continue_import", import_id))


def continue_import(import_id: int) -> None:
    """Check or run an import for a while, whichever it waits for."""
    started = Import.objects.under_way().filter(pk=import_id).first()
    if started and proceed(started, seconds=SECONDS):
        nudge(import_id)


def send_on(errand: Errand) -> None:
    """Ask a worker to look at an errand once the present transaction is committed."""
    type(errand).objects.filter(pk=errand.pk).update(nudged_at=timezone.now())
    label, number = errand._meta.label_lower, errand.pk
    transaction.on_commit(lambda: async_task("subscribers.tasks.continue_errand", label, number))


def continue_errand(label: str, number: int) -> None:
    """Work on an errand of that model for a while."""
    found = apps.get_model(label)._default_manager.filter(pk=number).first()
    if isinstance(found, Errand) and errands.proceed(found, seconds=SECONDS):
        send_on(found)


def count_soon(segment: int) -> None:
    """Once the present transaction is committed."""
    transaction.on_commit(lambda: async_task("subscribers.tasks.count_segment", segment))


def count_segment(number: int) -> None:
    """However long it takes, up to a minute."""
    found = Segment.objects.filter(pk=number).first()
    if found:
        with suppress(BadRules):
            saved.count(found, seconds=SECONDS)


def answer_sign_ups() -> None:
    """Write to those who typed an address, or not."""
    if answering.answer_new(seconds=SECONDS):
        async_task("subscribers.tasks.answer_sign_ups")


def ask_imported(number: int) -> None:
    """Let everybody whom an import brought be asked."""
    if imported.ask(number, seconds=SECONDS):
        async_task("subscribers.tasks.ask_imported", number)


def follow_changes() -> None:
    """Let the search know about people who are new or changed. Each minute, but not during an import."""
    if searching.is_behind() and not Import.objects.under_way().exists():
        searching.catch_up(seconds=SECONDS)


def keep_house() -> None:
    """Each day: end what has expired, and keep nothing for longer than the rules say."""
    has_more = [end_expired(seconds=SECONDS), carry_out_all(seconds=SECONDS), throttles.forget_expired()]
    if any(has_more):
        async_task("subscribers.tasks.keep_house")


def wipe() -> None:
    """After somebody was erased."""
    erasure.wipe()


def sweep() -> None:
    """Ask for workers for what nobody attends, and forget the files of imports that are over."""
    unasked = Q(nudged_at=None) | Q(nudged_at__lt=timezone.now() - NUDGE_AGAIN)
    for waiting in Import.objects.unattended().filter(unasked).only("pk"):
        nudge(waiting.pk)
    for model in errands.registered():
        for errand in model.objects.unattended().filter(unasked):
            send_on(errand)
    for brought in imported.unasked().filter(unasked).only("pk"):
        Import.objects.filter(pk=brought.pk).update(nudged_at=timezone.now())
        async_task("subscribers.tasks.ask_imported", brought.pk)
    answering.answer_new(seconds=TICK_SECONDS)
    for over in Import.objects.over().exclude(file=""):
        over.forget_file()
    exporting.remove_old()


def mail_link(number: int) -> None:
    """To whoever typed their address. Asked for just the same for addresses that nobody knows, as number 0."""
    if found := Subscriber.objects.filter(pk=number).first():
        mails.mail_link(found)


def mail_data(number: int) -> None:
    if found := Subscriber.objects.filter(pk=number).first():
        mails.mail_data(found)
