"""The page of an errand: what was asked for, how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from subscribers import selections
from subscribers.models.errand import Errand
from subscribers.selections import BadSelection
from subscribers.transfer.progress import Line, errand_progress

from .keyset import KeysetAdmin

LABELS: dict[str, str] = {
    Errand.Status.RUNNING: "info",
    Errand.Status.DONE: "success",
    Errand.Status.FAILED: "danger",
    Errand.Status.CANCELLED: "default",
}


class ErrandAdmin(KeysetAdmin):
    """Nobody edits one: it is asked for, watched and cancelled."""

    outcomes: ClassVar[dict[str, Any]] = {}
    """Outcome → what staff read."""
    report_template = "admin/subscribers/errand_report.html"
    list_select_related: ClassVar[Any] = ("created_by",)

    @display(description=gettext_lazy("asked for by"))
    def asker(self, errand: Errand) -> str:
        return str(errand.created_by or "–")

    def get_urls(self) -> list[URLPattern]:
        return [self._own_path("live", self.live_view), self._own_path("cancel", self.cancel_view), *super().get_urls()]

    def _own_path(self, name: str, view: Callable[..., HttpResponseBase]) -> URLPattern:
        model = self.opts.model_name
        return path(f"<int:object_id>/{name}", self.admin_site.admin_view(view), name=f"subscribers_{model}_{name}")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        errand = self.errand_to_see(request, int(object_id) if object_id.isdecimal() else 0)
        return render(request, self.report_template, self.frame(request) | self.report(request, errand))

    def live_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        errand = self.errand_to_see(request, object_id)
        response = render(request, "admin/subscribers/errand_numbers.html", self.numbers(errand))
        if not errand.is_under_way:
            response.headers["Live"] = "done"
        return response

    def cancel_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        errand = self.errand_to_see(request, object_id)
        if not self.has_change_permission(request, errand):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if errand.cancel():
            self.log_change(request, errand, _("Cancelled."))
        return HttpResponseRedirect(self.address("change", errand))

    def report(self, request: HttpRequest, errand: Errand) -> dict[str, Any]:
        """`facts` are pairs of a term and what is to be said about it."""
        return self.numbers(errand) | {
            "title": str(errand),
            "original": errand,
            "facts": self.facts(errand),
            "live": self.address("live", errand),
            "cancel": self.address("cancel", errand) if self.has_change_permission(request, errand) else "",
        }

    def numbers(self, errand: Errand) -> dict[str, Any]:
        known = [(code, label) for code, label in self.outcomes.items() if errand.counts.get(code)]
        return {
            "errand": errand,
            "progress": errand_progress(errand),
            "outcomes": [Line(code, str(label), errand.counts[code]) for code, label in known],
        }

    def facts(self, errand: Errand) -> list[tuple[str, str]]:
        return [(_("People"), of_whom(errand.selection))]

    def frame(self, request: HttpRequest) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts}

    def errand_to_see(self, request: HttpRequest, object_id: int) -> Any:
        errand = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not self.has_view_permission(request, errand):
            raise PermissionDenied
        return errand

    def address(self, name: str, errand: Errand) -> str:
        return reverse(f"admin:subscribers_{self.opts.model_name}_{name}", args=[errand.pk])

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or not obj.is_under_way) and bool(super().has_delete_permission(request, obj))


def of_whom(selection: dict[str, Any]) -> str:
    """Never fails: what was meant may have been deleted since."""
    try:
        words = selections.in_words(selection)
    except BadSelection as gone:
        return str(gone)
    if words:
        return " · ".join(words)
    return _("Chosen one by one") if "people" in selection else _("Everybody")
