"""What all pages of an import share: their addresses, who may open them, their frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from subscribers.admin.keyset import KeysetAdmin
from subscribers.models import Import


class ImportFrame(KeysetAdmin):
    def own_path(self, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
        return path(f"<int:object_id>/{name}", self.admin_site.admin_view(view), name=f"subscribers_import_{name}")

    def import_to_see(self, request: HttpRequest, object_id: int) -> Import:
        found: Import = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        return found

    def import_to_change(self, request: HttpRequest, object_id: int) -> Import:
        found = self.import_to_see(request, object_id)
        if not self.has_change_permission(request, found):
            raise PermissionDenied
        return found

    def page(
        self, request: HttpRequest, name: str, context: dict[str, Any], found: Import | None = None
    ) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "import": found, "original": found}
        return render(request, f"admin/subscribers/import_{name}.html", frame | context)

    def tell_who_was_faster(self, request: HttpRequest, found: Import) -> None:
        found.refresh_from_db()
        words = {"name": found.name, "status": found.get_status_display()}
        messages.warning(request, _("Somebody was faster. “%(name)s” is now: %(status)s.") % words)


def address(name: str, found: Import) -> str:
    return reverse(f"admin:subscribers_import_{name}", args=[found.pk])
