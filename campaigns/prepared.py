"""Statements that run once for each handful of mails: compiled once by us, planned once by PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any, cast
from weakref import WeakKeyDictionary

import orjson
import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql import UpdateQuery
from psycopg import generators, sql
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

Row = tuple[Any, ...]

_names: WeakKeyDictionary[psycopg.Connection[Any], dict[str, bytes]] = WeakKeyDictionary()


def run(statement: str, parameters: Sequence[Any], meanwhile: Callable[[], None] = lambda: None) -> list[Row]:
    """In the current transaction, if there is one. `meanwhile`: our work while PostgreSQL does its; asks it nothing."""
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            meanwhile()
            return list(cursor.fetchall())
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return _run_prepared(connection.connection, statement, parameters, meanwhile)


def _run_prepared(
    opened: psycopg.Connection[Any], statement: str, parameters: Sequence[Any], meanwhile: Callable[[], None]
) -> list[Row]:
    """Past the cursors: what they do for any statement takes longer than these need."""
    names = _names.setdefault(opened, {})
    # A cursor would begin the transaction at its first statement.
    if not opened.autocommit and opened.pgconn.transaction_status == TransactionStatus.IDLE:
        opened.pgconn.send_query(b"BEGIN")
        _answer(opened)
    if statement not in names:
        name = f"broadsheet_{len(names)}".encode()
        opened.pgconn.send_prepare(name, _numbered(statement).encode())
        _answer(opened)
        names[statement] = name
    values = [None if value is None else str(value).encode() for value in parameters]
    rows = Transformer(opened)
    opened.pgconn.send_query_prepared(names[statement], values)
    try:
        meanwhile()
    finally:
        # Whatever happened, it is not left for the next statement.
        result = _answer(opened)
    rows.set_pgresult(result)
    return list(rows.load_rows(0, result.ntuples, tuple))


def _answer(opened: psycopg.Connection[Any]) -> PGresult:
    """To what was just asked; a lane lets its wires go on meanwhile."""
    result: PGresult
    (result,) = opened.wait(generators.execute(opened.pgconn))
    if result.status not in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}:
        error = psycopg.errors.error_from_result(result)
        # Without a code it is not the server who speaks: the connection is lost.
        raise error if error.sqlstate else psycopg.OperationalError(str(error))
    return result


def _numbered(statement: str) -> str:
    """With the placeholders of PostgreSQL."""
    pieces = statement.replace("%%", "%").split("%s")
    return "".join(f"{piece}${at}" for at, piece in enumerate(pieces[:-1], 1)) + pieces[-1]


class Query:
    """A queryset compiled once, with blanks for the values of each run: numbers or words that no row has."""

    def __init__(self, rows: QuerySet[Any, Any], *blanks: Any) -> None:
        try:
            self._fill(*rows.query.sql_with_params(), blanks)
        except EmptyResultSet:
            self.statement = ""

    def _fill(self, statement: str, parameters: Sequence[Any], blanks: Sequence[Any]) -> None:
        self.parameters = parameters
        self.statement = statement
        if connection.vendor == "postgresql":
            # Constants stand in the statement itself, or it would be planned without partial indexes.
            pieces = statement.split("%s")
            written = ["%s" if value in blanks else literal(value) for value in parameters] + [""]
            self.statement = "".join(piece + value for piece, value in zip(pieces, written, strict=True))
            self.parameters = [value for value in parameters if value in blanks]

    def first(self, rows: int) -> Query:
        """The same for so many rows at most, planned on its own."""
        other = copy(self)
        other.statement = self.statement and f"{self.statement} LIMIT {rows}"
        return other

    def run(self, values: Mapping[Any, Any]) -> list[Row]:
        if not self.statement:
            return []
        return run(self.statement, [values.get(parameter, parameter) for parameter in self.parameters])


class Update(Query):
    """An UPDATE … RETURNING id, likewise; `run` tells the keys of the changed rows, in no particular order."""

    def __init__(self, rows: QuerySet[Any, Any], *blanks: Any, **changes: object) -> None:
        query = cast(UpdateQuery, rows.query.chain(UpdateQuery))
        query.add_update_values(changes)
        query.clear_ordering(force=True)
        try:
            statement, parameters = query.get_compiler(connection.alias).as_sql()
        except EmptyResultSet:
            self.statement = ""
        else:
            key = connection.ops.quote_name(rows.model._meta.pk.column)
            self._fill(f"{statement} RETURNING {key}", parameters, blanks)


def literal(value: Any) -> str:
    return sql.Literal(value).as_string(connection.connection).replace("%", "%%")


def update_returning(rows: QuerySet[Any, Any], **changes: object) -> list[int]:
    """Like QuerySet.update, and tells the keys of the changed rows."""
    return [number for (number,) in Update(rows, **changes).run({})]


class Table:
    """Rows of ours as a table in a FROM, handed over as JSON: an array for each column takes longer to write."""

    def __init__(self, name: str, **columns: str) -> None:
        self.name, self.columns = name, columns

    @property
    def source(self) -> str:
        """With one parameter."""
        if connection.vendor == "postgresql":
            columns = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
            return f"json_to_recordset(%s::json) AS {self.name} ({columns})"
        columns = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in self.columns)
        return f"(SELECT {columns} FROM json_each(%s)) AS {self.name}"

    def parameter(self, rows: Sequence[Mapping[str, Any]]) -> str:
        if connection.vendor == "postgresql":
            return orjson.dumps(rows).decode()
        as_stored: Callable[[datetime], Any] = connection.ops.adapt_datetimefield_value
        moments = orjson.OPT_PASSTHROUGH_DATETIME
        return orjson.dumps(rows, default=lambda moment: str(as_stored(moment)), option=moments).decode()
