"""The staff's view of subscribers."""

from . import imports, lists, subscribers, suppressions

__all__ = ["imports", "lists", "subscribers", "suppressions"]
