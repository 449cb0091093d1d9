"""The schema of mail and its ledger."""

from .attempt import Attempt
from .batch import Batch
from .campaign import Campaign
from .content import Content, Edition
from .delivery import Delivery
from .domain import RecipientDomain
from .event import Event, Hits
from .heartbeat import Heartbeat
from .inbox import Inbox
from .incident import Incident
from .layout import Layout
from .limit import Limit
from .link import Link
from .message import Attachment, Message, StoredFile
from .sender import Sender
from .slot import Slot
from .stretch import Stretch
from .tally import Tally
from .transport import Transport

__all__ = [
    "Attachment",
    "Attempt",
    "Batch",
    "Campaign",
    "Content",
    "Delivery",
    "Edition",
    "Event",
    "Heartbeat",
    "Hits",
    "Inbox",
    "Incident",
    "Layout",
    "Limit",
    "Link",
    "Message",
    "RecipientDomain",
    "Sender",
    "Slot",
    "StoredFile",
    "Stretch",
    "Tally",
    "Transport",
]
