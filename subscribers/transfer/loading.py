"""Many rows at once: by COPY on PostgreSQL, and by one prepared statement elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, models

# PostgreSQL's text format (its manual, COPY) has one line for a row and a tab between two values.
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_MARKS: Final = ("\\", "\n", "\r")


def load(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Insert rows of texts as the database writes them; what is not among the columns stays at its default."""
    table, names = model._meta.db_table, ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            text = "".join(_line(row, len(columns) - 1) for row in rows)
            if text:
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    copy.write(text)
        else:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", list(rows))


def _line(values: Sequence[str], tabs: int) -> str:
    line = "\t".join(values)
    if any(mark in line for mark in _MARKS) or line.count("\t") != tabs:
        line = "\t".join(value.translate(_ESCAPES) for value in values)
    return line + "\n"


def change(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Update rows, each given by its key and its new texts; columns of JSON end with `::jsonb`."""
    rows = list(rows)
    if not rows:
        return
    table, names = model._meta.db_table, [column.partition("::")[0] for column in columns]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            changes = ", ".join(
                f"{name} = given.{name}{column.removeprefix(name)}" for name, column in zip(names, columns, strict=True)
            )
            arrays = ", ".join(["%s::bigint[]", *["%s::text[]"] * len(columns)])
            cursor.execute(
                f"UPDATE {table} SET {changes} FROM unnest({arrays}) AS given(id, {', '.join(names)}) "
                f"WHERE {table}.id = given.id",
                [list(values) for values in zip(*rows, strict=True)],
            )
        else:
            changes = ", ".join(f"{name} = %s" for name in names)
            cursor.executemany(f"UPDATE {table} SET {changes} WHERE id = %s", [(*row[1:], row[0]) for row in rows])


def new_keys(model: type[models.Model], count: int) -> list[int]:
    """Keys that nobody else will get; call it within the transaction that inserts the rows."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "nextval(pg_get_serial_sequence(%s, 'id'))"
            cursor.execute(f"SELECT {sequence} FROM generate_series(1, %s)", [table, count])
            return [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()[0]
        return list(range(last + 1, last + 1 + count))


def written(moment: datetime | None) -> str:
    """As the database writes it."""
    return str(connection.ops.adapt_datetimefield_value(moment))
