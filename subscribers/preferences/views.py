"""One's own page by a link that names the person, and the page on which one asks for that link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Final

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django_q.tasks import async_task

from subscribers import addresses
from subscribers.consent import brands, networks, pages
from subscribers.consent.pages import language_for, private
from subscribers.consent.throttles import Limit
from subscribers.models import Subscriber
from subscribers.signing import BadToken, Purpose, read

from . import erasing, page
from .mails import lists_of
from .visit import Visit, is_nonsense

LINKS: Final = Limit("preferences-links", most=3, within=timedelta(days=1))
# In an hour, from one household and from its neighbourhood.
MOST_HERE: Final = 60
MOST_AROUND: Final = 300


def behind_own_token(view: Callable[[Visit], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    """Exempt from the CSRF check, because the token is the only credential and no cookie is read."""

    @require_http_methods(["GET", "HEAD", "POST"])
    def answer(request: HttpRequest, token: str) -> HttpResponse:
        try:
            subscriber = Subscriber.objects.filter(pk=read(Purpose.SELF, token)).first()
        except BadToken:
            return render(request, "404.html", status=404)
        with translation.override(language_for(request, subscriber.reads if subscriber else "")):
            if subscriber is None:
                return pages.show(request, "public/gone.html", {})
            frame = {"brand": brands.look_of(lists_of(subscriber))}
            return view(Visit(request, subscriber, reverse("me", args=[token]), frame))

    return csrf_exempt(wraps(view)(private(answer)))


me = behind_own_token(page.respond)
erase_me = behind_own_token(erasing.respond)


class AddressForm(forms.Form):
    address = forms.CharField(
        label=_("Your address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )

    def clean_address(self) -> str:
        try:
            return addresses.normalise(self.cleaned_data["address"])
        except addresses.AddressRefused as refusal:
            raise ValidationError(str(refusal)) from refusal


@csrf_exempt
@private
@require_http_methods(["GET", "HEAD", "POST"])
def typed(request: HttpRequest) -> HttpResponse:
    """Says the same to everybody: whether an address is known is nobody's business but its owner's."""
    with translation.override(language_for(request)):
        form = AddressForm(request.POST if request.method == "POST" else None)
        if not form.is_bound:
            return pages.show(request, "public/typed_address.html", {"form": form})
        if is_nonsense(request):
            return pages.show(request, "public/typed_address.html", {"form": AddressForm()}, status=400)
        if not form.is_valid():
            return pages.show(request, "public/typed_address.html", {"form": form}, status=400)
        asker = pages.network_address(request)
        if not networks.allows("preferences-links", asker, here=MOST_HERE, around=MOST_AROUND):
            return pages.show(request, "public/typed_address.html", {"form": form, "is_too_often": True}, status=429)
        ask_for_link(form.cleaned_data["address"])
        return pages.show(request, "public/link_sent.html", {})


def ask_for_link(address: str) -> None:
    """The same work for everybody, so that its time tells nothing: what follows, a worker does."""
    number = Subscriber.objects.filter(email=address).values_list("pk", flat=True).first() or 0
    if LINKS.allows(address):
        transaction.on_commit(lambda: async_task("subscribers.tasks.mail_link", number))
