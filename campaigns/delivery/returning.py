"""UPDATE … RETURNING id: which rows a guarded change won, in one statement."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import EmptyResultSet
from django.db import connections, router
from django.db.models import QuerySet
from django.db.models.sql import UpdateQuery


def update_returning(rows: QuerySet[Any], **changes: object) -> list[int]:
    """Like QuerySet.update, and tells the keys of the changed rows, in no particular order."""
    database = router.db_for_write(rows.model)
    query = cast(UpdateQuery, rows.query.chain(UpdateQuery))
    query.add_update_values(changes)
    query.clear_ordering(force=True)
    try:
        statement, parameters = query.get_compiler(database).as_sql()
    except EmptyResultSet:
        return []
    key = connections[database].ops.quote_name(rows.model._meta.pk.column)
    with connections[database].cursor() as cursor:
        cursor.execute(f"{statement} RETURNING {key}", parameters)
        return [number for (number,) in cursor.fetchall()]
