"""The staff's view of subscribers."""

from . import attributes, bulk, imports, lists, segments, subscribers, suppressions

__all__ = ["attributes", "bulk", "imports", "lists", "segments", "subscribers", "suppressions"]
