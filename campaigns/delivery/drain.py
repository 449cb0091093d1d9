"""One flag that the qcluster command shares with the processes of a crew: stop after the mail that is on the wire."""

from __future__ import annotations

from campaigns.delivery.lockfree import Flag

_flag = Flag()


def renew() -> Flag:
    """For those who are forked from now on; who was forked earlier keeps the earlier one."""
    global _flag
    _flag = Flag()
    return _flag


def requested() -> bool:
    return _flag.is_set()
