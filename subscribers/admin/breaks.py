"""A break that somebody asked staff for, or wants to end."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from subscribers.consent import pauses
from subscribers.models import Subscriber
from subscribers.preferences import breaks

from .keyset import KeysetAdmin


class BreakPages(KeysetAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.break_view)
        return [path("<int:object_id>/break", view, name="subscribers_subscriber_break"), *super().get_urls()]

    def break_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Until the day that is posted; without any, it is over."""
        person = get_object_or_404(Subscriber, pk=object_id)
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if "until" in request.POST:
            self._pause(request, person)
        else:
            pauses.go_on(person)
            self._tell(request, person, _("The break is over."))
        return HttpResponseRedirect(reverse("admin:subscribers_subscriber_change", args=[person.pk]))

    def _pause(self, request: HttpRequest, person: Subscriber) -> None:
        until = breaks.asked_for(person, request.POST)
        if until is None:
            messages.error(request, _("Choose a day within the next two years."))
        elif pauses.pause(person, until):
            day = date_format(breaks.day_of(person, until), "DATE_FORMAT")
            self._tell(request, person, _("No mail of campaigns until %(day)s.") % {"day": day})
        else:
            messages.error(request, _("This address is suppressed: it gets no mail."))

    def _tell(self, request: HttpRequest, person: Subscriber, words: str) -> None:
        self.log_change(request, person, words)
        messages.success(request, words)
