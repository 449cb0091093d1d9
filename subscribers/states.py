"""State changes that only one of many processes can win."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class StateMachine(models.Model):
    """A row with a status that moves along allowed edges only.

    ``MOVES`` maps each status to the statuses it may be reached from.
    """

    MOVES: ClassVar[dict[str, frozenset[str]]] = {}

    status: Any

    class Meta:
        abstract = True

    def move_to(self, status: str, *, only_from: str | None = None, **changes: Any) -> bool:
        """Move in one guarded UPDATE; False means that somebody got there first.

        The instance shows the new values only if this call won.
        """
        sources = self.MOVES[status] if only_from is None else self.MOVES[status] & {only_from}
        changes = {"status": status, **changes}
        states = type(self)._base_manager.filter(pk=self.pk, status__in=sources)  # type: ignore[misc]
        rows = states.update(**changes)
        if rows:
            for name, value in changes.items():
                setattr(self, name, value)
        return bool(rows)
