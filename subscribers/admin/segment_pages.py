"""The page on which a segment is built, which a script makes quicker and nothing else."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from subscribers import tasks
from subscribers.models import Segment
from subscribers.segments import rules, saved
from subscribers.segments.conditions import facts
from subscribers.segments.uses import changing, uses
from subscribers.segments.wording import in_words

from . import segment_tree
from .segment_rows import Shown

TEMPLATES = "admin/subscribers/segment"


class SegmentForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Segment
        fields = ("name", "description")
        widgets: ClassVar = {
            "name": UnfoldAdminTextInputWidget(attrs={"dir": "auto"}),
            "description": UnfoldAdminTextareaWidget(attrs={"rows": 2, "dir": "auto"}),
        }


class SegmentPages(ModelAdmin):
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._answer(request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        segment = get_object_or_404(Segment, pk=object_id if object_id.isdecimal() else None)
        may_change = self.has_change_permission(request, segment)
        if not may_change and (request.method == "POST" or not self.has_view_permission(request, segment)):
            raise PermissionDenied
        if may_change:
            return self._answer(request, segment)
        return self._page(request, segment, {})

    def _answer(self, request: HttpRequest, segment: Segment | None) -> HttpResponse:
        if request.method != "POST":
            known = facts()
            tree = segment.rules if segment else segment_tree.new_tree(known)
            return self._page(
                request, segment, {"form": SegmentForm(instance=segment), "root": Shown(known).tree(tree)}
            )
        return self._change(request, segment) if request.POST.get("change") else self._save(request, segment)

    def _change(self, request: HttpRequest, segment: Segment | None) -> HttpResponse:
        """Nothing is saved: the page comes back as it would be, or for the script what has changed of it."""
        known = facts()
        tree = segment_tree.read(request.POST, known)
        if request.POST["change"] == "count":
            return render(request, f"{TEMPLATES}/people.html", self._found(request, tree))
        tree, focus = segment_tree.changed(tree, request.POST["change"], known)
        # Whoever only asks how many there are stays where they are.
        place = "" if request.POST["change"] == "ask" else segment_tree.name_of(focus)
        context = {"root": Shown(known).tree(tree), "focus": place}
        if request.headers.get("X-Requested-With") == "fetch":
            return render(request, f"{TEMPLATES}/rules.html", context)
        written = {name: request.POST.get(name, "") for name in SegmentForm.Meta.fields}
        form = SegmentForm(initial=written, instance=segment)
        return self._page(request, segment, {"form": form, **context, **self._found(request, tree)})

    def _save(self, request: HttpRequest, segment: Segment | None) -> HttpResponse:
        known = facts()
        tree, form = segment_tree.read(request.POST, known), SegmentForm(request.POST, instance=segment)
        problems = rules.problems(tree)
        if not form.is_valid() or problems:
            context = {"form": form, "root": Shown(known, problems).tree(tree), "has_problems": True}
            return self._page(request, segment, context)
        if segment is None:
            form.instance.created_by_id = request.user.pk
        kept, followed = _kept(form, tree, request.user.pk)
        if not saved.count(kept):
            tasks.count_soon(kept.pk)
        log = self.log_change if segment else self.log_addition
        log(request, kept, in_words(tree))
        messages.success(request, _("The segment “%(name)s” was saved.") % {"name": kept.name})
        for words in followed:
            messages.warning(request, words)
        return HttpResponseRedirect(reverse("admin:subscribers_segment_change", args=[kept.pk]))

    def _found(self, request: HttpRequest, tree: Any) -> dict[str, Any]:
        may_see = request.user.has_perm("subscribers.view_subscriber")
        try:
            found = saved.found_by(tree)
        except rules.BadRules as problem:
            return {"was_asked": True, "problem": str(problem)}
        return {"was_asked": True, "found": found, "words": in_words(tree), "may_see_people": may_see}

    def _page(self, request: HttpRequest, segment: Segment | None, context: dict[str, Any]) -> HttpResponse:
        used = uses([segment.pk])[segment.pk] if segment else []
        frame = {
            **self.admin_site.each_context(request),
            "title": segment.name if segment else _("New segment"),
            "opts": self.opts,
            "original": segment,
            "segment": segment,
            "saved_words": in_words(segment.rules) if segment else "",
            "uses": used,
            "warnings": [use for use in used if use.warning],
            "may_delete": segment is not None and self.has_delete_permission(request, segment),
        }
        return render(request, f"{TEMPLATES}/page.html", frame | context)


def _kept(form: SegmentForm, tree: Any, by: int | None) -> tuple[Segment, list[str]]:
    """And what follows from it where it is used."""
    followed: list[str] = []
    is_other = form.instance.pk is not None and form.instance.rules != tree
    form.instance.rules = tree
    with changing(form.instance.pk, by) if is_other else nullcontext(followed) as followed:
        return form.save(), followed
