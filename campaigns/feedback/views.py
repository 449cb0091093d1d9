"""Leaving: what the link in every mail opens. GET and HEAD change nothing."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.models import Event
from subscribers.consent import flows, pauses
from subscribers.consent.pages import HEADERS, current_language, evidence, with_language
from subscribers.models import ConsentRecord, MailingList, Subscriber, Suppression
from subscribers.preferences import breaks
from subscribers.preferences.visit import is_nonsense
from subscribers.signing import Purpose, sign

from . import reasons, record
from .letter import Letter
from .pages import behind, own_language, show

ONE_CLICK = ConsentRecord.Source.ONE_CLICK
BY_PAGE = ConsentRecord.Source.PREFERENCES
# Months that are offered instead of leaving.
BREAK: Final = 3


@behind(Purpose.UNSUBSCRIBE)
def unsubscribe(request: HttpRequest, letter: Letter) -> HttpResponse:
    if letter.is_trial:
        return show(request, letter, "public/trial.html")
    if request.method != "POST":
        return ask(request, letter)
    if is_one_click(request):
        record.unsubscribed(letter, evidence(request, ONE_CLICK))
        return told(current_language())
    if is_nonsense(request):
        return ask(request, letter, status=400)
    match request.POST.get("action"):
        case "leave":
            record.unsubscribed(letter, evidence(request, BY_PAGE))
            return show_left(request, letter)
        case "return" if letter.subscriber:
            return come_back(request, letter, letter.subscriber)
        case "pause" | "go-on" as action if letter.subscriber:
            return take_break(request, letter, letter.subscriber, begins=action == "pause")
        case "reason" if event := record.leaving(letter):
            return give_reason(request, letter, event)
    return ask(request, letter, status=400)


def is_one_click(request: HttpRequest) -> bool:
    """RFC 8058: a mail program posts for its user, reads no page, and may repeat itself."""
    return request.method == "POST" and request.POST.get("List-Unsubscribe", "").lower() == "one-click"


def told(language: str) -> HttpResponse:
    headers = {**HEADERS, "Content-Language": language}
    return HttpResponse(thanks(language), "text/plain; charset=utf-8", headers=headers)


@cache
def thanks(language: str) -> bytes:
    with override(language):
        return f"{_('You are unsubscribed.')}\n".encode()


def ask(request: HttpRequest, letter: Letter, status: int = 200) -> HttpResponse:
    lists = flows.on(letter.subscriber, letter.lists()) if letter.subscriber else []
    if letter.subscriber and not lists:
        return show_left(request, letter, status=status)
    return show(
        request,
        letter,
        "public/unsubscribe.html",
        status=status,
        names=names_of(lists),
        preferences=preferences_path(letter),
        until=break_instead(letter.subscriber) if lists else None,
    )


def show_left(request: HttpRequest, letter: Letter, status: int = 200, **context: object) -> HttpResponse:
    """With the way back, as long as nobody else is the reason why the person is not on the lists."""
    left = flows.left_alone(letter.subscriber, letter.lists()) if letter.subscriber else []
    return show(
        request,
        letter,
        "public/left.html",
        status=status,
        left=left,
        names=names_of(left),
        preferences=preferences_path(letter),
        reasons=reasons.form_for(record.leaving(letter)),
        **context,
    )


def come_back(request: HttpRequest, letter: Letter, subscriber: Subscriber) -> HttpResponse:
    left = flows.left_alone(subscriber, letter.lists())
    flows.come_back(subscriber, [each.pk for each in left], evidence(request, BY_PAGE, _("Undid leaving.")))
    lists = flows.on(subscriber, letter.lists())
    return show(request, letter, "public/returned.html", names=names_of(lists), preferences=preferences_path(letter))


def break_instead(subscriber: Subscriber | None) -> date | None:
    """Until when it would last. Whoever gets no mail anyhow is offered none."""
    if subscriber is None or Suppression.objects.stopping(subscriber.email).exists():
        return None
    return breaks.months_on(breaks.today(subscriber), BREAK)


def take_break(request: HttpRequest, letter: Letter, subscriber: Subscriber, *, begins: bool) -> HttpResponse:
    """A few months without mail instead of leaving, and the way back from it."""
    if begins:
        pauses.pause(subscriber, breaks.beginning(subscriber, breaks.months_on(breaks.today(subscriber), BREAK)))
    else:
        pauses.go_on(subscriber)
    day = breaks.end_for(subscriber)
    if day is None:
        return ask(request, letter)
    return show(request, letter, "public/paused.html", until=day, preferences=preferences_path(letter))


def give_reason(request: HttpRequest, letter: Letter, event: Event) -> HttpResponse:
    form = reasons.ReasonForm(event, request.POST)
    if not form.is_valid():
        return show_left(request, letter, status=400, is_wrong=True)
    record.gave_reason(event, form.cleaned_data["reason"], form.cleaned_data["words"])
    return show_left(request, letter, is_thanked=True)


def names_of(lists: list[MailingList]) -> list[str]:
    return [each.name_in(current_language()) for each in lists]


def preferences_path(letter: Letter) -> str:
    path = reverse("preferences", args=[sign(Purpose.PREFERENCES, letter.number)])
    return with_language(path, own_language(letter))
