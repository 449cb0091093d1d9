"""The names of our addresses, from urls.py itself, so that no table of a test can forget one."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def public_names() -> set[str]:
    """Of what everybody may ask for."""
    return {str(pattern.name) for pattern in _patterns(get_resolver(), leave_out="admin/") if pattern.name}


def names_with_tokens() -> set[str]:
    return {str(pattern.name) for pattern in _patterns(get_resolver()) if "token" in pattern.pattern.converters}


def admin_names() -> list[str]:
    """In order; not those that Django's own apps bring."""
    names = {str(pattern.name) for pattern in _patterns(get_resolver())}
    return sorted(name for name in names if name.startswith(("campaigns_", "subscribers_")))


def _patterns(resolver: URLResolver, *, leave_out: str = "") -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        elif not (leave_out and str(pattern.pattern).startswith(leave_out)):
            yield from _patterns(pattern, leave_out=leave_out)
