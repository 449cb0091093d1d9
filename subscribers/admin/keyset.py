"""Lists of millions of rows: newest first, page after page by key, and never counted to the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.contrib.admin import ShowFacets
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from subscribers.segments.patience import TookTooLong, at_most

AFTER: Final = "after"
BEFORE: Final = "before"
COUNTED: Final = 1_000
# Where few are found, finding out that there are no more means reading everything.
PATIENCE_SECONDS: Final = 0.3
# Smaller tables are counted: the estimate of the database may be some minutes old.
WORTH_ESTIMATING: Final = 50_000


@dataclass(frozen=True)
class Total:
    number: int
    kind: str = "exact"
    """Or "over", if nobody counted further, or "about"."""

    def __str__(self) -> str:
        number = number_format(self.number, force_grouping=True)
        if self.kind == "over":
            return _("more than %(number)s") % {"number": number}
        return _("about %(number)s") % {"number": number} if self.kind == "about" else number


class Keys(Paginator):  # type: ignore[type-arg]
    """There are no page numbers to jump to, since finding page 10,000 means reading all before it."""

    template_name = "admin/subscribers/keyset.html"

    def get_elided_page_range(self, *args: Any, **kwargs: Any) -> Any:
        return iter(())


class KeysetChangeList(ChangeList):
    filter_params: dict[str, Any]
    result_list: list[Any]
    total: Total
    next_page = ""
    previous_page = ""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str]:
        return ["-pk"]

    def get_ordering_field_columns(self) -> dict[Any, Any]:
        return {}

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        found: dict[str, Any] = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name not in (AFTER, BEFORE)}

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        """Whatever else is chosen, it begins on the first page."""
        return str(super().get_query_string(new_params, [*(remove or []), AFTER, BEFORE]))

    def get_results(self, request: HttpRequest) -> None:
        # The form of the search would carry them along.
        after, before = (_number(self.params.pop(name, "")) for name in (AFTER, BEFORE))
        self.filter_params = {name: value for name, value in self.filter_params.items() if name not in (AFTER, BEFORE)}
        found, is_first, is_last = self._page(after, before)
        if found and not is_first:
            self.previous_page = self.get_query_string({BEFORE: found[0].pk})
        if found and not is_last:
            self.next_page = self.get_query_string({AFTER: found[-1].pk})
        self.result_list = found
        self.total = Total(len(found)) if is_first and is_last else self._count()
        # Equal, so that nothing is said about how many there would be otherwise.
        self.result_count = self.full_result_count = self.total.number
        self.show_full_result_count = False
        self.show_admin_actions, self.can_show_all = True, False
        self.multi_page = not (is_first and is_last)
        self.paginator = Keys(found, self.list_per_page)

    def _page(self, after: int | None, before: int | None) -> tuple[list[Any], bool, bool]:
        """Its rows, whether it is the first, and whether it is the last."""
        most = self.list_per_page
        if before is not None:
            found = list(self.queryset.filter(pk__gt=before).order_by("pk")[: most + 1])
            if len(found) > most:
                return found[:most][::-1], False, False
            after = None
        rows = self.queryset if after is None else self.queryset.filter(pk__lt=after)
        found = list(rows[: most + 1])
        return found[:most], after is None, len(found) <= most

    def _count(self) -> Total:
        estimate = estimated(self.model) if self._shows_everything() else 0
        if estimate > WORTH_ESTIMATING:
            return Total(estimate, "about")
        try:
            with at_most(PATIENCE_SECONDS):
                number = self.queryset.order_by().values("pk")[: COUNTED + 1].count()
        except TookTooLong:
            return Total(self.list_per_page, "over")
        return Total(COUNTED, "over") if number > COUNTED else Total(number)

    def _shows_everything(self) -> bool:
        return not self.queryset.query.has_filters()


class KeysetAdmin(ModelAdmin):
    """Sorting by a column would mean sorting everything, so that nobody is offered it."""

    sortable_by: ClassVar[Any] = ()
    show_full_result_count = False
    list_disable_select_all = True
    list_per_page = 50
    # Counting what each filter would find means counting everything, several times.
    show_facets = ShowFacets.NEVER

    class Media:
        css: ClassVar = {"all": ["staff/people.css"]}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return KeysetChangeList


def estimated(model: type[Model]) -> int:
    """How many rows the database believes there are; nothing if it does not say."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)", [model._meta.db_table])
        found = cursor.fetchone()
    return max(0, found[0]) if found else 0


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None
