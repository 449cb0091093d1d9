"""The page on which people sign up. Forms on other sites post to it too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from subscribers.models import SignUpForm

from . import proof_of_work, time_trap
from .brands import look_of
from .networks import HOUR
from .pages import HEADERS, language_for, network_address, show
from .sign_up_page import Page, SignUpInputs
from .sign_ups import TooMany, take_in

MOST_FIELDS: Final = 100
LONGEST_REFERRER: Final = 250
# What a wrong encoding leaves behind.
GARBLED: Final = "\N{REPLACEMENT CHARACTER}"
WITH_SCRIPT: Final = HEADERS["Content-Security-Policy"] + "; script-src 'self'"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Exempt from the CSRF check, since forms on other sites post here, and no cookie is read."""
    found = page_of(slug)
    with translation.override(language(request, request.POST)):
        response = _answer(request, found) if found else render(request, "404.html", status=404)
    for name, value in HEADERS.items():
        response.headers[name] = value
    if found and request.method != "POST":
        # Search engines may lead here, unlike to what stands behind tokens.
        del response.headers["X-Robots-Tag"]
    if found and found.needs_proof_of_work:
        response.headers["Content-Security-Policy"] = WITH_SCRIPT
    return response


def _answer(request: HttpRequest, found: Page) -> HttpResponse:
    if request.method != "POST":
        return shown(request, found)
    if _is_garbled(request):
        return render(request, "400.html", status=400)
    typed = SignUpInputs(found, request.POST)
    if not typed.is_valid():
        return _ask(request, found, typed, status=400)
    try:
        receive(request, typed)
    except TooMany:
        response = show(request, "public/sign_up_too_many.html", {"brand": look_of(found.lists)}, status=429)
        response.headers["Retry-After"] = seconds()
        return response
    return show(request, "public/sign_up_asked.html", _words(found))


def shown(request: HttpRequest, found: Page) -> HttpResponse:
    """As it is at first, in the language that is active."""
    return _ask(request, found, SignUpInputs(found, initial={"came_from": referrer(request)}))


def asked(found: Page) -> str:
    """The same for everybody, whoever has that address."""
    if found.is_confirmed_by_mail:
        return _("Please look into your inbox: we have sent you a mail with a link. It is valid for seven days.")
    return _("Thank you! If you have left us before, a mail in your inbox asks you to confirm.")


def receive(request: HttpRequest, typed: SignUpInputs) -> None:
    if not typed.is_by_a_machine:
        sign_up = typed.sign_up(network_address=network_address(request), referrer=referrer(request))
        take_in(sign_up, typed.chosen())


def _ask(request: HttpRequest, found: Page, typed: SignUpInputs, status: int = 200) -> HttpResponse:
    challenge = proof_of_work.set_challenge().as_json() if found.needs_proof_of_work else ""
    words = {**_words(found), "form": typed, "begun": time_trap.set_trap(), "challenge": challenge}
    words["chosen"] = typed["lists"].value() or [] if "lists" in typed.fields else []
    return show(request, "public/sign_up.html", words, status=status)


def _words(found: Page) -> dict[str, Any]:
    return {"page": found, "brand": look_of(found.lists), "asked": asked(found)}


def page_of(slug: str) -> Page | None:
    form = SignUpForm.objects.filter(slug=slug, is_active=True).first()
    found = Page.of(form) if form else None
    return found if found and found.lists else None


def language(request: HttpRequest, told: Any) -> str:
    """A form on another site says in which language its visitors read it."""
    said = told.get("language")
    return language_for(request, said if isinstance(said, str) else "")


def _is_garbled(request: HttpRequest) -> bool:
    texts = [text for _name, texts in request.POST.lists() for text in texts]
    return bool(request.FILES) or len(texts) > MOST_FIELDS or not are_readable(texts)


def are_readable(texts: Iterable[str]) -> bool:
    text = "".join(texts)
    # Halves of letters, which no database takes.
    return GARBLED not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def referrer(request: HttpRequest) -> str:
    """The site and page that led here. What follows a question mark may tell of the visitor, and so may an @."""
    parts = _split(request.headers.get("Referer", ""))
    is_ours = parts.netloc == request.get_host() and parts.path == request.path
    path = "" if "@" in parts.path or "%40" in parts.path else parts.path
    return "" if is_ours else f"{parts.hostname or ''}{path}"[:LONGEST_REFERRER]


def _split(address: str) -> Any:
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def seconds() -> str:
    return str(int(HOUR.total_seconds()))
