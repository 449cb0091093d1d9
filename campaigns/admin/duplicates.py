"""Starting a campaign from another one."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.translation import gettext as _

from campaigns.admin.campaign_pages import CampaignPages
from campaigns.composition.duplicate import duplicate
from campaigns.models import Campaign


class DuplicateView(CampaignPages):
    def get_urls(self) -> list[URLPattern]:
        return [self.own_path("duplicate", self.duplicate_view), *super().get_urls()]

    def duplicate_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        original = self.campaign_to_see(request, object_id)
        if not self.has_add_permission(request):
            raise PermissionDenied
        name = (_("Copy of %(name)s") % {"name": original.name})[: Campaign._meta.get_field("name").max_length]
        copy = duplicate(original, name=name, created_by_id=request.user.pk)
        self.log_addition(request, copy, _("Duplicated from “%(name)s”.") % {"name": original.name})
        messages.success(request, _("This is a copy of “%(name)s”. It is a draft.") % {"name": original.name})
        return HttpResponseRedirect(self.address("change", copy))
