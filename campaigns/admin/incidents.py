"""What went wrong, since when, and whether it is over."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.views import ChangeList

from campaigns import notifications
from campaigns.models import Incident
from subscribers.admin.direction import isolated
from subscribers.admin.unchangeable import Unchangeable


class IncidentList(ChangeList):
    """An incident has no page of its own: it leads to where staff do something about it."""

    def url_for_result(self, result: Incident) -> str:
        return notifications.page(result)


@admin.register(Incident)
class IncidentAdmin(Unchangeable):
    list_display = ("what", "kind_of", "state", "opened_at", "closed_at", "told_at", "why")
    search_fields: ClassVar = ["name", "reason"]
    actions = None
    fields: ClassVar = ["what", "kind_of", "why", "opened_at", "told_at", "closed_at"]
    readonly_fields: ClassVar = fields

    @display(description=_("what"), ordering="name")
    def what(self, incident: Incident) -> str:
        return isolated(incident.name or incident.about)

    @display(description=_("trouble"))
    def kind_of(self, incident: Incident) -> str:
        return str(incident.kind.label)

    @display(description=_("reason"), ordering="reason", empty_value="–")
    def why(self, incident: Incident) -> str | None:
        """In its own direction, because it is in the language of a server."""
        return isolated(incident.reason) if incident.reason else None

    @display(description=_("state"), label={"open": "warning", "over": "success"}, ordering="closed_at")
    def state(self, incident: Incident) -> tuple[str, str]:
        return ("over", str(_("over"))) if incident.closed_at else ("open", str(_("open")))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return IncidentList
