"""Keys of many people in few words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def ranges(keys: Iterable[int]) -> list[list[int]]:
    """``[1, 2, 3, 7]`` as ``[[1, 3], [7, 7]]``."""
    if isinstance(keys, range):
        return [[keys[0], keys[-1]]] if keys else []
    found: list[list[int]] = []
    for key in sorted(keys):
        if found and key == found[-1][1] + 1:
            found[-1][1] = key
        else:
            found.append([key, key])
    return found


def keys(found: Iterable[Iterable[int]]) -> Iterator[int]:
    for first, last in found:
        yield from range(first, last + 1)
