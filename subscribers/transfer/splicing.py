"""Takes one change out of the middle of a chain.

Of two imports that changed the same field, the later remembers what the earlier wrote as what was before. When
the earlier one is undone first, the later must put back what stood there before both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from subscribers.models import ImportJournal

# By person: [before, after] of each field, and when they had changed before.
Changes = Mapping[int, tuple[dict[str, list[Any]], str]]


def splice(changes: Changes, at: str, later: QuerySet[ImportJournal]) -> None:
    """`at`: when these changes were written. Within the transaction that undoes them."""
    if not changes:
        return
    fields = {(person, name): pair for person, (own, _before) in changes.items() for name, pair in own.items()}
    for journal in later.select_for_update().order_by("pk").iterator(chunk_size=1):
        touched = False
        for entry in journal.entries.get("changed", []):
            person, theirs, before = entry
            if person not in changes:
                continue
            if before == at:
                entry[2] = changes[person][1]
                touched = True
            for name, pair in theirs.items():
                ours = fields.get((person, name))
                if ours is not None and pair[0] == ours[1]:
                    pair[0] = ours[0]
                    # Only the next in the chain remembers it.
                    del fields[person, name]
                    touched = True
        if touched:
            journal.save(update_fields=["entries"])
