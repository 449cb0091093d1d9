"""The schema of mail and its ledger."""

from .attempt import Attempt
from .campaign import Campaign
from .content import Content, Edition
from .delivery import Delivery
from .event import Event
from .layout import Layout
from .limit import Limit
from .sender import Sender
from .slot import Slot
from .transport import Transport

__all__ = [
    "Attempt",
    "Campaign",
    "Content",
    "Delivery",
    "Edition",
    "Event",
    "Layout",
    "Limit",
    "Sender",
    "Slot",
    "Transport",
]
