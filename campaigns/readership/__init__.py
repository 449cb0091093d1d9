"""Who read a campaign and what they did, as far as that is known: for reports."""

from .counting import Numbers, everything, followed, headline
from .moments import Moment
from .reach import Reach, Span
from .report import ClickedLink, Group, Report

__all__ = ["ClickedLink", "Group", "Moment", "Numbers", "Reach", "Report", "Span", "everything", "followed", "headline"]
