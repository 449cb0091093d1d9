"""What is known about people beyond name and language, and the tags by which staff find them again."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from subscribers.models import Attribute, Subscriber, Tag

from . import translated
from .lists import grouped

# What every person has stands under these names already.
TAKEN = frozenset({"email", "first_name", "last_name", "name", "language", "unsubscribe_url", "preferences_url"})


class AttributeForm(translated.TranslatedForm):
    choices = forms.CharField(
        label=gettext_lazy("Choices"),
        required=False,
        help_text=gettext_lazy("One on each line; only for the kind “choice”."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5, "dir": "auto"}),
    )

    class Meta:
        model = Attribute
        fields = ("name", "label", "kind", "choices", "is_open")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["choices"] = "\n".join(self.instance.choices or [])

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name in TAKEN:
            raise forms.ValidationError(_("This name belongs to a field of its own."))
        return name

    def clean_choices(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["choices"].splitlines())
        return list(dict.fromkeys(filter(None, lines)))


@admin.register(Attribute)
class AttributeAdmin(ModelAdmin):
    form = type("TranslatedAttributeForm", (AttributeForm,), dict(translated.inputs()))
    list_display: ClassVar = ["title", "kind", "placeholder", "is_open"]
    list_filter: ClassVar = [("kind", ChoicesDropdownFilter)]
    list_filter_submit = True
    search_fields: ClassVar = ["name", "label"]
    search_help_text = gettext_lazy("Search by name or label")
    compressed_fields = False
    actions: ClassVar[Any] = None
    fieldsets: ClassVar = [
        (None, {"fields": ["name", "label", "kind", "choices"]}),
        (
            gettext_lazy("Readers"),
            {
                "fields": ["is_open", *translated.rows()],
                "description": gettext_lazy(
                    "How readers of each language see the label. Where a language is empty, they see that of staff."
                ),
            },
        ),
    ]

    class Media:
        css: ClassVar = {"all": ["staff/people.css"]}

    @display(description=gettext_lazy("attribute"), ordering="name")
    def title(self, attribute: Attribute) -> str:
        return str(attribute)

    @display(description=gettext_lazy("in mails"))
    def placeholder(self, attribute: Attribute) -> SafeString:
        return format_html('<code dir="ltr">{{{{ {} }}}}</code>', attribute.name)

    def get_readonly_fields(self, request: HttpRequest, obj: Attribute | None = None) -> list[str]:
        """Mails name it, and values of another kind stand with people."""
        return ["name", "kind"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Attribute | None = None) -> bool:
        """Only if nobody has a value: it would stay with them, and nobody could see it."""
        may = bool(super().has_delete_permission(request, obj))
        return may and (obj is None or not Subscriber.objects.filter(attributes__has_key=obj.name).exists())


@admin.register(Tag)
class TagAdmin(ModelAdmin):
    list_display: ClassVar = ["name", "people", "created_at"]
    search_fields: ClassVar = ["name"]
    search_help_text = gettext_lazy("Search by name")
    compressed_fields = False
    fields: ClassVar = ["name"]

    class Media:
        css: ClassVar = {"all": ["staff/people.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        tags: QuerySet[Tag] = super().get_queryset(request)
        return tags.annotate(worn_by=Count("subscribers"))

    @display(description=gettext_lazy("people"), ordering="worn_by")
    def people(self, tag: Any) -> SafeString:
        address = reverse("admin:subscribers_subscriber_changelist", query={"tag": tag.pk})
        return format_html('<a class="people-number" href="{}">{}</a>', address, grouped(tag.worn_by))
