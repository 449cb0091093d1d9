"""Addresses in templates for staff."""

from __future__ import annotations

from django import template

from subscribers import readable as letters

register = template.Library()


@register.filter
def readable(text: str) -> str:
    return letters.address(str(text))
