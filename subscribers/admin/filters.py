"""How staff narrow down who they see; the same choices tell a worker whom it is to change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RadioFilter

from subscribers import selections
from subscribers.models import Import, MailingList, Segment, Subscriber, Subscription, Tag
from subscribers.selections import ON_NO_LIST, BadSelection

MOST_IMPORTS = 50
Lookups = list[tuple[str, Any]]
Params = Mapping[str, str]


def selection_of(params: Params) -> dict[str, Any]:
    """What the parameters of a list of people choose, to be stored; what makes no sense chooses nothing."""
    chosen: dict[str, Any] = {}
    for each in FILTERS:
        chosen |= each.chosen(params)
    phrase = params.get(SEARCH_VAR, "").strip()
    return chosen | ({"search": phrase} if phrase else {})


class Narrowing:
    """A filter of the admin that says the same to `subscribers.selections`."""

    parameter_name: str

    @classmethod
    def chosen(cls, params: Params) -> dict[str, Any]:
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
        try:
            for kind, value in self.chosen(request.GET).items():
                queryset = selections.narrow(queryset, kind, value)
        except BadSelection as refusal:
            messages.error(request, str(refusal))
            return queryset.none()
        return queryset


class NumberedFilter(Narrowing, DropdownFilter):
    """One of the rows of a model."""

    kind: ClassVar[str]
    model: ClassVar[type[Model]]

    @classmethod
    def chosen(cls, params: Params) -> dict[str, Any]:
        number = params.get(cls.parameter_name, "")
        return {cls.kind: int(number)} if number.isdecimal() and selections.is_known(cls.kind) else {}

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        return [(str(row.pk), str(row)) for row in self.model._default_manager.all()[:1000]]


class ListFilter(NumberedFilter):
    title = _("list")
    parameter_name = "list"
    model = MailingList

    @classmethod
    def chosen(cls, params: Params) -> dict[str, Any]:
        """The status filter asks about the same subscription, so one of the two must know both."""
        number, status = params.get("list", ""), params.get("on", "")
        wanted: dict[str, Any] = {"list": int(number)} if number.isdecimal() else {}
        if status in {*Subscription.Status.values, ON_NO_LIST}:
            wanted["on"] = status
        return {"subscribed": wanted} if wanted else {}


class StatusFilter(Narrowing, RadioFilter):
    title = _("subscription")
    parameter_name = "on"

    @classmethod
    def chosen(cls, params: Params) -> dict[str, Any]:
        return {}

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        return [*Subscription.Status.choices, (ON_NO_LIST, _("on no list"))]


class LanguageFilter(Narrowing, DropdownFilter):
    title = _("language")
    parameter_name = "language"

    @classmethod
    def chosen(cls, params: Params) -> dict[str, Any]:
        code = params.get(cls.parameter_name, "")
        return {"language": code} if code else {}

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        return list(settings.LANGUAGES)


class TagFilter(NumberedFilter):
    title = _("tag")
    parameter_name = kind = "tag"
    model = Tag


class SegmentFilter(NumberedFilter):
    title = _("segment")
    parameter_name = kind = "segment"
    model = Segment


class ImportFilter(NumberedFilter):
    """The newest; older ones are reached from their own pages."""

    title = _("import")
    parameter_name = kind = "import"
    model = Import

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        shown = list(Import.objects.exclude(started_at=None)[:MOST_IMPORTS])
        chosen = self.value() or ""
        if chosen.isdecimal() and int(chosen) not in {each.pk for each in shown}:
            shown += Import.objects.filter(pk=int(chosen))
        return [(str(each.pk), each.name) for each in shown]


class SuppressedFilter(Narrowing, RadioFilter):
    title = _("mail")
    parameter_name = "suppressed"

    @classmethod
    def chosen(cls, params: Params) -> dict[str, Any]:
        wanted = {"yes": True, "no": False}.get(params.get(cls.parameter_name, ""))
        return {} if wanted is None else {"suppressed": wanted}

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        return [("yes", _("suppressed")), ("no", _("allowed"))]


FILTERS: list[type[Narrowing]] = [
    ListFilter,
    StatusFilter,
    LanguageFilter,
    TagFilter,
    SegmentFilter,
    SuppressedFilter,
    ImportFilter,
]
