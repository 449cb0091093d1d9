"""Mail in the admin; importing a page here is what registers it."""

from . import (
    campaigns,
    domains,
    incidents,
    incoming,
    layouts,
    outgoing,
    received,
    recipients,
    segments,
    send_log,
    senders,
    transports,
)

__all__ = [
    "campaigns",
    "domains",
    "incidents",
    "incoming",
    "layouts",
    "outgoing",
    "received",
    "recipients",
    "segments",
    "send_log",
    "senders",
    "transports",
]
