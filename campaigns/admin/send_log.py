"""Every mail to everybody: did Ann get it, when, what exactly, and what did the server say?"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display

from campaigns.admin.campaign_log import skip_reason
from campaigns.admin.doubt import AGAIN, ARRIVED, decided
from campaigns.admin.framed import framed
from campaigns.admin.letters import letter, readable
from campaigns.composition.message import CampaignMessage, CannotCompose, compose
from campaigns.composition.stored import StoredMessage
from campaigns.models import Attempt, Delivery
from subscribers.admin.direction import code, isolated
from subscribers.admin.exports import PERMISSION as EXPORTING
from subscribers.admin.keyset import AFTER, BEFORE, KeysetAdmin
from subscribers.admin.unchangeable import Unchangeable
from subscribers.readable import address as shown
from subscribers.signing import Purpose, sign

BADGES: dict[str, str] = {
    Delivery.Status.QUEUED: "default",
    Delivery.Status.SENT: "success",
    Delivery.Status.FAILED: "danger",
    Delivery.Status.SKIPPED: "info",
    Delivery.Status.UNCERTAIN: "warning",
}
PARTS = ("html", "text", "source")


@admin.register(Delivery)
class DeliveryAdmin(Unchangeable, KeysetAdmin):
    """Read-only, but for the decision about mails of which nobody knows whether they arrived."""

    list_display: ClassVar = ["address", "about", "outcome", "words", "tries", "last_tried"]
    list_display_links: ClassVar = ["address"]
    list_filter: ClassVar = ["status", ("campaign", RelatedDropdownFilter)]
    list_filter_submit = True
    list_before_template = "admin/campaigns/sending/mails_export.html"
    list_select_related: ClassVar = ["campaign", "copy_of"]
    search_fields: ClassVar = ["email"]
    search_help_text = _("Did Ann get it? Her address")
    actions: ClassVar = ["confirm_sent", "send_again"]
    change_form_template = "admin/campaigns/sending/delivery.html"

    def get_urls(self) -> list[URLPattern]:
        own = {"frame": self.frame_view, "decide": self.decide_view}
        return [
            *(
                path(f"<int:object_id>/{name}", self.admin_site.admin_view(view), name=f"campaigns_delivery_{name}")
                for name, view in own.items()
            ),
            *super().get_urls(),
        ]

    # The list.

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        latest = Attempt.objects.filter(delivery=OuterRef("pk")).order_by("-pk")
        mails: QuerySet[Delivery] = super().get_queryset(request)
        return mails.defer("copy_of__body", "copy_of__alternatives").annotate(
            answer=Subquery(latest.values("answer")[:1]), tried=Subquery(latest.values("tried_at")[:1])
        )

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Delivery], bool]:
        return (queryset.to(search_term.strip()) if search_term.strip() else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"recipients": of_whom(request), **(extra_context or {})})

    @display(description=_("address"))
    def address(self, delivery: Delivery) -> str | None:
        return code(shown(delivery.email)) if delivery.email else None

    @display(description=_("mail"))
    def about(self, delivery: Delivery) -> str:
        return str(delivery.campaign or delivery.copy_of or "–")

    @display(description=_("outcome"), label=BADGES)
    def outcome(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.status, delivery.get_status_display()

    @display(description=_("last answer"))
    def words(self, delivery: Any) -> str:
        if delivery.status == Delivery.Status.SKIPPED:
            return str(skip_reason(delivery))
        said = delivery.answer or delivery.reason
        return isolated(said) if said else "–"

    @display(description=_("when"))
    def last_tried(self, delivery: Any) -> Any:
        return delivery.tried or delivery.finished_at

    # One mail.

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        mail = self.read(object_id)
        more = self.page_context(request, mail) if mail else {}
        response: HttpResponse = super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})
        return response

    def page_context(self, request: HttpRequest, mail: Delivery) -> dict[str, Any]:
        message, problem = self.what_they_got(request, mail)
        wanted = request.GET.get("part", "")
        part = wanted if wanted in PARTS else "html" if not message or message.html else "text"
        return {
            "title": shown(mail.email),
            "delivery": mail,
            "skip_reason": skip_reason(mail),
            "attempts": mail.attempts.select_related("transport"),
            "web_version": web_version_of(mail),
            "events": mail.events.all(),
            "message": message,
            "problem": problem,
            "part": part,
            "source": message.message().as_bytes().decode("ascii", "replace") if message and part == "source" else "",
            "may_decide": mail.status == Delivery.Status.UNCERTAIN and self.has_send_permission(request),
        }

    def frame_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        mail = self.read(object_id)
        if not self.has_view_permission(request, mail):
            raise PermissionDenied
        if mail is None:
            raise Http404
        message, problem = self.what_they_got(request, mail)
        return framed(message.html if message else str(problem))

    def read(self, object_id: str | int) -> Delivery | None:
        parts = ("campaign__sender", "campaign__layout", "edition", "subscriber", "copy_of")
        known = Delivery.objects.select_related(*parts)
        return known.filter(pk=object_id).first() if str(object_id).isdecimal() else None

    def what_they_got(
        self, request: HttpRequest, mail: Delivery
    ) -> tuple[CampaignMessage | StoredMessage | None, str | Promise]:
        """From the frozen edition and the person as they are now, or as it was kept; else why that is not possible."""
        if mail.copy_of:
            return letter(mail.copy_of) if readable(request) else (None, _("You may see that it was sent, no more."))
        try:
            return compose(mail), ""
        except CannotCompose as error:
            return None, str(error)

    # The decision.

    def decide_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not (self.has_view_permission(request) and self.has_send_permission(request)):
            raise PermissionDenied
        mail = get_object_or_404(Delivery, pk=object_id)
        mails = Delivery.objects.filter(pk=mail.pk)
        decided(request, mails, request.POST.get("decision", ""))
        return HttpResponseRedirect(reverse("admin:campaigns_delivery_change", args=[mail.pk]))

    @admin.action(description=_("They got it (uncertain mails)"), permissions=["send"])
    def confirm_sent(self, request: HttpRequest, mails: QuerySet[Delivery]) -> None:
        decided(request, mails, ARRIVED)

    @admin.action(description=_("Send again (uncertain mails)"), permissions=["send"])
    def send_again(self, request: HttpRequest, mails: QuerySet[Delivery]) -> None:
        decided(request, mails, AGAIN)

    # Who may what.

    def has_send_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("campaigns.send_campaign"))


def web_version_of(mail: Delivery) -> str:
    """Of a mail of the application, and of what never left, there is none."""
    if mail.edition is None or mail.status != Delivery.Status.SENT:
        return ""
    return reverse("web_version", args=[sign(Purpose.WEB_VIEW, mail.pk)])


def of_whom(request: HttpRequest) -> str:
    """How the export is asked for these people; empty if that is not possible."""
    chosen = {name: value for name, value in request.GET.dict().items() if value and name not in (AFTER, BEFORE)}
    campaign, outcome = chosen.pop("campaign__id__exact", ""), chosen.pop("status__exact", "")
    may = request.user.has_perm(EXPORTING)
    return f"{campaign}.{outcome}".rstrip(".") if may and campaign.isdecimal() and not chosen else ""
