"""Where readers live: the places of the time zone database in their language, each with what its clocks show now."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import get_timezone_location
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# By the first part of their names; all others are kept for old machines.
CONTINENTS: Final[dict[str, Promise]] = {
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Arctic": _("Arctic"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic Ocean"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific Ocean"),
}


class TimeZoneSelect(forms.Select):
    """Made once an hour, and without the tags that HTML can do without: four hundred options are half of a page."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        offered = options(get_language() or "", hour)
        own = format_html('value="{}"', value or "")
        if own in offered:
            offered = SafeString(offered.replace(own, f"{own} selected", 1))
        else:
            offered = format_html("<option {} selected>{}{}", own, value, offered)
        more = format_html_join("", ' {}="{}"', (attrs or {}).items())
        return format_html('<select name="{}"{}>{}</select>', name, more, offered)


class TimeZoneField(forms.CharField):
    """Any that the machine knows, also those of old that are not offered."""

    widget = TimeZoneSelect

    def __init__(self) -> None:
        super().__init__(label=_("Time zone"), required=False, max_length=60)

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and value not in zoneinfo.available_timezones():
            raise ValidationError(_("Choose one of these time zones."))


@lru_cache(maxsize=16)
def options(language: str, hour: datetime) -> SafeString:
    """By continent. What clocks show changes at full hours."""
    by_continent = (
        (words, sorted((city, zone) for zone, city in places(language) if zone.partition("/")[0] == continent))
        for continent, words in CONTINENTS.items()
    )
    groups = ((words, _options(cities, hour)) for words, cities in by_continent)
    return SafeString('<option value="">–') + format_html_join("", '<optgroup label="{}">{}</optgroup>', groups)


def _options(cities: list[tuple[str, str]], hour: datetime) -> SafeString:
    return format_html_join("", '<option value="{}">{} {}', ((zone, city, offset(zone, hour)) for city, zone in cities))


@lru_cache(maxsize=16)
def places(language: str) -> list[tuple[str, str]]:
    """Zones of today, each with the name of its city."""
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse("en")
    current = get_global("zone_territories").keys() & zoneinfo.available_timezones()
    return [(zone, get_timezone_location(zone, locale=locale, return_city=True)) for zone in sorted(current)]


def offset(zone: str, at: datetime) -> str:
    """Such as ``UTC+02:00``."""
    ahead = at.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset() or timedelta()
    minutes = round(ahead.total_seconds() / 60)
    return f"UTC{'−' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
