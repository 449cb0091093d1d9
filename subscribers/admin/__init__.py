"""The staff's view of subscribers."""

from . import attributes, bulk, imports, lists, subscribers, suppressions

__all__ = ["attributes", "bulk", "imports", "lists", "subscribers", "suppressions"]
