"""The preference page of whoever got a mail, which is credited if it makes them leave."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from subscribers.consent import brands
from subscribers.consent.pages import with_language
from subscribers.models import MailingList
from subscribers.preferences import erasing, page
from subscribers.preferences.visit import Visit
from subscribers.signing import Purpose, sign

from . import reasons, record
from .letter import Letter
from .pages import LetterView, behind, show


def of_reader(respond: Callable[[Visit], HttpResponse]) -> LetterView:
    def view(request: HttpRequest, letter: Letter) -> HttpResponse:
        if letter.is_trial:
            return show(request, letter, "public/trial.html")
        if letter.subscriber is None:
            return show(request, letter, "public/gone.html")
        reasons_path = reverse("unsubscribe", args=[sign(Purpose.UNSUBSCRIBE, letter.number)])
        frame = {
            "letter": letter,
            "sender": letter.sender,
            "brand": brands.look_of(letter.lists()),
            "reasons": lambda: reasons.form_for(record.leaving(letter)),
            "reasons_path": with_language(reasons_path, letter.subscriber.reads),
        }

        def credit(left: list[MailingList]) -> None:
            record.credit(letter, left)

        path = reverse("preferences", args=[sign(Purpose.PREFERENCES, letter.number)])
        return respond(Visit(request, letter.subscriber, path, frame, credit))

    return view


preferences = behind(Purpose.PREFERENCES)(of_reader(page.respond))
erase = behind(Purpose.PREFERENCES)(of_reader(erasing.respond))
