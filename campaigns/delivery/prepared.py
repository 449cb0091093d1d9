"""Statements that run once for each handful of mails: compiled once by us, planned once by PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql import UpdateQuery

Row = tuple[Any, ...]


def run(statement: str, parameters: Sequence[Any]) -> list[Row]:
    """In the current transaction, if there is one."""
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return list(cursor.fetchall())
    connection.ensure_connection()
    # Django's own cursor writes the values into the statement, which PostgreSQL then has to plan each time.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as prepared:
        prepared.execute(statement, parameters, prepare=True)  # type: ignore[arg-type]
        return prepared.fetchall() if prepared.description else []


class Query:
    """A queryset compiled once; the values of each run replace what stood in their place."""

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        try:
            self.statement, self.parameters = rows.query.sql_with_params()
        except EmptyResultSet:
            self.statement, self.parameters = "", ()

    def run(self, values: Mapping[Any, Any]) -> list[Row]:
        if not self.statement:
            return []
        return run(self.statement, [values.get(parameter, parameter) for parameter in self.parameters])


class Update(Query):
    """An UPDATE … RETURNING id, likewise; `run` tells the keys of the changed rows, in no particular order."""

    def __init__(self, rows: QuerySet[Any, Any], **changes: object) -> None:
        query = cast(UpdateQuery, rows.query.chain(UpdateQuery))
        query.add_update_values(changes)
        query.clear_ordering(force=True)
        try:
            statement, self.parameters = query.get_compiler(connection.alias).as_sql()
        except EmptyResultSet:
            self.statement, self.parameters = "", ()
        else:
            self.statement = f"{statement} RETURNING {connection.ops.quote_name(rows.model._meta.pk.column)}"


def update_returning(rows: QuerySet[Any, Any], **changes: object) -> list[int]:
    """Like QuerySet.update, and tells the keys of the changed rows."""
    return [number for (number,) in Update(rows, **changes).run({})]


class Table:
    """Values of ours as a table in a FROM, one column of each type."""

    def __init__(self, name: str, **columns: str) -> None:
        self.name, self.columns = name, columns

    @property
    def source(self) -> str:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{kind}[]" for kind in self.columns.values())
            return f"unnest({arrays}) AS {self.name} ({', '.join(self.columns)})"
        fields = ", ".join(f"json_extract(value, '$[{at}]') AS {name}" for at, name in enumerate(self.columns))
        return f"(SELECT {fields} FROM json_each(%s)) AS {self.name}"

    def parameters(self, rows: Sequence[Sequence[Any]]) -> list[Any]:
        if connection.vendor == "postgresql":
            return [list(column) for column in zip(*rows, strict=True)] or [[] for _name in self.columns]
        return [json.dumps([list(row) for row in rows], default=_as_stored)]


def _as_stored(moment: Any) -> str:
    return str(connection.ops.adapt_datetimefield_value(moment))
