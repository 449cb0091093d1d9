"""Mails of the application: what waits, what left, what failed, and what staff may do about it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from campaigns.admin.framed import framed
from campaigns.admin.letters import page_of, readable
from campaigns.admin.outgoing_verbs import CANCEL, RETRY, Verb, do
from campaigns.admin.send_log import BADGES
from campaigns.models import Batch, Delivery, Message
from subscribers.admin.direction import isolated
from subscribers.admin.keyset import KeysetAdmin
from subscribers.admin.unchangeable import Unchangeable

# Of a mail to several people the first that is true of one of them stands in the list.
BY_CONCERN = (
    Delivery.Status.UNCERTAIN,
    Delivery.Status.FAILED,
    Delivery.Status.QUEUED,
    Delivery.Status.SENT,
    Delivery.Status.SKIPPED,
)


class OutcomeFilter(DropdownFilter):
    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Delivery.Status.choices)

    def queryset(self, request: HttpRequest, messages: Any) -> Any:
        return messages.with_outcome(self.value()) if self.value() in Delivery.Status.values else messages


class PriorityFilter(DropdownFilter):
    title = _("priority")
    parameter_name = "priority"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(value), label) for value, label in Batch.Priority.choices]

    def queryset(self, request: HttpRequest, messages: Any) -> Any:
        return messages.filter(batch__priority=self.value()) if str(self.value()).isdecimal() else messages


@admin.register(Message)
class MessageAdmin(Unchangeable, KeysetAdmin):
    """Read-only, but for sending again and cancelling."""

    list_display: ClassVar = ["title", "addressed_to", "urgency", "outcome", "created_at"]
    list_display_links: ClassVar = ["title"]
    list_filter: ClassVar = [OutcomeFilter, PriorityFilter]
    list_filter_submit = True
    list_select_related: ClassVar = ["batch"]
    search_fields: ClassVar = ["subject"]
    search_help_text = _("An address, or words of the subject")
    actions: ClassVar = ["retry", "cancel"]
    change_form_template = "admin/campaigns/outgoing/mail.html"

    def get_urls(self) -> list[URLPattern]:
        own = {"frame": self.frame_view, "retry": self.retry_view, "cancel": self.cancel_view}
        return [
            *(
                path(f"<int:object_id>/{name}", self.admin_site.admin_view(view), name=f"campaigns_message_{name}")
                for name, view in own.items()
            ),
            *super().get_urls(),
        ]

    # The list.

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        found: QuerySet[Message] = super().get_queryset(request)
        of_this = Delivery.objects.filter(copy_of=OuterRef("pk"))
        return found.annotate(**{f"is_{status}": Exists(of_this.filter(status=status)) for status in BY_CONCERN})

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        words = search_term.strip()
        if "@" in words:
            copies = Delivery.objects.to(words).filter(copy_of__isnull=False)
            return queryset.filter(pk__in=copies.values("copy_of")), False
        return (queryset.filter(subject__icontains=words) if words else queryset), False

    @display(description=_("subject"))
    def title(self, message: Message) -> str:
        return isolated(message.subject or str(_("(no subject)")))

    @display(description=_("to"))
    def addressed_to(self, message: Message) -> str:
        shown = [*message.to, *message.cc]
        more = f" +{len(shown) - 1}" if len(shown) > 1 else ""
        return isolated(f"{shown[0]}{more}") if shown else "–"

    @display(description=_("priority"))
    def urgency(self, message: Message) -> str:
        return message.batch.get_priority_display()

    @display(description=_("outcome"), label=BADGES)
    def outcome(self, message: Message) -> tuple[str, str] | str:
        true = next((status for status in BY_CONCERN if getattr(message, f"is_{status}")), None)
        return (true, str(true.label)) if true else "–"

    # One mail.

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        known = Message.objects.select_related("batch").filter(pk=object_id if object_id.isdecimal() else 0).first()
        more = self.page_context(request, known) if known else {}
        response: HttpResponse = super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})
        return response

    def page_context(self, request: HttpRequest, message: Message) -> dict[str, Any]:
        page = page_of(request, message)
        may_retry = page["can_retry"] and self.has_retry_permission(request)
        may_cancel = page["can_cancel"] and self.has_cancel_permission(request)
        verbs = {
            "may_retry": may_retry,
            "may_cancel": may_cancel,
            "has_verbs": may_retry or may_cancel,
            "retry_at": {"formaction": reverse("admin:campaigns_message_retry", args=[message.pk])},
            "cancel_at": {"formaction": reverse("admin:campaigns_message_cancel", args=[message.pk])},
        }
        return {"title": message.subject, "may_read": readable(request), **verbs, **page}

    def frame_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if not (self.has_view_permission(request) and readable(request)):
            raise PermissionDenied
        message = get_object_or_404(Message, pk=object_id)
        return framed(page_of(request, message)["html"])

    # What staff do.

    def retry_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self.verb_view(request, object_id, RETRY, self.has_retry_permission(request))

    def cancel_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self.verb_view(request, object_id, CANCEL, self.has_cancel_permission(request))

    def verb_view(self, request: HttpRequest, object_id: int, verb: Verb, may: bool) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not (may and self.has_view_permission(request)):
            raise PermissionDenied
        message = get_object_or_404(Message, pk=object_id)
        chosen = [int(number) for number in request.POST.getlist("delivery") if number.isdecimal()]
        do(request, verb, message.deliveries.filter(pk__in=chosen))
        return HttpResponseRedirect(reverse("admin:campaigns_message_change", args=[message.pk]))

    @admin.action(description=_("Send again (failed and uncertain)"), permissions=["retry"])
    def retry(self, request: HttpRequest, messages: QuerySet[Message]) -> None:
        do(request, RETRY, copies_of(messages))

    @admin.action(description=_("Cancel (waiting)"), permissions=["cancel"])
    def cancel(self, request: HttpRequest, messages: QuerySet[Message]) -> None:
        do(request, CANCEL, copies_of(messages))

    # Who may what.

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("campaigns.retry_message"))

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("campaigns.cancel_message"))


def copies_of(messages: QuerySet[Message]) -> QuerySet[Delivery]:
    return Delivery.objects.filter(copy_of__in=list(messages.values_list("pk", flat=True)))
