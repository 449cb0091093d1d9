"""UPDATE … RETURNING id: which rows a guarded change won, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.core.exceptions import EmptyResultSet
from django.db import connections, router
from django.db.models import QuerySet
from django.db.models.sql import UpdateQuery


class Blanks:
    """Numbers that stand in a prepared statement for those of each run; no row has them."""

    def __init__(self, size: int, *, first: int) -> None:
        self.numbers = [-number for number in range(first, first + size)]

    def filled_with(self, numbers: Sequence[int]) -> dict[int, int]:
        """Fewer numbers than blanks are repeated, which changes nothing in an IN."""
        last = numbers[-1] if numbers else 0
        return dict(zip(self.numbers, [*numbers, *[last] * (len(self.numbers) - len(numbers))], strict=True))


class PreparedUpdate:
    """Compiled once and run often: composing the statement takes Django longer than running it takes the database."""

    def __init__(self, rows: QuerySet[Any], **changes: object) -> None:
        self.database = router.db_for_write(rows.model)
        query = cast(UpdateQuery, rows.query.chain(UpdateQuery))
        query.add_update_values(changes)
        query.clear_ordering(force=True)
        key = connections[self.database].ops.quote_name(rows.model._meta.pk.column)
        try:
            statement, self.parameters = query.get_compiler(self.database).as_sql()
        except EmptyResultSet:
            self.statement, self.parameters = "", ()
        else:
            self.statement = f"{statement} RETURNING {key}"

    def run(self, values: Mapping[Any, Any]) -> list[int]:
        """The keys of the changed rows, in no particular order; `values` replace what was put in their place."""
        if not self.statement:
            return []
        with connections[self.database].cursor() as cursor:
            cursor.execute(self.statement, [values.get(parameter, parameter) for parameter in self.parameters])
            return [number for (number,) in cursor.fetchall()]


def update_returning(rows: QuerySet[Any], **changes: object) -> list[int]:
    """Like QuerySet.update, and tells the keys of the changed rows, in no particular order."""
    return PreparedUpdate(rows, **changes).run({})
