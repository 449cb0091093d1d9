"""Every page that readers see, and what they do to see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone

from campaigns.signing import PREVIEW
from subscribers.consent.brands import look
from subscribers.consent.pages import show
from subscribers.models import (
    Attribute,
    Brand,
    LeavingReason,
    MailingList,
    SignUp,
    SignUpForm,
    Subscriber,
)
from subscribers.signing import Purpose, sign
from tests.config.test_errors import urlpatterns as with_errors

from .stage import Stage


@dataclass(frozen=True)
class State:
    name: str
    address: Callable[[Stage], str]
    # What is pressed there by keyboard, each by its selector, until the page is in that state; or what is typed there.
    steps: tuple[str | tuple[str, str], ...] = ()


def unsubscribe(stage: Stage) -> str:
    return reverse("unsubscribe", args=[stage.token_of(Purpose.UNSUBSCRIBE, stage.river)])


def unsubscribe_from_two(stage: Stage) -> str:
    return reverse("unsubscribe", args=[stage.token_of(Purpose.UNSUBSCRIBE, stage.tips, stage.river)])


def unsubscribe_trial(stage: Stage) -> str:
    return reverse("unsubscribe", args=[sign(Purpose.UNSUBSCRIBE, PREVIEW)])


def preferences(stage: Stage) -> str:
    return reverse("preferences", args=[stage.token_of(Purpose.PREFERENCES, stage.river, stage.tips)])


def preferences_with_all(stage: Stage) -> str:
    """With everything that can be on it."""
    MailingList.objects.filter(pk=stage.river.pk).update(tracking=MailingList.Tracking.PERSON, has_digest=True)
    for name, kind in {"company": "text", "seats": "number", "born": "date", "vegan": "boolean"}.items():
        Attribute.objects.get_or_create(name=name, kind=kind, is_open=True, translations={"ar": "شركة", "ja": "会社"})
    Attribute.objects.get_or_create(name="size", kind="choice", choices=["S", "M", "L"], is_open=True)
    return preferences(stage)


def preferences_erase(stage: Stage) -> str:
    return reverse("preferences_erase", args=[stage.token_of(Purpose.PREFERENCES, stage.tips)])


def unsubscribe_with_reasons(stage: Stage) -> str:
    for words, arabic in {"Too many mails": "رسائل كثيرة", "Not what I expected": "ليس ما توقعته"}.items():
        LeavingReason.objects.get_or_create(words=words, translations={"ar": arabic})
    return unsubscribe(stage)


def me(stage: Stage) -> str:
    return reverse("me", args=[sign(Purpose.SELF, stage.reader(stage.river).pk)])


def me_erase(stage: Stage) -> str:
    return reverse("me_erase", args=[sign(Purpose.SELF, stage.reader(stage.river).pk)])


def preferences_of_somebody_gone(stage: Stage) -> str:
    mail = stage.mail(stage.tips)
    Subscriber.objects.filter(pk=mail.subscriber_id).delete()
    return reverse("preferences", args=[sign(Purpose.PREFERENCES, mail.pk)])


def sign_up(stage: Stage) -> str:
    """With everything that may be asked for."""
    made = SignUpForm.objects.create(
        slug=f"river-{stage.language}-{next(stage.numbers)}",
        name="River",
        fields=["first_name", "last_name", "time_zone", *(f"attribute:{name}" for name in ("company", "born", "size"))],
        introductions={"": "What happens at the quay, each Monday.", "ja": "毎週月曜日、川辺の出来事をお届けします。"},
    )
    for name, kind, choices in (("company", "text", []), ("born", "date", []), ("size", "choice", ["S", "M"])):
        Attribute.objects.get_or_create(name=name, defaults={"kind": kind, "choices": choices})
    made.mailing_lists.set([stage.river, stage.tips])
    return reverse("sign_up", args=[made.slug])


def sign_up_for_one(stage: Stage) -> str:
    made = SignUpForm.objects.create(slug=f"tips-{stage.language}-{next(stage.numbers)}", name="Tips")
    made.mailing_lists.set([stage.tips])
    return reverse("sign_up", args=[made.slug])


def sign_up_with_proof(stage: Stage) -> str:
    number = next(stage.numbers)
    made = SignUpForm.objects.create(slug=f"proof-{stage.language}-{number}", name="Proof")
    made.mailing_lists.create(name="Proof", label=f"proof-{stage.language}-{number}", needs_proof_of_work=True)
    return reverse("sign_up", args=[made.slug])


def confirm(stage: Stage, **facts: object) -> str:
    address = f"new.{stage.language}.{next(stage.numbers)}@example.org"
    asked = SignUp.objects.create(email=address, status="asked", language=stage.language, **facts)
    asked.mailing_lists.set([stage.river, stage.tips])
    return reverse("confirm", args=[sign(Purpose.CONFIRM, asked.pk)])


def confirm_too_late(stage: Stage) -> str:
    return confirm(stage, created_at=timezone.now() - timedelta(days=8))


def front(stage: Stage) -> str:
    """Forms and archives of all languages, one below the other."""
    sign_up(stage)
    sign_up_for_one(stage)
    MailingList.objects.filter(pk=stage.river.pk).update(has_archive=True)
    return reverse("front")


ADDRESS, GO = ("input[name=email]", "dilnoza@example.org"), "main button.primary"


def web_version(stage: Stage) -> str:
    return reverse("web_version", args=[sign(Purpose.WEB_VIEW, stage.letter().pk)])


def web_version_trial(stage: Stage) -> str:
    return reverse("web_version", args=[sign(Purpose.WEB_VIEW, PREVIEW)])


def archive(stage: Stage) -> str:
    stage.letter()
    return reverse("archive", args=[stage.river.label])


def archive_of_nothing(stage: Stage) -> str:
    MailingList.objects.filter(pk=stage.tips.pk).update(has_archive=True)
    return reverse("archive", args=[stage.tips.label])


def archived_mail(stage: Stage) -> str:
    return reverse("archive_mail", args=[stage.river.label, stage.letter().campaign_id, stage.language])


LEAVE, RETURN = "button[value=leave]", "button[value=return]"
PAUSE, UNDO = "button[value='3']", ".notice button"


def specimen(request: HttpRequest, number: int) -> HttpResponse:
    context = {"names": ["Monthly news", "川辺だより", "رسالة النهر"], "brand": look(Brand.objects.get(pk=number))}
    return show(request, "public/specimen.html", context)


urlpatterns = [*with_errors, path("specimen/<int:number>", specimen)]

# By the names that urls.py gives them.
STATES: dict[str, tuple[State, ...]] = {
    "front": (State("front-empty", lambda stage: "/"), State("front", front)),
    "unsubscribe": (
        State("unsubscribe", unsubscribe),
        State("unsubscribe-two", unsubscribe_from_two),
        State("unsubscribe-left", unsubscribe, (LEAVE,)),
        State("unsubscribe-returned", unsubscribe, (LEAVE, RETURN)),
        State("unsubscribe-trial", unsubscribe_trial),
        State("unsubscribe-paused", unsubscribe, ("button[value=pause]",)),
        State("unsubscribe-reasons", unsubscribe_with_reasons, (LEAVE,)),
        State("unsubscribe-thanked", unsubscribe_with_reasons, (LEAVE, "input[name=reason]", "button[value=reason]")),
    ),
    "preferences": (
        State("preferences", preferences),
        State("preferences-saved", preferences, ("input[name=lists]", "button[value=save]")),
        State("preferences-left", preferences, (LEAVE,)),
        State("preferences-gone", preferences_of_somebody_gone),
        State("preferences-all", preferences_with_all),
        State("preferences-all-saved", preferences_with_all, ("input[type=radio]", "button[value=save]")),
        State("preferences-paused", preferences, (PAUSE,)),
        State("preferences-unpaused", preferences, (PAUSE, UNDO)),
        State("preferences-data", preferences, ("button[value=data]",)),
    ),
    "preferences_erase": (State("preferences-erase", preferences_erase),),
    "preferences_by_address": (State("address", lambda stage: reverse("preferences_by_address")),),
    "me": (State("me", me), State("me-left", me, (LEAVE,))),
    "me_erase": (
        State("me-erase", me_erase),
        State("me-erased", me_erase, ("button[value=erase]",)),
    ),
    "sign_up": (
        State("sign-up", sign_up),
        State("sign-up-refused", sign_up, (("input[name=email]", "dilnoza@example"), GO)),
        State("sign-up-one", sign_up_for_one),
        State("sign-up-with-proof", sign_up_with_proof),
        State("sign-up-asked", sign_up_for_one, (ADDRESS, GO)),
    ),
    "confirm": (
        State("confirm", confirm),
        State("confirm-done", confirm, (GO,)),
        State("confirm-too-late", confirm_too_late),
        State("confirm-again", confirm_too_late, (GO,)),
        State("confirm-gone", lambda stage: reverse("confirm", args=[sign(Purpose.CONFIRM, 999_999_999)])),
    ),
    "web_version": (State("web-version", web_version), State("web-version-trial", web_version_trial)),
    "archive": (State("archive", archive), State("archive-of-nothing", archive_of_nothing)),
    "archive_mail": (State("archived-mail", archived_mail),),
    # Of no address in particular.
    "": (
        State("specimen", lambda stage: f"/specimen/{stage.river.brand_id}"),
        State("error-400", lambda stage: "/falls/suspicious"),
        State("error-403", lambda stage: "/falls/forbidden"),
        State("error-404", lambda stage: "/nothing"),
        State("error-429", lambda stage: "/often"),
        State("error-500", lambda stage: "/falls/wrong"),
        State("error-503", lambda stage: "/falls/away"),
    ),
}
# What is open to everybody and no page.
NO_PAGES = {
    "archive_feed",
    "brand_logo",
    "brand_stylesheet",
    "click",
    "favicon",
    "health",
    "robots",
    "sign_up_json",
    "sitemap",
}
