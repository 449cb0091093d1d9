"""What recipients' domains may get, and which of them rest."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from campaigns.admin import limits
from campaigns.models import RecipientDomain
from campaigns.tasks import nudge
from subscribers import readable
from subscribers.admin.direction import code


class RecipientDomainForm(limits.LimitsForm):
    class Meta:
        model = RecipientDomain
        fields: ClassVar = ["name", *limits.FIELDS]


@admin.register(RecipientDomain)
class RecipientDomainAdmin(ModelAdmin):
    form = RecipientDomainForm
    list_display = ("domain", "limits", "health")
    search_fields: ClassVar = ["name"]
    fieldsets: ClassVar = [(None, {"fields": ["name"]}), limits.FIELDSET]
    compressed_fields = False
    change_form_outer_before_template = "admin/campaigns/sending/domain_health.html"

    def get_urls(self) -> list[URLPattern]:
        wake = self.admin_site.admin_view(self.wake_view)
        return [path("<int:object_id>/wake", wake, name="campaigns_recipientdomain_wake"), *super().get_urls()]

    @display(description=_("domain"), ordering="name")
    def domain(self, domain: RecipientDomain) -> str:
        return code(str(domain))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[RecipientDomain], search_term: str
    ) -> tuple[QuerySet[RecipientDomain], bool]:
        return super().get_search_results(request, queryset, readable.stored(search_term))

    @display(description=_("limits"), empty_value="–")
    def limits(self, domain: RecipientDomain) -> str | None:
        return limits.in_words(domain) or None

    @display(description=_("health"), label={"ready": "success", "resting": "warning"})
    def health(self, domain: RecipientDomain) -> tuple[str, str]:
        if domain.resting_until and domain.is_resting:
            until = date_format(timezone.localtime(domain.resting_until), "TIME_FORMAT")
            return "resting", str(_("resting until %(time)s") % {"time": until})
        return "ready", str(_("ready"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Another domain is another rule, so that what was counted stays with its own."""
        return ("name",) if obj else ()

    def wake_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        domain: RecipientDomain = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not self.has_change_permission(request, domain):
            raise PermissionDenied
        if domain.wake_up():
            nudge()
            self.log_change(request, domain, str(_("Woken up.")))
        messages.success(request, _("%(name)s gets mail again.") % {"name": domain})
        return HttpResponseRedirect(reverse("admin:campaigns_recipientdomain_changelist"))
