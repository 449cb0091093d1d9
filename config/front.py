"""The front door: what can be read and had here by everybody."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.http import require_safe

from subscribers.consent.brands import in_language, look_of
from subscribers.consent.pages import current_language, language_for, show, with_language
from subscribers.models import MailingList, SignUpForm


@dataclass(frozen=True)
class Way:
    name: str
    description: str
    address: str


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    with override(language_for(request)):
        forms, archives = open_forms(), open_archives()
        shown = {each.pk: each for form in forms for each in form.mailing_lists.all()}
        shown |= {each.pk: each for each in archives}
        context = {
            "ways_in": [way_in(form) for form in forms],
            "archives": [way_to_read(each) for each in archives],
            "preferences": with_language(reverse("preferences_by_address"), ""),
            # With the face of one brand only where there is no other.
            "brand": look_of(shown.values()) if len({each.brand_id for each in shown.values()}) == 1 else None,
        }
        return show(request, "public/front.html", context)


def open_forms() -> list[SignUpForm]:
    lists = Prefetch("mailing_lists", MailingList.objects.order_by("name"))
    return list(SignUpForm.objects.advertised().prefetch_related(lists))


def open_archives() -> list[MailingList]:
    return list(MailingList.objects.filter(has_archive=True, is_public=True))


def way_in(form: SignUpForm) -> Way:
    lists = list(form.mailing_lists.all())
    language = current_language()
    names = ", ".join(each.name_in(language) for each in lists)
    return Way(
        name=in_language(form.titles, language) or names,
        description=in_language(form.introductions, language) or (lists[0].description if len(lists) == 1 else ""),
        address=with_language(reverse("sign_up", args=[form.slug]), ""),
    )


def way_to_read(mailing_list: MailingList) -> Way:
    return Way(
        name=mailing_list.name_in(current_language()),
        description=mailing_list.description,
        address=with_language(reverse("archive", args=[mailing_list.label]), ""),
    )
