"""One flag that the qcluster command shares with its children: stop after the mail that is on the wire."""

from __future__ import annotations

import mmap

# Shared memory without a lock: a lock would stay taken for ever if its holder were killed.
_flag = mmap.mmap(-1, 1)


def request() -> None:
    _flag[0] = 1


def take_back() -> None:
    _flag[0] = 0


def requested() -> bool:
    return bool(_flag[0])
