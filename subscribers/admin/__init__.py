"""The staff's view of subscribers."""

from . import (
    attributes,
    brands,
    bulk,
    consent,
    exports,
    imports,
    leaving,
    lists,
    retention,
    segments,
    sign_up_forms,
    sign_ups,
    subscribers,
    suppressions,
)

__all__ = [
    "attributes",
    "brands",
    "bulk",
    "consent",
    "exports",
    "imports",
    "leaving",
    "lists",
    "retention",
    "segments",
    "sign_up_forms",
    "sign_ups",
    "subscribers",
    "suppressions",
]
