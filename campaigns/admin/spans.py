"""Numbers of reports in the words and digits of the page: “12–15”, “3.1–4.0 %”."""

from __future__ import annotations

from typing import Final

from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _

from campaigns.readership import Span

Number = int | Span
# Between the least and the most.
DASH: Final = "–"


def in_digits(number: Number) -> str:
    if isinstance(number, int):
        return str(intcomma(number))
    return DASH.join(dict.fromkeys(str(intcomma(one)) for one in (number.least, number.most)))


def in_percent(number: Number, whole: int) -> str:
    """Empty where nothing can be shared."""
    if not whole:
        return ""
    ends = (number, number) if isinstance(number, int) else (number.least, number.most)
    said = DASH.join(dict.fromkeys(str(floatformat(100 * one / whole, 1)) for one in ends))
    return _("%(percent)s %%") % {"percent": said}


def most(number: Number) -> int:
    return number if isinstance(number, int) else number.most


def least(number: Number) -> int:
    return number if isinstance(number, int) else number.least
