"""Sign-up forms: what they ask, where they are, and what became of those who filled them in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Final, NamedTuple

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from unfold.admin import ModelAdmin
from unfold.decorators import display

from subscribers.consent import sign_up_views, snippet
from subscribers.consent.forms import own_name
from subscribers.consent.pages import current_language, supported
from subscribers.consent.sign_up_page import Page
from subscribers.models import SignUp, SignUpForm

from .brand_preview import POLICY
from .lists import grouped
from .sign_up_inputs import SignUpFormForm, words_fields
from .translated import languages, name_in

FIGURES_DAYS: Final = 30
Status = SignUp.Status


class Figures(NamedTuple):
    """Of those who asked lately; each is one of the others."""

    asked: int
    confirmed: int
    waiting: int
    expired: int
    others: int


@admin.register(SignUpForm)
class SignUpFormAdmin(ModelAdmin):
    form = type("SignUpFormOfAllLanguages", (SignUpFormForm,), words_fields())
    list_display: ClassVar = ["name", "address", "lists", "is_active", "lately"]
    search_fields: ClassVar = ["name", "slug"]
    search_help_text = _("Search by name or address")
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    compressed_fields = False
    warn_unsaved_form = True
    actions: ClassVar[Any] = None
    change_form_outer_before_template = "admin/subscribers/sign_up_form/figures.html"
    change_form_outer_after_template = "admin/subscribers/sign_up_form/share.html"
    fieldsets: ClassVar = [
        (None, {"fields": ["name", "slug", "is_active", "mailing_lists", "asked_for"]}),
        *(
            # Closed ones open by keyboard and without scripts.
            (
                name,
                {
                    "classes": ["collapse"] if code else [],
                    "fields": [name_in(column, code) for column in SignUpFormForm.columns],
                },
            )
            for code, name in languages()
        ),
    ]

    class Media:
        css: ClassVar = {"all": ["staff/people.css", "staff/sign-ups.css"]}

    def get_urls(self) -> list[URLPattern]:
        own = self.admin_site.admin_view
        return [
            path("<int:number>/frame", own(self.frame_view), name="subscribers_signupform_frame"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignUpForm]:
        forms: QuerySet[SignUpForm] = super().get_queryset(request)
        asked = Q(sign_ups__created_at__gte=since())
        return forms.prefetch_related("mailing_lists").annotate(
            asked=Count("sign_ups", filter=asked),
            confirmed=Count("sign_ups", filter=asked & Q(sign_ups__status=Status.CONFIRMED)),
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        found = SignUpForm.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        extra = self._shared(request, found) if found else {}
        return super().change_view(request, object_id, form_url, extra | (extra_context or {}))

    def _shared(self, request: HttpRequest, found: SignUpForm) -> dict[str, Any]:
        page, language = Page.of(found), supported(request.GET.get("snippet", "")) or current_language()
        return {
            "figures": figures_of(found),
            "figures_days": FIGURES_DAYS,
            "sign_ups": reverse("admin:subscribers_signup_changelist", query={"form__id__exact": found.pk}),
            "page_address": snippet.address_of(page) if page.lists else "",
            "json_address": snippet.json_address_of(page),
            "snippet": snippet.snippet(page, language),
            "snippet_language": language,
            "snippet_languages": [(code, own_name(code)) for code, _name in settings.LANGUAGES],
        }

    def frame_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """The page as visitors see it, in a frame in which nothing can be sent."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = SignUpForm.objects.filter(pk=number).first()
        if found is None:
            raise Http404
        with override(supported(request.GET.get("language", "")) or current_language()):
            response = sign_up_views.shown(request, Page.of(found))
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response

    @display(description=_("page"))
    def address(self, form: SignUpForm) -> SafeString:
        place = reverse("sign_up", args=[form.slug])
        return format_html('<a class="people-number" href="{0}" target="_blank" dir="ltr">{0}</a>', place)

    @display(description=_("lists"))
    def lists(self, form: SignUpForm) -> str:
        return ", ".join(each.name for each in form.mailing_lists.all()) or "–"

    @display(description=_("confirmed of those who asked, last 30 days"))
    def lately(self, form: Any) -> SafeString:
        address = reverse("admin:subscribers_signup_changelist", query={"form__id__exact": form.pk})
        return format_html(
            '<a class="people-number" href="{}"><bdi dir="ltr">{} / {}</bdi></a>',
            address, grouped(form.confirmed), grouped(form.asked),
        )  # fmt: skip


def since() -> Any:
    return timezone.now() - timedelta(days=FIGURES_DAYS)


def figures_of(form: SignUpForm) -> Figures:
    lately = form.sign_ups.filter(created_at__gte=since())
    waiting, expired = lately.waiting().count(), lately.expired().count()
    counts = dict(lately.order_by().values_list("status").annotate(number=Count("pk")))
    confirmed, asked = counts.get(Status.CONFIRMED, 0), sum(counts.values())
    return Figures(asked, confirmed, waiting, expired, asked - confirmed - waiting - expired)
