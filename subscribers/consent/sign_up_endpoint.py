"""Signing up for programs: JSON in and out, for whoever asks and from any site."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from . import proof_of_work
from .inputs import PREFIX
from .pages import current_language, private
from .sign_up_page import Page, SignUpInputs, described
from .sign_up_views import MOST_FIELDS, are_readable, asked, language, page_of, receive, seconds
from .sign_ups import TooMany

MOST_BYTES: Final = 64 * 1024
FOR_ALL_SITES: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}


@csrf_exempt
@private
@require_http_methods(["GET", "HEAD", "POST", "OPTIONS"])
def endpoint(request: HttpRequest, slug: str) -> HttpResponse:
    found = page_of(slug)
    told: Any = _json(request) if request.method == "POST" else {}
    with translation.override(language(request, told if isinstance(told, dict) else {})):
        response = _answer_program(request, found, told) if found else _problem(404, _("There is no such form."))
    for name, value in FOR_ALL_SITES.items():
        response.headers[name] = value
    response.headers["Content-Language"] = current_language()
    return response


def _answer_program(request: HttpRequest, found: Page, told: object) -> HttpResponse:
    if request.method == "OPTIONS":
        return HttpResponse(status=204)
    if request.method != "POST":
        challenge = {"challenge": asdict(proof_of_work.set_challenge())} if found.needs_proof_of_work else {}
        return JsonResponse({**described(found), **challenge})
    if request.content_type != "application/json":
        return _problem(415, _("Send JSON, and say so in Content-Type."))
    data = _as_form(told)
    if data is None:
        return _problem(400, _("This is no object with texts, numbers and lists, in JSON and UTF-8."))
    typed = SignUpInputs(found, data)
    if not typed.is_valid():
        errors = {name if name != "__all__" else "": list(lines) for name, lines in typed.errors.items()}
        return JsonResponse({"errors": errors}, status=400)
    try:
        receive(request, typed)
    except TooMany:
        response = _problem(429, _("So many sign-ups came from your network that we stopped for a while."))
        response.headers["Retry-After"] = seconds()
        return response
    return JsonResponse({"message": asked(found)}, status=202)


def _json(request: HttpRequest) -> object:
    """None for whatever is none."""
    if len(request.body) > MOST_BYTES:
        return None
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        return None


def _as_form(told: object) -> QueryDict | None:
    """As a browser would have sent it: attributes by their names, and everything as text."""
    attributes = told.get("attributes", {}) if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(attributes, dict):
        return None
    flat = {name: value for name, value in told.items() if name != "attributes"}
    flat |= {f"{PREFIX}{name}": value for name, value in attributes.items()}
    values = {name: value if isinstance(value, list) else [value] for name, value in flat.items()}
    every = [each for texts in values.values() for each in texts]
    if len(every) > MOST_FIELDS or not all(isinstance(each, str | int | float) for each in every):
        return None
    data = QueryDict(mutable=True)
    for name, texts in values.items():
        data.setlist(name, [str(each) for each in texts])
    return data if are_readable(str(each) for each in every) else None


def _problem(status: int, words: str) -> JsonResponse:
    return JsonResponse({"errors": {"": [words]}}, status=status)
