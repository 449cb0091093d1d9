"""The ways out, and how they are."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from campaigns.admin import limits
from campaigns.models import Transport


def mailer_choices() -> list[tuple[str, str]]:
    """The configured mailers with where they lead to; never their credentials."""
    return [(alias, f"{alias} · {destination(alias)}") for alias in settings.MAILERS]


def destination(alias: str) -> str:
    if alias not in settings.MAILERS:
        return str(_("no longer configured"))
    mailer = settings.MAILERS[alias]
    options = mailer.get("OPTIONS", {})
    if "host" in options:
        return f"{options['host']}:{options.get('port', 25)}"
    return str(mailer["BACKEND"]).rpartition(".backends.")[2].partition(".")[0]


class TransportForm(limits.LimitsForm):
    alias = forms.ChoiceField(
        label=_("Mailer"),
        choices=mailer_choices,
        widget=UnfoldAdminSelectWidget,
        help_text=_("One of those that the MAILERS setting configures."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        alias = self.instance.alias
        field = self.fields.get("alias")
        if isinstance(field, forms.ChoiceField) and alias and alias not in settings.MAILERS:
            field.choices = [*mailer_choices(), (alias, f"{alias} · {destination(alias)}")]


@admin.register(Transport)
class TransportAdmin(ModelAdmin):
    form = TransportForm
    list_display = ("name", "leads_to", "health", "limits", "connections", "priority")
    fieldsets: ClassVar = [
        (None, {"fields": ["name", "alias", "is_active", ("priority", "connections")]}),
        limits.FIELDSET,
    ]
    compressed_fields = False
    change_form_outer_before_template = "admin/campaigns/sending/transport_health.html"

    def get_urls(self) -> list[URLPattern]:
        wake = path("<int:object_id>/wake", self.admin_site.admin_view(self.wake_view), name="campaigns_transport_wake")
        return [wake, *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Transport | None = None) -> bool:
        """Not once mails were to leave by it: its slots tell what is in doubt, and the send log names it for ever."""
        return (obj is None or not obj.was_called) and super().has_delete_permission(request, obj)

    @display(description=_("limits"), empty_value="–")
    def limits(self, transport: Transport) -> str | None:
        return limits.in_words(transport) or None

    @display(description=_("leads to"))
    def leads_to(self, transport: Transport) -> str:
        return destination(transport.alias)

    @display(
        description=_("health"),
        label={"ready": "success", "resting": "warning", "off": "info", "missing": "danger"},
    )
    def health(self, transport: Transport) -> tuple[str, str]:
        if transport.alias not in settings.MAILERS:
            return "missing", str(_("not configured"))
        if not transport.is_active:
            return "off", str(_("not in use"))
        if transport.resting_until and transport.is_resting:
            until = date_format(timezone.localtime(transport.resting_until), "TIME_FORMAT")
            return "resting", str(_("resting until %(time)s") % {"time": until})
        return "ready", str(_("ready"))

    def wake_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        transport: Transport = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not self.has_change_permission(request, transport):
            raise PermissionDenied
        if transport.wake_up():
            self.log_change(request, transport, str(_("Woken up.")))
        messages.success(request, _("“%(name)s” may send again.") % {"name": transport.name})
        return HttpResponseRedirect(reverse("admin:campaigns_transport_change", args=[transport.pk]))
