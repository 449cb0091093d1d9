"""What the preference page shows and does. Every change is told in words and can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from subscribers.consent import flows, inputs, pauses, wishes
from subscribers.consent.forms import own_name
from subscribers.consent.pages import current_language, supported
from subscribers.consent.throttles import Limit
from subscribers.consent.wishes import Changes
from subscribers.models import Attribute, MailingList, Suppression

from . import breaks
from .form import PreferencesForm, way_back
from .visit import Visit, is_nonsense

DATA: Final = Limit("my-data", most=3, within=breaks.DAY)
Fields = list[tuple[str, str]]


def respond(visit: Visit) -> HttpResponse:
    if visit.request.method != "POST":
        return show(visit)
    act = ACTIONS.get(visit.request.POST.get("action", ""))
    if act is None or is_nonsense(visit.request):
        return show(visit, status=400)
    return act(visit)


def show(visit: Visit, form: PreferencesForm | None = None, *, status: int = 200, **done: Any) -> HttpResponse:
    form = form or PreferencesForm(visit.subscriber)
    return visit.show(
        "public/preferences.html",
        status=status,
        form=form,
        rows=form.rows(),
        stopped=Suppression.objects.refusing().stopping(visit.subscriber.email).first(),
        paused_until=breaks.end_for(visit.subscriber),
        break_begins=breaks.first_day(visit.subscriber).isoformat(),
        break_ends=breaks.last_day(visit.subscriber).isoformat(),
        **done,
    )


def save(visit: Visit, *, is_undo: bool = False) -> HttpResponse:
    form = PreferencesForm(visit.subscriber, visit.request.POST, is_partial=is_undo)
    if not form.is_valid():
        return show(visit, PreferencesForm(visit.subscriber) if is_undo else form, status=400)
    before = PreferencesForm(visit.subscriber)
    with transaction.atomic():
        evidence = visit.evidence(_("Undid a change.") if is_undo else "")
        changes = wishes.grant(visit.subscriber, form.wishes(), evidence)
        visit.credit(changes.left)
    visit.subscriber.refresh_from_db()
    language = supported(visit.subscriber.reads) if "language" in changes.facts else None
    with translation.override(language or current_language()):
        after = PreferencesForm(visit.subscriber)
        back = [("action", "undo"), *way_back(before, after)] if changes else []
        return show(visit, after, is_saved=True, is_undone=is_undo, told=_told(visit, changes), way_back=back)


def undo(visit: Visit) -> HttpResponse:
    return save(visit, is_undo=True)


def leave_everything(visit: Visit) -> HttpResponse:
    lists, waiting = flows.active_on(visit.subscriber), flows.waiting_on(visit.subscriber)
    until = pauses.paused_until(visit.subscriber)
    with transaction.atomic():
        visit.credit(flows.leave_everything(visit.subscriber, visit.evidence(_("Left everything."))))
    back: Fields = [("lists", str(number)) for number in sorted(lists)]
    back += [("waiting", str(number)) for number in sorted(waiting)]
    return show(visit, has_left_everything=True, way_back=[("action", "return"), *back, *_moment(until)])


def come_back(visit: Visit) -> HttpResponse:
    """After having left everything, to what there was before."""
    form = PreferencesForm(visit.subscriber, visit.request.POST, is_partial=True)
    moment = breaks.exactly(visit.request.POST)
    if not form.is_valid() or moment is breaks.WRONG:
        return show(visit, status=400)
    with transaction.atomic():
        wished, evidence = form.wishes(), visit.evidence(_("Undid a change."))
        joined = flows.come_back(visit.subscriber, wished.joins, evidence)
        flows.wait_again(visit.subscriber, wished.waits, evidence)
        if moment:
            pauses.pause(visit.subscriber, moment)
    told = _told(visit, Changes(joined=joined))
    return show(visit, is_saved=True, is_undone=True, told=told)


def pause(visit: Visit) -> HttpResponse:
    until = breaks.asked_for(visit.subscriber, visit.request.POST)
    before = pauses.paused_until(visit.subscriber)
    if until is None:
        return show(visit, status=400, is_wrong_day=True)
    if not pauses.pause(visit.subscriber, until):
        return show(visit)
    return show(visit, has_paused=True, way_back=[("action", "restore"), *_moment(before)])


def go_on(visit: Visit) -> HttpResponse:
    before = pauses.paused_until(visit.subscriber)
    pauses.go_on(visit.subscriber)
    return show(visit, goes_on=True, way_back=[("action", "restore"), *_moment(before)] if before else [])


def restore(visit: Visit) -> HttpResponse:
    """The pause as it was before the last change, or none."""
    moment = breaks.exactly(visit.request.POST)
    if moment is breaks.WRONG:
        return show(visit, status=400)
    if moment:
        pauses.pause(visit.subscriber, moment)
        return show(visit, has_paused=True, is_undone=True)
    pauses.go_on(visit.subscriber)
    return show(visit, goes_on=True, is_undone=True)


def send_data(visit: Visit) -> HttpResponse:
    if not DATA.allows(visit.subscriber.email):
        return show(visit, status=429, has_asked_often=True)
    number = visit.subscriber.pk
    transaction.on_commit(lambda: async_task("subscribers.tasks.mail_data", number))
    return show(visit, is_data_on_its_way=True)


ACTIONS: Final[dict[str, Callable[[Visit], HttpResponse]]] = {
    "save": save,
    "undo": undo,
    "leave": leave_everything,
    "return": come_back,
    "pause": pause,
    "go-on": go_on,
    "restore": restore,
    "data": send_data,
}


def _moment(until: Any) -> Fields:
    return [("moment", until.isoformat())] if until else []


def _told(visit: Visit, changes: Changes) -> dict[str, Any]:
    """What the page says about it, in the language that is active now."""
    subscriber = visit.subscriber
    attributes = Attribute.objects.filter(name__in=changes.attributes)
    return {
        "joined": names_of(changes.joined),
        "left": names_of(changes.left),
        "facts": changes.facts,
        "name": changes.facts & {"first_name", "last_name"},
        "language_name": own_name(subscriber.reads),
        "attributes": [inputs.label_of(each) for each in attributes],
        "subscriber": subscriber,
        "anything": bool(changes),
    }


def names_of(lists: list[MailingList]) -> list[str]:
    return [each.name_in(current_language()) for each in lists]
