"""Leaving and preferences: what the links in every mail open. GET and HEAD change nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from subscribers.consent import flows
from subscribers.consent.forms import PreferencesForm, own_name
from subscribers.consent.pages import current_language, evidence, supported
from subscribers.models import ConsentRecord, MailingList, Subscriber, Suppression
from subscribers.signing import Purpose, sign

from . import record
from .letter import Letter
from .pages import behind, show

ONE_CLICK = ConsentRecord.Source.ONE_CLICK
BY_PAGE = ConsentRecord.Source.PREFERENCES


@behind(Purpose.UNSUBSCRIBE)
def unsubscribe(request: HttpRequest, letter: Letter) -> HttpResponse:
    if letter.is_trial:
        return show(request, letter, "public/trial.html")
    if request.method != "POST":
        return ask(request, letter)
    if request.POST.get("List-Unsubscribe", "").lower() == "one-click":
        return leave_with_one_click(request, letter)
    match request.POST.get("action"):
        case "leave":
            record.unsubscribed(letter, evidence(request, BY_PAGE))
            return show_left(request, letter)
        case "return" if letter.subscriber:
            return come_back(request, letter, letter.subscriber)
    return ask(request, letter, status=400)


def leave_with_one_click(request: HttpRequest, letter: Letter) -> HttpResponse:
    """RFC 8058: a mail program posts for its user, reads no page, and may repeat itself."""
    record.unsubscribed(letter, evidence(request, ONE_CLICK))
    words = _("You are unsubscribed.") + "\n"
    return HttpResponse(words, "text/plain; charset=utf-8", headers={"Content-Language": current_language()})


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
    )


def show_left(request: HttpRequest, letter: Letter, status: int = 200) -> HttpResponse:
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
    )


def come_back(request: HttpRequest, letter: Letter, subscriber: Subscriber) -> HttpResponse:
    left = flows.left_alone(subscriber, letter.lists())
    flows.come_back(subscriber, [each.pk for each in left], evidence(request, BY_PAGE, _("Undid leaving.")))
    lists = flows.on(subscriber, letter.lists())
    return show(request, letter, "public/returned.html", names=names_of(lists), preferences=preferences_path(letter))


@behind(Purpose.PREFERENCES)
def preferences(request: HttpRequest, letter: Letter) -> HttpResponse:
    if letter.is_trial:
        return show(request, letter, "public/trial.html")
    subscriber = letter.subscriber
    if subscriber is None:
        return show(request, letter, "public/gone.html")
    if request.method != "POST":
        return choose(request, letter, PreferencesForm(subscriber))
    match request.POST.get("action"):
        case "save":
            return save(request, letter, subscriber)
        case "undo":
            return save(request, letter, subscriber, is_undo=True)
        case "leave":
            return leave_everything(request, letter, subscriber)
    return choose(request, letter, PreferencesForm(subscriber), status=400)


def choose(
    request: HttpRequest, letter: Letter, form: PreferencesForm, *, status: int = 200, **done: object
) -> HttpResponse:
    stopped = Suppression.objects.stopping(letter.address).first()
    return show(
        request, letter, "public/preferences.html", status=status, form=form, rows=form.rows(), stopped=stopped, **done
    )


def save(request: HttpRequest, letter: Letter, subscriber: Subscriber, *, is_undo: bool = False) -> HttpResponse:
    form = PreferencesForm(subscriber, request.POST)
    if not form.is_valid():
        return choose(request, letter, form, status=400)
    before = flows.preferences_of(subscriber)
    with_proof = evidence(request, BY_PAGE, _("Undid a change.") if is_undo else "")
    changes = record.changed_preferences(letter, subscriber, form.preferences(), with_proof)
    if is_undo:
        flows.come_back(subscriber, [], with_proof)
    language = supported(subscriber.reads) if changes.language else None
    with translation.override(language or current_language()):
        return choose(
            request,
            letter,
            PreferencesForm(subscriber),
            is_saved=True,
            is_undone=is_undo,
            changes=changes,
            joined=names_of(changes.joined),
            left=names_of(changes.left),
            language_name=own_name(subscriber.reads),
            before=before,
        )


def leave_everything(request: HttpRequest, letter: Letter, subscriber: Subscriber) -> HttpResponse:
    before = flows.preferences_of(subscriber)
    record.left_everything(letter, subscriber, evidence(request, BY_PAGE, _("Left everything.")))
    return choose(request, letter, PreferencesForm(subscriber), has_left_everything=True, before=before)


def names_of(lists: list[MailingList]) -> list[str]:
    return [each.name_in(current_language()) for each in lists]


def preferences_path(letter: Letter) -> str:
    return reverse("preferences", args=[sign(Purpose.PREFERENCES, letter.number)])
