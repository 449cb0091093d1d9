"""Many rows at once: by COPY on PostgreSQL, and by one prepared statement elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import connection, models

# PostgreSQL's text format (its manual, COPY) has one line for a row and a tab between two values.
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_CHANGES: Final = "given_changes"


def load(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Insert rows of texts as the database writes them; what is not among the columns stays at its default."""
    if connection.vendor == "postgresql":
        _copy(model._meta.db_table, columns, _text(rows, len(columns) - 1))
    else:
        _insert(model, columns, rows)


def load_keys(model: type[models.Model], column: str, keys: Iterable[int], same: Mapping[str, str]) -> None:
    """Insert a row for each key, all of them with the `same` other values."""
    columns = [column, *same]
    if connection.vendor == "postgresql":
        ending = "".join(f"\t{value.translate(_ESCAPES)}" for value in same.values()) + "\n"
        _copy(model._meta.db_table, columns, "".join([f"{key}{ending}" for key in keys]))
    else:
        _insert(model, columns, [(str(key), *same.values()) for key in keys])


def change(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Update rows, each given by its key and its new texts."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            names, news = ", ".join(columns), ", ".join(f"{name} = given.{name}" for name in columns)
            cursor.execute(f"CREATE TEMP TABLE {_CHANGES} AS SELECT id, {names} FROM {table} WITH NO DATA")
            _copy(_CHANGES, ["id", *columns], _text(rows, len(columns)))
            cursor.execute(f"UPDATE {table} SET {news} FROM {_CHANGES} AS given WHERE {table}.id = given.id")
            cursor.execute(f"DROP TABLE {_CHANGES}")
        else:
            news = ", ".join(f"{name} = %s" for name in columns)
            cursor.executemany(f"UPDATE {table} SET {news} WHERE id = %s", [(*row[1:], row[0]) for row in rows])


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


def written(moment: datetime) -> str:
    """As the database writes it."""
    return str(connection.ops.adapt_datetimefield_value(moment))


def _copy(table: str, columns: Sequence[str], text: str) -> None:
    if text:
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            copy.write(text)


def _text(rows: Iterable[Sequence[str]], tabs: int) -> str:
    return "".join([_line(row, tabs) for row in rows])


def _line(values: Sequence[str], tabs: int) -> str:
    line = "\t".join(values)
    if "\\" in line or "\n" in line or "\r" in line or line.count("\t") != tabs:
        line = "\t".join([value.translate(_ESCAPES) for value in values])
    return line + "\n"


def _insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    places = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES ({places})",
            list(rows),
        )
