"""The staff's view of subscribers."""

from . import attributes, brands, bulk, consent, exports, imports, lists, retention, segments, subscribers, suppressions

__all__ = [
    "attributes",
    "brands",
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
