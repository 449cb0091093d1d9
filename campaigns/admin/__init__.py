"""Mail in the admin; importing a page here is what registers it."""

from . import campaigns, layouts, received, send_log, senders, transports

__all__ = ["campaigns", "layouts", "received", "send_log", "senders", "transports"]
