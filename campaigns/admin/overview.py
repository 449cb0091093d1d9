"""What the page of a campaign says before anything else: whom it reaches, what is lacking, what comes next."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import audience, preflight
from campaigns.admin.languages import name_of
from campaigns.admin.limits import in_words
from campaigns.composition.localize import resolve
from campaigns.models import Campaign
from subscribers.models import MailingList


@dataclass(frozen=True)
class Coverage:
    """The people of one language, and which content they get."""

    language: str
    people: int
    content: str

    @property
    def name(self) -> str:
        return name_of(self.language)

    @property
    def content_name(self) -> str:
        return name_of(self.content) if self.content else ""

    @property
    def state(self) -> str:
        """``own``, ``close`` (pt for pt-BR), ``fallback`` or ``none``."""
        if not self.content:
            return "none"
        if self.content.lower() == self.language.lower():
            return "own"
        return "close" if self.language.lower().startswith(self.content.lower() + "-") else "fallback"


@dataclass(frozen=True)
class NextStep:
    label: str | Promise
    address: str
    icon: str


@dataclass
class Overview:
    campaign: Campaign
    may_send: bool
    known_fields: Callable[[], Collection[str]]

    @property
    def counted(self) -> str:
        """What of openings and clicks, in words; until it starts, as its lists say today."""
        campaign = self.campaign
        level = campaign.tracking if campaign.has_started else audience.tracking(campaign)
        return str(MailingList.Tracking(level).label)

    @property
    def state(self) -> str:
        return self.campaign.state

    @property
    def limits(self) -> str:
        return in_words(self.campaign)

    @cached_property
    def heads(self) -> audience.HeadCount:
        if self.campaign.is_welcome:
            return audience.HeadCount(0, {})
        return audience.head_count(self.campaign)

    @cached_property
    def within(self) -> list[str]:
        """The segments that it goes to."""
        return [name for name, _tree in audience.segments_of(self.campaign)[audience.WITHIN]]

    @cached_property
    def without(self) -> list[str]:
        return [name for name, _tree in audience.segments_of(self.campaign)[audience.WITHOUT]]

    @cached_property
    def written(self) -> list[str]:
        return [content.language for content in self.campaign.contents.all()]

    @cached_property
    def coverage(self) -> list[Coverage]:
        """Of a campaign that has started the ledger says more: its audience of today is not whom it was for."""
        if self.campaign.has_started:
            return []
        readers = self.heads.languages.items()
        return [Coverage(language, people, self.content_for(language)) for language, people in readers]

    def content_for(self, language: str) -> str:
        found = resolve(language, self.written, self.campaign.default_language)
        return found if found in self.written else ""

    @property
    def missing(self) -> list[Coverage]:
        return [row for row in self.coverage if row.state in {"fallback", "none"}]

    @cached_property
    def issues(self) -> list[preflight.Issue]:
        if not self.campaign.is_editable:
            return []
        return preflight.check(self.campaign, self.heads.languages, self.known_fields())

    @property
    def errors(self) -> list[preflight.Issue]:
        return [issue for issue in self.issues if issue.level == "error"]

    @property
    def notes(self) -> list[preflight.Issue]:
        """What the table of languages does not say already."""
        return [issue for issue in self.issues if issue.code != "language_lacking"]

    @property
    def next_step(self) -> NextStep | None:
        """Of a draft; what may be done with other campaigns, the panel of sending says."""
        if not self.campaign.is_editable:
            return None
        if not self.written:
            return NextStep(_("Write it"), "#contents", "edit_note")
        if self.errors:
            return NextStep(_("See what is missing"), "#issues", "rule")
        if not self.may_send:
            return None
        if self.campaign.is_welcome:
            return NextStep(_("Switch on…"), self.address("welcome"), "waving_hand")
        return NextStep(_("Schedule or send…"), self.address("schedule"), "send")

    def address(self, name: str) -> str:
        return reverse(f"admin:campaigns_campaign_{name}", args=[self.campaign.pk])
