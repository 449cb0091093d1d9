"""Campaigns: the list of them, and the page on which one is written."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import ValidationError
from django.db.models import Case, Count, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from campaigns.admin import limits
from campaigns.admin.archiving import ArchiveView, place_of
from campaigns.admin.clickmap import ClickMapViews
from campaigns.admin.compare import CompareViews
from campaigns.admin.contents import ContentInline
from campaigns.admin.duplicates import DuplicateView
from campaigns.admin.languages import canonical, name_of
from campaigns.admin.merge_fields import merge_fields
from campaigns.admin.overview import Overview
from campaigns.admin.previews import PreviewViews
from campaigns.admin.repairs import RepairViews
from campaigns.admin.report import ReportViews
from campaigns.admin.sending import SendingViews
from campaigns.admin.trials import TrialViews
from campaigns.admin.welcoming import WelcomeViews
from campaigns.composition.duplicate import AUDIENCE
from campaigns.forms import CampaignForm
from campaigns.models import Campaign, Content, Delivery, Layout, Sender

STATUS_LABELS: dict[str, str] = {
    Campaign.Status.DRAFT: "default",
    Campaign.Status.SCHEDULED: "info",
    Campaign.Status.SENDING: "primary",
    Campaign.Status.PAUSED: "warning",
    Campaign.Status.SENT: "success",
    Campaign.Status.CANCELLED: "danger",
}


@admin.register(Campaign)
class CampaignAdmin(
    PreviewViews,
    TrialViews,
    DuplicateView,
    ArchiveView,
    ReportViews,
    RepairViews,
    ClickMapViews,
    CompareViews,
    WelcomeViews,
    SendingViews,
):
    form = CampaignForm
    inlines: ClassVar = [ContentInline]
    fieldsets: ClassVar = [
        (
            None,
            {
                "fields": [
                    "name",
                    ("layout", "sender"),
                    ("mailing_lists", "excluded_lists"),
                    ("segments", "excluded_segments"),
                    "welcomes",
                    ("default_language", "is_digest", "in_archive"),
                ]
            },
        ),
        limits.FIELDSET,
    ]
    compressed_fields = False
    warn_unsaved_form = True
    change_form_outer_before_template = "admin/campaigns/campaign/overview.html"
    change_form_outer_after_template = "admin/campaigns/campaign/add_language.html"
    list_display: ClassVar = ["title", "state", "languages", "audience", "progress", "moment", "report", "compared"]
    list_display_links: ClassVar = ["title"]
    list_before_template = "admin/campaigns/campaign/compare.html"
    list_filter: ClassVar = ["status", "mailing_lists", "sender", "layout"]
    search_fields: ClassVar = ["name", "contents__subject"]
    search_help_text = gettext_lazy("Name or subject")
    list_per_page = 50
    actions = None

    class Media:
        css: ClassVar = {"all": ["staff/composing.css", "staff/overview.css"]}

    # The list.

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        campaigns: QuerySet[Campaign] = super().get_queryset(request)
        if self.is_page(request, "changelist"):
            return (
                campaigns.annotate(waiting=WAITING)
                .select_related("welcomes")
                .prefetch_related("contents", "mailing_lists", "segments")
            )
        return campaigns.select_related("layout", "sender", "welcomes")

    @display(description=gettext_lazy("campaign"), header=True, ordering="name")
    def title(self, campaign: Campaign) -> list[str]:
        first = next(iter(campaign.contents.all()), None)
        return [campaign.name, first.subject if first else _("Nothing has been written.")]

    @display(description=gettext_lazy("status"), label=STATUS_LABELS, ordering="status")
    def state(self, campaign: Campaign) -> tuple[str, str]:
        return campaign.status, campaign.state

    @display(description=gettext_lazy("languages"))
    def languages(self, campaign: Campaign) -> SafeString:
        chips = [(name_of(content.language), content.language) for content in campaign.contents.all()]
        return format_html_join(" ", '<span class="chip" title="{}">{}</span>', chips)

    @display(description=gettext_lazy("audience"), ordering="planned")
    def audience(self, campaign: Campaign) -> str | int:
        if campaign.welcomes:
            return _("whoever joins “%(name)s”") % {"name": campaign.welcomes}
        if campaign.planned is not None:
            return campaign.planned
        return _(", ").join(str(each) for each in (*campaign.mailing_lists.all(), *campaign.segments.all()))

    @display(description=gettext_lazy("progress"))
    def progress(self, campaign: Any) -> str | SafeString:
        if campaign.is_welcome and campaign.planned_at:
            done = campaign.planned - campaign.waiting
            return ngettext("%(number)s mail", "%(number)s mails", done) % {"number": intcomma(done)}
        if not campaign.planned_at or not campaign.planned:
            return "–"
        percent = 100 * (campaign.planned - campaign.waiting) // campaign.planned
        return format_html(
            '<progress class="meter" max="100" value="{}" aria-hidden="true"></progress> '
            '<bdi class="meter-number">{}</bdi>',
            percent,
            _("%(percent)s %%") % {"percent": percent},
        )

    @display(description=gettext_lazy("when"), ordering="scheduled_at")
    def moment(self, campaign: Campaign) -> Any:
        return campaign.finished_at or campaign.started_at or campaign.scheduled_at

    @display(description=gettext_lazy("report"))
    def report(self, campaign: Campaign) -> str | SafeString:
        if not campaign.has_started:
            return "–"
        return format_html('<a href="{}">{}</a>', self.address("report", campaign), _("Report"))

    @display(description=gettext_lazy("compare"))
    def compared(self, campaign: Campaign) -> str | SafeString:
        if not campaign.has_started:
            return "–"
        box = '<input type="checkbox" form="compare" name="campaign" value="{}" aria-label="{}">'
        return format_html(box, campaign.pk, _("Compare “%(name)s”") % {"name": campaign.name})

    # The page of one.

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Campaign | None:
        campaign: Campaign | None = super().get_object(request, object_id, from_field)
        if campaign and request.method == "POST" and self.is_page(request, "change"):
            # Locked until the form is saved, so that nobody schedules what is being rewritten.
            campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
        return campaign

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the last campaign of the same person had, else the first there is."""
        last = Campaign.objects.filter(created_by=request.user.pk).first()
        return {
            "layout": last.layout if last else Layout.objects.first(),
            "sender": last.sender if last else Sender.objects.first(),
            "default_language": last.default_language if last else settings.LANGUAGE_CODE,
            **super().get_changeform_initial_data(request),
        }

    def get_formset_kwargs(self, request: HttpRequest, obj: Campaign, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if inline.model is Content:
            kwargs["form_kwargs"] = {"merge_fields": merge_fields(request) if obj.is_editable else []}
            kwargs["initial"] = [{"language": self.language_to_add(request)}]
        return kwargs

    def language_to_add(self, request: HttpRequest) -> str:
        try:
            return canonical(request.GET.get("language") or settings.LANGUAGE_CODE)
        except ValidationError:
            return ""

    @staticmethod
    def is_page(request: HttpRequest, name: str) -> bool:
        match = request.resolver_match
        return match is not None and match.url_name == f"campaigns_campaign_{name}"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        campaign = self.looked_at(request, object_id) if object_id and object_id.isdecimal() else None
        context = {
            "show_save_and_add_another": False,
            **(self.page_context(request, campaign) if campaign else {}),
            **(extra_context or {}),
        }
        response: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return response

    def looked_at(self, request: HttpRequest, object_id: str) -> Campaign | None:
        """With all that the overview asks for again and again."""
        campaigns = self.get_queryset(request).prefetch_related("contents", *AUDIENCE)
        return campaigns.filter(pk=object_id).first()

    def page_context(self, request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
        return {
            "overview": Overview(
                campaign,
                may_send=request.user.has_perm("campaigns.send_campaign"),
                known_fields=lambda: [field.name for field in merge_fields(request)],
            ),
            "place": place_of(campaign),
            "may_test": request.user.has_perm("campaigns.test_campaign"),
            "may_add": request.user.has_perm("campaigns.add_campaign"),
            **self.sending_context(request, campaign),
        }

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        if not change:
            obj.created_by_id = request.user.pk
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return (obj is None or obj.is_editable) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        """What was sent stays: its ledger answers who got it."""
        return (obj is None or not obj.has_started) and super().has_delete_permission(request, obj)


# Counted only for campaigns on their way; of the others nothing waits.
WAITING = Case(
    When(
        status__in=[Campaign.Status.SENDING, Campaign.Status.PAUSED],
        then=Coalesce(
            Subquery(
                Delivery.objects.waiting_of(OuterRef("pk"))
                .order_by()
                .values("batch__campaign")
                .annotate(number=Count("pk"))
                .values("number")
            ),
            0,
        ),
    ),
    default=Value(0),
    output_field=IntegerField(),
)
