"""People: who they are, which lists they are on, and what happened with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from subscribers import attribute_fields, searching
from subscribers.addresses import AddressRefused, normalise
from subscribers.consent import flows, wishes
from subscribers.consent.flows import Evidence
from subscribers.consent.forms import own_name
from subscribers.forms import MembershipForm, NewSubscriberForm, SubscriberForm
from subscribers.models import Attribute, ConsentRecord, MailingList, Subscriber, Subscription, Suppression
from subscribers.models.suppression import paused, suppressed
from subscribers.preferences import breaks

from . import timeline
from .breaks import BreakPages
from .bulk import ACTION, PEOPLE, VERBS
from .exports import PERMISSION as EXPORTING
from .filters import FILTERS
from .merge_pages import MergePages, may_merge
from .privacy import PrivacyPages, may_disclose, may_erase

PERSON: tuple[Any, dict[str, Any]] = (
    None,
    {"fields": ["email", ("first_name", "last_name"), ("language", "time_zone"), "tags"]},
)
ATTRIBUTES = gettext_lazy("Attributes")
WISHES: tuple[Any, dict[str, Any]] = (gettext_lazy("Wishes"), {"fields": ["wants_digest", "may_track"]})
CONSENT: tuple[Any, dict[str, Any]] = (gettext_lazy("Lists and consent"), {"fields": ["lists", "statement"]})


@admin.register(Subscriber)
class SubscriberAdmin(BreakPages, MergePages, PrivacyPages):
    form = SubscriberForm
    compressed_fields = False

    class Media:
        css: ClassVar = {"all": ["staff/people.css"]}

    warn_unsaved_form = True
    change_form_outer_before_template = "admin/subscribers/subscriber/person.html"

    list_display: ClassVar = ["person", "language_name", "lists", "state", "created_at"]
    list_filter: ClassVar = FILTERS
    list_filter_submit = True
    list_before_template = "admin/subscribers/subscriber/everybody.html"
    autocomplete_fields: ClassVar = ["tags"]
    search_fields: ClassVar = ["email", "first_name", "last_name"]
    search_help_text = gettext_lazy("Search by any part of address, name or attributes")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscriber]:
        active = Subscription.objects.active().select_related("mailing_list")
        listed = Prefetch("subscriptions", queryset=active, to_attr="active_subscriptions")
        people: QuerySet[Subscriber] = super().get_queryset(request)
        return people.annotate(is_suppressed=suppressed(), is_paused=paused()).prefetch_related(listed)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Subscriber], search_term: str
    ) -> tuple[QuerySet[Subscriber], bool]:
        """A whole address in any spelling is looked up by its index."""
        try:
            exact = queryset.filter(email=normalise(search_term))
        except AddressRefused:
            return searching.matching(queryset, search_term), False
        # Elsewhere it may be part of a longer one.
        return (exact if exact.exists() else searching.matching(queryset, search_term)), False

    @display(description=gettext_lazy("person"), header=True)
    def person(self, row: Subscriber) -> list[str]:
        return [str(row), row.name]

    @display(description=gettext_lazy("language"))
    def language_name(self, row: Subscriber) -> str:
        return own_name(row.language) if row.language else "–"

    @display(description=gettext_lazy("lists"), label=True)
    def lists(self, row: Any) -> list[str]:
        return [each.mailing_list.name for each in row.active_subscriptions]

    @display(description=gettext_lazy("mail"), label={"yes": "success", "no": "danger", "none": "default"})
    def state(self, row: Any) -> tuple[str, str]:
        if row.is_paused:
            return "none", _("paused")
        if row.is_suppressed:
            return "no", _("suppressed")
        return ("yes", _("gets mail")) if row.active_subscriptions else ("none", _("on no list"))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Those for everybody who is marked; what is done to all who are found is asked for below the list."""
        own = {
            f"bulk_{verb}": (_on_marked("bulkchange", {ACTION: verb}), f"bulk_{verb}", f"{label}…")
            for verb, (label, _icon, permission) in VERBS.items()
            if request.user.has_perm("subscribers.add_bulkchange") and request.user.has_perm(permission)
        }
        if request.user.has_perm(EXPORTING):
            own["export"] = (_on_marked("export", {}), "export", _("Export…"))
        return {**own, **super().get_actions(request)}

    def get_form(
        self, request: HttpRequest, obj: Subscriber | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[Subscriber]]:
        form = NewSubscriberForm if obj is None and may_change_lists(request) else SubscriberForm
        kwargs["form"] = type("TypedForm", (form,), attribute_fields.fields())
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Subscriber | None = None) -> Any:
        if obj and not self.has_change_permission(request, obj):
            return [PERSON, (ATTRIBUTES, {"fields": ["known_facts"]}), WISHES]
        names = list(attribute_fields.fields())
        facts = [(ATTRIBUTES, {"fields": [tuple(names[at : at + 2]) for at in range(0, len(names), 2)]})]
        consent = [CONSENT] if obj is None and may_change_lists(request) else []
        return [PERSON, *(facts if names else []), *([WISHES] if obj else []), *consent]

    @display(description=gettext_lazy("attributes"))
    def known_facts(self, person: Subscriber) -> str:
        """For those who may not change them."""
        facts = person.attributes if isinstance(person.attributes, dict) else {}
        labels = {attribute.name: str(attribute) for attribute in Attribute.objects.all()}
        told = ((labels.get(name, name), attribute_fields.in_words(fact)) for name, fact in sorted(facts.items()))
        return " · ".join(f"{label}: {words}" for label, words in told) or "–"

    def save_model(self, request: HttpRequest, obj: Subscriber, form: Any, change: bool) -> None:
        """What somebody said to be counted by person is proved, also if staff say it for them."""
        before = Subscriber.objects.filter(pk=obj.pk).first() if change else None
        if before and before.may_track is not obj.may_track:
            wishes.record_tracking(before, obj.may_track, Evidence(ConsentRecord.Source.ADMIN))
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change:
            return
        if may_change_lists(request):
            proof = Evidence(ConsentRecord.Source.ADMIN, form.cleaned_data["statement"])
            flows.subscribe(form.instance, form.cleaned_data["lists"], proof)
        if Suppression.objects.stopping(form.instance.email).exists():
            messages.warning(request, _("This address is suppressed: it gets no mail."))

    def delete_model(self, request: HttpRequest, obj: Subscriber) -> None:
        flows.remember_leaving(Subscriber.objects.filter(pk=obj.pk))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        flows.remember_leaving(queryset)
        super().delete_queryset(request, queryset)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        person = Subscriber.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        extra = self.panels(request, person) if person else {}
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    def panels(self, request: HttpRequest, person: Subscriber) -> dict[str, Any]:
        page = request.GET.get("happened", "")
        return {
            "person": person,
            "person_language": own_name(person.reads),
            "subscriptions": person.subscriptions.select_related("mailing_list").order_by("mailing_list__name"),
            "suppressions": Suppression.objects.about(person.email).select_related("mailing_list"),
            "timeline": timeline.page(person, int(page) if page.isdecimal() and len(page) < 5 else 1),
            "paused_until": breaks.end_for(person),
            "break_begins": breaks.first_day(person).isoformat(),
            "break_ends": breaks.last_day(person).isoformat(),
            "may_merge": may_merge(request),
            "may_disclose": may_disclose(request),
            "may_erase": may_erase(request),
            "may_change": self.has_change_permission(request, person),
            "may_change_lists": may_change_lists(request),
        }

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.lists_view)
        return [path("<int:object_id>/lists", view, name="subscribers_subscriber_lists"), *super().get_urls()]

    def lists_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Put somebody on lists or take them off, with the proof that they want it."""
        person = get_object_or_404(Subscriber, pk=object_id)
        if not (self.has_view_permission(request, person) and may_change_lists(request)):
            raise PermissionDenied
        form = MembershipForm(request.POST or None, current=flows.active_on(person))
        if request.method == "POST" and form.is_valid():
            self.change_lists(request, person, form)
            return HttpResponseRedirect(reverse("admin:subscribers_subscriber_change", args=[person.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Lists of %(address)s") % {"address": person},
            "opts": self.opts,
            "original": person,
            "form": form,
            "left_before": person.subscriptions.filter(status=Subscription.Status.ENDED),
        }
        return render(request, "admin/subscribers/subscriber/lists.html", context)

    def change_lists(self, request: HttpRequest, person: Subscriber, form: MembershipForm) -> None:
        proof = Evidence(ConsentRecord.Source.ADMIN, form.cleaned_data["statement"])
        joined = flows.subscribe(person, form.joined(), proof)
        left = flows.unsubscribe(person, MailingList.objects.filter(pk__in=form.left()), proof)
        for lists, text in ((joined, _("Now on: %(lists)s.")), (left, _("No longer on: %(lists)s."))):
            if lists:
                message = text % {"lists": ", ".join(each.name for each in lists)}
                self.log_change(request, person, message)
                messages.success(request, message)


def _on_marked(errand: str, query: dict[str, str]) -> Callable[[Any, HttpRequest, QuerySet[Subscriber]], HttpResponse]:
    def act(_admin: Any, request: HttpRequest, marked: QuerySet[Subscriber]) -> HttpResponse:
        numbers = ",".join(str(number) for number in marked.values_list("pk", flat=True))
        return HttpResponseRedirect(reverse(f"admin:subscribers_{errand}_add", query={**query, PEOPLE: numbers}))

    return act


def may_change_lists(request: HttpRequest) -> bool:
    return request.user.has_perm("subscribers.change_subscription")
