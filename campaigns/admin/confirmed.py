"""What staff confirmed is what is sent."""

from __future__ import annotations

from campaigns.models import Campaign, Layout, Sender


def is_confirmed(part: Layout | Sender | None) -> bool:
    """Whether a campaign with it is scheduled: edited now, it would be sent as nobody has seen it."""
    return part is not None and part.campaigns.filter(status=Campaign.Status.SCHEDULED).exists()
