"""Readers who want to be forgotten: a page that says what happens, and one button."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from subscribers import erasure
from subscribers.consent import flows
from subscribers.erasure import Refused

from .visit import Visit, is_nonsense


def respond(visit: Visit) -> HttpResponse:
    if visit.request.method != "POST":
        return visit.show("public/erase.html")
    if visit.request.POST.get("action") != "erase" or is_nonsense(visit.request):
        return visit.show("public/erase.html", status=400)
    try:
        erase(visit)
    except Refused as refusal:
        return visit.show("public/erase.html", status=409, refusal=str(refusal))
    return visit.show("public/erased.html")


@transaction.atomic
def erase(visit: Visit) -> None:
    """Raises Refused. First they leave, so that the mail that brought them here knows it."""
    visit.credit(flows.leave_everything(visit.subscriber, visit.evidence(_("Asked to be erased."))))
    erasure.erase(visit.subscriber.email)
    transaction.on_commit(lambda: async_task("subscribers.tasks.wipe"))
