"""That a link was followed or a mail was opened, once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple


class Hit(NamedTuple):
    edition: int
    # 0: of nobody in particular.
    delivery: int
    # 0: the mail was opened.
    link: int
    is_suspect: bool
    # Seconds since 1970.
    at: float

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    @property
    def hour(self) -> datetime:
        return self.moment.replace(minute=0, second=0, microsecond=0)
