"""Many rows at once: by COPY on PostgreSQL, and by one prepared statement elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import connection, models

from subscribers.models import Subscriber
from subscribers.models.transfer import Ranges

# Texts as the database writes them, by column.
Columns = Mapping[str, Sequence[str]]

# PostgreSQL's text format (its manual, COPY) has one line for a row and a tab between two values.
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_CHANGES: Final = "given_changes"
# They are told one by one only if somebody else took some in between.
_NEW_KEYS: Final = """
SELECT min(key), CASE WHEN max(key) - min(key) + 1 > count(*) THEN array_agg(key ORDER BY key) END
FROM (SELECT nextval(%s::regclass) AS key FROM generate_series(1, %s)) AS taken
"""
# The tables grow while nobody has counted them, so that the planner would rather read all of a million people
# than look up ten thousand. What a crash of the server takes away of a chunk, it takes with the cursor.
_LOOK_UP: Final = "; ".join(
    f"SET LOCAL {name} = off"
    for name in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit", "synchronous_commit")
)


def look_up() -> None:
    """Until the transaction ends, find rows by their keys."""
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute(_LOOK_UP)


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def load(model: type[models.Model], columns: Columns, same: Mapping[str, str] | None = None) -> None:
    """Insert rows, all of them with the `same` other values; what is not mentioned stays at its default."""
    table, same = model._meta.db_table, same or {}
    if is_postgresql():
        copy(table, columns, same)
        return
    rows = [(*row, *same.values()) for row in zip(*columns.values(), strict=True)]
    names, places = ", ".join([*columns, *same]), ", ".join(["%s"] * (len(columns) + len(same)))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)


def load_keys(model: type[models.Model], column: str, keys: Ranges, same: Mapping[str, str]) -> None:
    """Insert a row for each of the keys, which begin the columns; all others are the `same`."""
    if not is_postgresql():
        load(model, {column: texts(each for first, last in keys for each in range(first, last + 1))}, same)
        return
    # They never leave the server, which takes two thirds of the time of COPY.
    names, places = ", ".join([column, *same]), ", ".join(["each.key", *["%s"] * len(same)])
    firsts, lasts = zip(*keys, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({names}) SELECT {places} "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS run(first, last), generate_series(first, last) AS each(key)",
            [*same.values(), list(firsts), list(lasts)],
        )


def load_lines(
    model: type[models.Model],
    columns: Sequence[str],
    keys: Sequence[int],
    lines: Sequence[str],
    same: Mapping[str, str],
) -> None:
    """Insert rows of which PostgreSQL's text is at hand, but for the key before it; no value has tabs or line ends.

    `same`: what PostgreSQL gives all of them by itself, and others are told.
    """
    table = model._meta.db_table
    if is_postgresql():
        copy_lines(table, ("id", *columns), keys, lines)
        return
    names = ("id", *columns, *same)
    values = ([text.replace(r"\\", "\\") for text in line.split("\t")] for line in lines)
    rows: list[list[str]] = [[str(key), *row, *same.values()] for key, row in zip(keys, values, strict=True)]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})", rows)


def load_for(people: Ranges, model: type[models.Model], taken: Mapping[str, str], same: Mapping[str, str]) -> None:
    """Insert a row for each of these people: the `taken` columns come from theirs, all others are the `same`."""
    names = ", ".join([*taken, *same])
    values = ", ".join([*taken.values(), *["%s"] * len(same)])
    with connection.cursor() as cursor:
        for first, last in people:
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values} FROM {Subscriber._meta.db_table} "
                "WHERE id BETWEEN %s AND %s ORDER BY id",
                [*same.values(), first, last],
            )


def change(model: type[models.Model], columns: Columns) -> None:
    """Update rows, whose key is the column `id`."""
    table, names = model._meta.db_table, [name for name in columns if name != "id"]
    with connection.cursor() as cursor:
        if is_postgresql():
            kept, news = ", ".join(columns), ", ".join(f"{name} = given.{name}" for name in names)
            cursor.execute(f"CREATE TEMP TABLE {_CHANGES} AS SELECT {kept} FROM {table} WITH NO DATA")
            copy(_CHANGES, columns, {})
            cursor.execute(f"UPDATE {table} SET {news} FROM {_CHANGES} AS given WHERE {table}.id = given.id")
            cursor.execute(f"DROP TABLE {_CHANGES}")
        else:
            news = ", ".join(f"{name} = %s" for name in names)
            rows = zip(*(columns[name] for name in names), columns["id"], strict=True)
            cursor.executemany(f"UPDATE {table} SET {news} WHERE id = %s", list(rows))


def new_keys(model: type[models.Model], count: int) -> Sequence[int]:
    """Keys that nobody else will get, smallest first; call it within the transaction that inserts the rows."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
            cursor.execute(_NEW_KEYS, [cursor.fetchone()[0], count])
            first, keys = cursor.fetchone()
            return keys or range(first, first + count)
        cursor.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()[0]
        return range(last + 1, last + 1 + count)


def copy(table: str, columns: Columns, same: Mapping[str, str]) -> None:
    """On PostgreSQL."""
    text = _text(list(columns.values()), "".join(f"\t{value.translate(_ESCAPES)}" for value in same.values()) + "\n")
    if text:
        _copy(table, [*columns, *same], text)


def copy_lines(table: str, columns: Sequence[str], numbers: Sequence[int], lines: Sequence[str]) -> None:
    """On PostgreSQL. Each line stands behind its number."""
    if lines:
        _copy(table, columns, "\n".join(map("%d\t%s".__mod__, zip(numbers, lines, strict=True))) + "\n")


def _copy(table: str, columns: Sequence[str], text: str) -> None:
    command = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    # The end of it is told past Django's cursor, and so is what is wrong with it.
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(command) as copying:
        copying.write(text)


def written(moment: datetime) -> str:
    """As the database writes it."""
    return str(connection.ops.adapt_datetimefield_value(moment))


def _text(columns: Sequence[Sequence[str]], ending: str) -> str:
    lines = list(map("\t".join, zip(*columns, strict=True)))
    if not lines:
        return ""
    text = ending.join(lines) + ending
    rows = len(lines)
    expected = rows * (len(columns) - 1 + ending.count("\t"))
    is_plain = text.count("\n") == rows and text.count("\t") == expected and "\r" not in text
    if is_plain and text.count("\\") == rows * ending.count("\\"):
        return text
    escaped = ("\t".join([value.translate(_ESCAPES) for value in row]) for row in zip(*columns, strict=True))
    return ending.join(escaped) + ending


def texts(keys: Iterable[int]) -> list[str]:
    return list(map(str, keys))
