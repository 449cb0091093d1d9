"""Rules as the fields of a form: read from what was posted, and changed by the buttons beside them.

The field of a condition is named by its place, such as ``rule.0.2.fact``: of the first part of the outermost group the
third. That way the page needs no script, and a script nothing but the page.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from django.http import QueryDict

from subscribers.segments.conditions import Fact
from subscribers.segments.rules import DEEPEST, GROUPS, is_group

Path = tuple[int, ...]
ROOT = "rule"
FIRST_FACT = "language"


def name_of(path: Path) -> str:
    return ".".join([ROOT, *map(str, path)])


def read(posted: QueryDict, known: dict[str, Fact], path: Path = ()) -> Any:
    """What staff filled in, whether it makes sense or not."""
    name = name_of(path)
    if f"{name}.group" not in posted:
        return _condition(posted, known, name)
    kind = posted[f"{name}.group"]
    parts: list[Any] = []
    while len(path) < DEEPEST and _is_there(posted, (*path, len(parts))):
        parts.append(read(posted, known, (*path, len(parts))))
    return {kind if kind in GROUPS else "all": parts}


def _is_there(posted: QueryDict, path: Path) -> bool:
    return any(f"{name_of(path)}.{field}" in posted for field in ("group", "fact"))


def _condition(posted: QueryDict, known: dict[str, Fact], name: str) -> dict[str, Any]:
    chosen, comparison = posted.get(f"{name}.fact", ""), posted.get(f"{name}.is", "")
    fact = known.get(chosen)
    if fact and comparison not in fact.operators:
        # Another fact has just been chosen.
        comparison = next(iter(fact.operators))
    condition = {"fact": chosen, "is": comparison}
    if fact:
        value = _value(fact.operators[comparison].takes, posted.getlist(f"{name}.value"))
        return condition if value is None else condition | {"value": value}
    return condition


def _value(takes: Any, written: list[str]) -> Any:
    """What is no number stays as it was written, to be shown again with what is wrong with it."""
    match takes.kind:
        case "nothing":
            return None
        case "some":
            choices = {str(value): value for value, _label in takes.choices()}
            return [choices.get(text, text) for text in written]
        case "number" | "days":
            return _number(written[0]) if written else ""
        case "numbers":
            return [_number(text) for text in written]
        case "dates":
            return written
    return written[0] if written else ""


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


# What the buttons do.


def changed(tree: Any, command: str, known: dict[str, Fact]) -> tuple[Any, Path]:
    """The tree after ``add:0.1`` and the like, and what is to be looked at next; unknown commands change nothing."""
    verb, _colon, place = command.partition(":")
    after = deepcopy(tree)
    try:
        return after, _do(verb, after, tuple(int(part) for part in place.split(".")[1:]), known)
    except (IndexError, KeyError, ValueError):
        return tree, ()


def _do(verb: str, tree: Any, path: Path, known: dict[str, Fact]) -> Path:
    match verb:
        case "add":
            return _append(tree, path, new_condition(known))
        case "group":
            return (*_append(tree, path, {"any": [new_condition(known)]}), 0)
        case "copy":
            siblings = parts_of(tree, path[:-1])
            siblings.insert(path[-1] + 1, deepcopy(siblings[path[-1]]))
            return (*path[:-1], path[-1] + 1)
        case "remove":
            siblings = parts_of(tree, path[:-1])
            siblings.pop(path[-1])
            return (*path[:-1], min(path[-1], len(siblings) - 1)) if siblings else path[:-1]
    return path


def _append(tree: Any, path: Path, part: Any) -> Path:
    siblings = parts_of(tree, path)
    siblings.append(part)
    return (*path, len(siblings) - 1)


def parts_of(tree: Any, path: Path) -> list[Any]:
    """Of the group at that place. IndexError or KeyError if there is none."""
    for at in path:
        tree = parts_of(tree, ())[at]
    if not is_group(tree):
        raise KeyError(path)
    parts: list[Any] = next(iter(tree.values()))
    return parts


def new_condition(known: dict[str, Fact]) -> dict[str, Any]:
    fact = known[FIRST_FACT]
    return {"fact": fact.name, "is": next(iter(fact.operators)), "value": []}


def new_tree(known: dict[str, Fact]) -> dict[str, Any]:
    return {"all": [new_condition(known)]}
