"""Starting a campaign from another one."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from campaigns.composition.duplicate import duplicate
from campaigns.models import Campaign


class DuplicateView(ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.duplicate_view)
        return [path("<int:object_id>/duplicate", view, name="campaigns_campaign_duplicate"), *super().get_urls()]

    def duplicate_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        original: Campaign = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not (self.has_view_permission(request, original) and self.has_add_permission(request)):
            raise PermissionDenied
        name = (_("Copy of %(name)s") % {"name": original.name})[: Campaign._meta.get_field("name").max_length]
        copy = duplicate(original, name=name, created_by_id=request.user.pk)
        self.log_addition(request, copy, _("Duplicated from “%(name)s”.") % {"name": original.name})
        messages.success(request, _("This is a copy of “%(name)s”. It is a draft.") % {"name": original.name})
        return HttpResponseRedirect(reverse("admin:campaigns_campaign_change", args=[copy.pk]))
