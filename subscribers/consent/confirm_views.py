"""The page behind the link in a confirmation mail."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from subscribers.models import SignUp, Subscriber, Suppression
from subscribers.signing import BadToken, Purpose, read

from . import answering, flows, mails
from .brands import look_of
from .confirming import confirm
from .pages import current_language, language_for, network_address, private, show, with_language


@csrf_exempt
@private
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Exempt from the CSRF check: the token is the only credential, and no cookie is read."""
    try:
        number = read(Purpose.CONFIRM, token)
    except BadToken:
        return render(request, "404.html", status=404)
    sign_up = SignUp.objects.filter(pk=number).first()
    with translation.override(language_for(request, sign_up.language if sign_up else "")):
        if sign_up is None or sign_up.status == SignUp.Status.IGNORED:
            return show(request, "public/confirm_gone.html", {}, status=410)
        return _act(request, sign_up) if request.method == "POST" else _ask(request, sign_up)


def _act(request: HttpRequest, sign_up: SignUp) -> HttpResponse:
    match request.POST.get("action"):
        case "confirm" if sign_up.is_open:
            confirm(sign_up, network_address(request))
            return _ask(request, sign_up)
        case "again" if sign_up.is_expired:
            # The answer is the same if the limits do not allow it: then a mail has gone out lately.
            answering.ask_again(sign_up)
            return _show(request, sign_up, "public/confirm_asked.html")
        case "confirm" | "again":
            return _ask(request, sign_up)
    return _ask(request, sign_up, status=400)


def _ask(request: HttpRequest, sign_up: SignUp, status: int = 200) -> HttpResponse:
    sign_up.refresh_from_db()
    if sign_up.is_open:
        return _show(request, sign_up, "public/confirm.html", status=status)
    if sign_up.is_expired:
        return _show(request, sign_up, "public/confirm_expired.html", status=status)
    return _show_confirmed(request, sign_up, status)


def _show_confirmed(request: HttpRequest, sign_up: SignUp, status: int) -> HttpResponse:
    """What is so now, since the mail may be opened again much later."""
    subscriber = Subscriber.objects.filter(email=sign_up.email).first()
    lists = list(sign_up.mailing_lists.order_by("name"))
    on = flows.on(subscriber, lists) if subscriber else []
    return _show(
        request,
        sign_up,
        "public/confirmed.html",
        status=status,
        names=[each.name_in(current_language()) for each in on],
        preferences=with_language(mails.own_page(subscriber), subscriber.reads) if subscriber else "",
        is_stopped=Suppression.objects.by_others().stopping(sign_up.email).exists(),
    )


def _show(request: HttpRequest, sign_up: SignUp, template: str, status: int = 200, **words: Any) -> HttpResponse:
    lists = list(sign_up.mailing_lists.order_by("name"))
    names = [each.name_in(current_language()) for each in lists]
    context = {"brand": look_of(lists), "names": names, **words}
    return show(request, template, context, own_language=sign_up.language, status=status)
