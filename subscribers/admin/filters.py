"""How staff narrow down who they see."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RadioFilter

from subscribers.models import MailingList, Subscriber, Subscription
from subscribers.models.suppression import suppressed

ON_NO_LIST = "none"
Lookups = list[tuple[str, Any]]


class ListFilter(DropdownFilter):
    title = _("list")
    parameter_name = "list"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        return [(str(pk), name) for pk, name in MailingList.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
        """The status filter asks about the same subscription, so one of the two must know both."""
        number = self.value() or ""
        status = request.GET.get(StatusFilter.parameter_name, "")
        if status == ON_NO_LIST or not (number.isdecimal() or status):
            return queryset
        subscriptions = Subscription.objects.filter(subscriber=OuterRef("pk"))
        if number.isdecimal():
            subscriptions = subscriptions.filter(mailing_list=int(number))
        return queryset.filter(Exists(subscriptions.filter(status=status or Subscription.Status.ACTIVE)))


class StatusFilter(RadioFilter):
    title = _("subscription")
    parameter_name = "on"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        return [*Subscription.Status.choices, (ON_NO_LIST, _("on no list"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
        if self.value() != ON_NO_LIST:
            return queryset
        active = Subscription.objects.active().filter(subscriber=OuterRef("pk"))
        return queryset.filter(~Exists(active))


class LanguageFilter(DropdownFilter):
    title = _("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        return list(settings.LANGUAGES)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
        code = self.value()
        if not code:
            return queryset
        spoken = Q(language=code) | Q(language__startswith=f"{code}-")
        return queryset.filter(spoken | Q(language="") if code == settings.LANGUAGE_CODE else spoken)


class SuppressedFilter(RadioFilter):
    title = _("mail")
    parameter_name = "suppressed"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        return [("yes", _("suppressed")), ("no", _("allowed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
        match self.value():
            case "yes":
                return queryset.filter(suppressed())
            case "no":
                return queryset.filter(~suppressed())
        return queryset
