"""The staff's view of subscribers."""

from . import attributes, bulk, consent, exports, imports, lists, retention, segments, subscribers, suppressions

__all__ = [
    "attributes",
    "bulk",
    "consent",
    "exports",
    "imports",
    "lists",
    "retention",
    "segments",
    "subscribers",
    "suppressions",
]
