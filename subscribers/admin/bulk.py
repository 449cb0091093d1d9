"""One change to many people: chosen on the list of people, confirmed with their exact number, done by a worker."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from subscribers import bulk, selections, tasks
from subscribers.models import BulkChange, MailingList, Subscriber, Tag
from subscribers.models.errand import Errand
from subscribers.selections import BadSelection

from .bulk_forms import FORMS, BulkForm
from .errands import LABELS, ErrandAdmin, of_whom
from .filters import selection_of
from .lists import grouped

Action = BulkChange.Action
ACTION = "action"
PEOPLE = "people"
MOST_PEOPLE = 1000
# The verb as an order, the icon, and what one must be allowed.
VERBS: dict[str, tuple[Any, str, str]] = {
    Action.JOIN: (gettext_lazy("Add to a list"), "playlist_add", "subscribers.change_subscription"),
    Action.LEAVE: (gettext_lazy("Take off a list"), "playlist_remove", "subscribers.change_subscription"),
    Action.TAG: (pgettext_lazy("verb", "Tag"), "new_label", "subscribers.change_subscriber"),
    Action.UNTAG: (gettext_lazy("Remove a tag"), "label_off", "subscribers.change_subscriber"),
    Action.LANGUAGE: (gettext_lazy("Set the language"), "translate", "subscribers.change_subscriber"),
    Action.SUPPRESS: (gettext_lazy("Suppress"), "block", "subscribers.add_suppression"),
    Action.ERASE: (gettext_lazy("Erase for good"), "delete_forever", "subscribers.erase_subscriber"),
}
# Nobody shall press these without looking.
HARSH = frozenset({Action.SUPPRESS, Action.ERASE})


@admin.register(BulkChange)
class BulkChangeAdmin(ErrandAdmin):
    list_display: ClassVar = ["what", "state", "whom", "changed", "created_at", "asker"]
    list_filter: ClassVar = [("status", ChoicesDropdownFilter), ("action", ChoicesDropdownFilter)]
    list_filter_submit = True
    outcomes: ClassVar = {
        bulk.CHANGED: gettext_lazy("changed"),
        bulk.UNCHANGED: gettext_lazy("were so already"),
        bulk.LEFT: gettext_lazy("left and stay out"),
        bulk.SUPPRESSED: gettext_lazy("suppressed, stay out"),
        bulk.STAFF: gettext_lazy("belong to the staff, were kept"),
    }

    @display(description=gettext_lazy("what"))
    def what(self, change: BulkChange) -> str:
        return in_words(change)

    @display(description=gettext_lazy("status"), label=LABELS)
    def state(self, change: BulkChange) -> tuple[str, str]:
        return change.status, change.get_status_display()

    @display(description=gettext_lazy("of whom"))
    def whom(self, change: BulkChange) -> str:
        return of_whom(change.selection)

    @display(description=gettext_lazy("changed"))
    def changed(self, change: BulkChange) -> str:
        return grouped(change.counts.get(bulk.CHANGED, 0))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        selection = chosen_people(request.GET)
        try:
            return self.ask(request, selection)
        except BadSelection as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(reverse("admin:subscribers_subscriber_changelist"))

    def ask(self, request: HttpRequest, selection: dict[str, Any]) -> HttpResponse:
        """Which verb, then what it needs, then do it. Raises BadSelection."""
        action = request.GET.get(ACTION, "")
        if action not in VERBS:
            return self.verbs_page(request, selection)
        if not request.user.has_perm(VERBS[action][2]):
            raise PermissionDenied
        newest = Subscriber.objects.aggregate(newest=Max("pk"))["newest"] or 0
        form = FORMS[action](request.POST or None, initial={"up_to": newest})
        if request.method == "POST" and form.is_valid():
            return self.start(request, action, selection, form)
        up_to = int(form.data["up_to"]) if form.is_bound and str(form.data.get("up_to", "")).isdecimal() else newest
        return self.confirmation(request, action, {**selection, "up_to": up_to}, form)

    def verbs_page(self, request: HttpRequest, selection: dict[str, Any]) -> HttpResponse:
        query = request.GET.copy()
        verbs = []
        for action, (label, icon, permission) in VERBS.items():
            if request.user.has_perm(permission):
                query[ACTION] = action
                verbs.append({"label": label, "icon": icon, "address": f"?{query.urlencode()}"})
        context = {"title": _("Change many people"), "verbs": verbs, "whom": of_whom(selection)}
        return render(
            request,
            "admin/subscribers/bulk_verbs.html",
            self.frame(request) | context | {"number": selections.people(selection).count()},
        )

    def confirmation(
        self, request: HttpRequest, action: str, selection: dict[str, Any], form: BulkForm
    ) -> HttpResponse:
        context = {
            "title": VERBS[action][0],
            "verb": VERBS[action][0],
            "form": form,
            "number": selections.people(selection).count(),
            "whom": of_whom(selection),
            "variant": "danger" if action in HARSH else "",
            "tags": Tag.objects.all()[:500] if action == Action.TAG else [],
        }
        return render(request, "admin/subscribers/bulk_confirm.html", self.frame(request) | context)

    @transaction.atomic
    def start(self, request: HttpRequest, action: str, selection: dict[str, Any], form: BulkForm) -> HttpResponse:
        selection = {**selection, "up_to": form.cleaned_data["up_to"]}
        change = BulkChange.objects.create(
            action=action,
            arguments=form.arguments(),
            selection=selection,
            total=selections.people(selection).count(),
            created_by_id=request.user.pk,
        )
        self.log_addition(request, change, [{"added": {}}])
        tasks.send_on(change)
        return HttpResponseRedirect(self.address("change", change))

    def facts(self, errand: Errand) -> list[tuple[str, str]]:
        arguments = errand.arguments if isinstance(errand, BulkChange) else {}
        said = arguments.get("statement") or arguments.get("note")
        what = [(_("What"), in_words(errand))] if isinstance(errand, BulkChange) else []
        return [*what, *super().facts(errand), *([(_("Stated"), str(said))] if said else [])]

    def report(self, request: HttpRequest, errand: Errand) -> dict[str, Any]:
        title = in_words(errand) if isinstance(errand, BulkChange) else str(errand)
        return super().report(request, errand) | {"title": title}


def chosen_people(params: QueryDict) -> dict[str, Any]:
    """Those who were marked one by one, else everybody whom the filters find."""
    numbers = [int(part) for part in params.get(PEOPLE, "").split(",") if part.isdecimal() and len(part) < 19]
    return {"people": numbers[:MOST_PEOPLE]} if numbers else selection_of(params)


def in_words(change: BulkChange) -> str:
    """``Tag: Fair``."""
    arguments, label = change.arguments, str(VERBS[change.action][0]) if change.action in VERBS else str(change)
    name = ""
    if "mailing_list" in arguments:
        name = _name(MailingList, arguments["mailing_list"])
    elif "tag" in arguments:
        name = _name(Tag, arguments["tag"])
    elif "language" in arguments:
        name = str(dict(settings.LANGUAGES).get(arguments["language"], arguments["language"]))
    return _("%(verb)s: %(name)s") % {"verb": label, "name": name} if name else label


def _name(model: type[Any], number: object) -> str:
    return str(model.objects.filter(pk=number).first() or "")
