"""What everybody may read: campaigns that went to all people of a list, if staff opened the list's archive.

A campaign that was narrowed to segments, or that left people out, was meant for some alone and is never here;
neither is anything that is not sent completely, and a welcome mail never is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse

from campaigns.composition.localize import resolve
from campaigns.composition.merge import filled, one_line
from campaigns.models import Campaign, Content, Edition
from subscribers.models import MailingList, SignUpForm

UNNARROWED: Final[dict[str, list[Any]]] = {"within": [], "without": []}
LONGEST_SUMMARY: Final = 200
ADDRESS: Final = re.compile(r"\s*(?:\((?:https?://|mailto:|tel:)[^\s()]*\)|\bhttps?://\S+)")
UNDERLINE: Final = re.compile(r"^\W+$", re.MULTILINE)
FOOTER: Final = "\n-- \n"


def open_lists() -> QuerySet[MailingList]:
    return MailingList.objects.filter(has_archive=True)


def sign_up_for(mailing_list: MailingList) -> str:
    """Of several forms, the one for the fewest lists. Empty without any."""
    forms = SignUpForm.objects.advertised().filter(mailing_lists=mailing_list)
    forms = SignUpForm.objects.filter(pk__in=forms).annotate(number=Count("mailing_lists")).order_by("number", "pk")
    slug = forms.values_list("slug", flat=True).first()
    return reverse("sign_up", args=[slug]) if slug else ""


def archived() -> QuerySet[Campaign]:
    """Newest first."""
    return public(Campaign.objects.all()).order_by("-finished_at", "-pk")


def public(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    return sent_to_everybody(campaigns).filter(in_archive=True)


def sent_to_everybody(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    return campaigns.filter(
        Q(frozen_segments__isnull=True) | Q(frozen_segments=UNNARROWED),
        status=Campaign.Status.SENT,
        segments=None,
        excluded_segments=None,
        excluded_lists=None,
    )


def keep(campaign: Campaign, *, is_open: bool) -> bool:
    """False if somebody was faster."""
    return bool(Campaign.objects.filter(pk=campaign.pk, in_archive=not is_open).update(in_archive=is_open))


@dataclass(frozen=True)
class Entry:
    """One campaign in the archive of one list."""

    label: str
    campaign: Campaign

    @property
    def number(self) -> int:
        return self.campaign.pk

    @property
    def sent_at(self) -> datetime | None:
        return self.campaign.finished_at

    @cached_property
    def editions(self) -> dict[str, Edition]:
        return {edition.language: edition for edition in self.campaign.editions.all()}

    @property
    def languages(self) -> list[str]:
        return sorted(self.editions)

    @property
    def default_language(self) -> str:
        return self.best_for(self.campaign.default_language)

    def best_for(self, language: str) -> str:
        """The language that somebody gets who reads this one."""
        found = resolve(language, self.editions, self.campaign.default_language)
        return found if found in self.editions else next(iter(self.editions))

    def address(self, language: str) -> str:
        return address(self.label, self.number, language)

    def title(self, language: str) -> str:
        return for_nobody(self.editions[language].subject, language)

    def summary(self, language: str) -> str:
        """The line that inboxes show, else the first words."""
        preheaders = {each.language: each.preheader for each in self.campaign.contents.all()}
        return summary(preheaders.get(language, ""), self.editions[language])


def address(label: str, number: int, language: str) -> str:
    return reverse("archive_mail", args=[label, number, language])


def entries(mailing_list: MailingList, *, before: int | None, most: int) -> list[Entry]:
    """With their titles. `before` is the number of a campaign, and None of the first page."""
    campaigns = archived().filter(mailing_lists=mailing_list)
    if before is not None:
        last = campaigns.filter(pk=before).values_list("finished_at", flat=True).first()
        if last is None:
            return []
        campaigns = campaigns.filter(Q(finished_at__lt=last) | Q(finished_at=last, pk__lt=before))
    return _entries(mailing_list, with_titles(campaigns)[:most])


def latest(mailing_list: MailingList, most: int) -> list[Entry]:
    """With what their summaries are made of."""
    campaigns = archived().filter(mailing_lists=mailing_list)
    editions = Prefetch("editions", Edition.objects.defer("html").order_by("pk"))
    contents = Prefetch("contents", Content.objects.only("campaign", "language", "preheader"))
    return _entries(mailing_list, campaigns.prefetch_related(editions, contents)[:most])


def with_titles(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    editions = Edition.objects.only("campaign", "language", "subject").order_by("pk")
    return campaigns.prefetch_related(Prefetch("editions", editions))


def _entries(mailing_list: MailingList, campaigns: Iterable[Campaign]) -> list[Entry]:
    found = [Entry(mailing_list.label, campaign) for campaign in campaigns]
    return [entry for entry in found if entry.editions]


def for_nobody(source: str, language: str) -> str:
    return one_line(filled(source, {"language": language}, escape=False))


def summary(preheader: str, edition: Edition) -> str:
    if preheader:
        return for_nobody(preheader, edition.language)
    text = filled(edition.text.partition(FOOTER)[0], {"language": edition.language}, escape=False)
    words = one_line(UNDERLINE.sub(" ", ADDRESS.sub("", text)).replace("\n", " "))
    return words if len(words) <= LONGEST_SUMMARY else words[:LONGEST_SUMMARY].rpartition(" ")[0] + "…"
