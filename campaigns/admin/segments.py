"""Which campaigns go to which segments, or not to which, and what becomes of them when one is changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns import audience, notifications
from campaigns.models import Campaign
from subscribers.segments import uses
from subscribers.segments.uses import Use


@uses.register
def used_by_campaigns(segments: Collection[int]) -> Iterator[Use]:
    for column in ("segments", "excluded_segments"):
        campaigns = Campaign.objects.filter(**{f"{column}__in": segments}).order_by("-pk")
        for segment, number, name, status, at in campaigns.values_list(column, "pk", "name", "status", "scheduled_at"):
            address = reverse("admin:campaigns_campaign_change", args=[number])
            warning = _warning(at) if status == Campaign.Status.SCHEDULED else ""
            yield Use(segment, name, address, is_binding=status not in Campaign.ENDED, warning=warning)


def _warning(at: datetime) -> str:
    words = _(
        "It is scheduled for %(moment)s and goes by this segment; who gets it is counted when it starts. "
        "If it goes to other people once you have saved, it becomes a draft and has to be confirmed again."
    )
    return words % {"moment": date_format(timezone.localtime(at), "DATETIME_FORMAT")}


@uses.watch
@contextmanager
def confirm_again(segment: int, by: int | None, say: Callable[[str], None]) -> Iterator[None]:
    """What goes to other people than staff have confirmed is a draft again."""
    using = Campaign.objects.filter(
        Q(segments=segment) | Q(excluded_segments=segment), status=Campaign.Status.SCHEDULED
    )
    # Locked, so that none of them starts before it is known to whom.
    scheduled = list(Campaign.objects.filter(pk__in=using.values("pk")).order_by("pk").select_for_update())
    before = [audience.segments_of(campaign) for campaign in scheduled]
    yield
    for campaign, rules in zip(scheduled, before, strict=True):
        shift = audience.shift(campaign, rules)
        if shift and campaign.unschedule():
            _tell(campaign, shift, by, say)


def _tell(campaign: Campaign, shift: audience.Shift, by: int | None, say: Callable[[str], None]) -> None:
    say(_("“%(name)s” is a draft again and has to be confirmed.") % {"name": campaign.name} + " " + _reason(shift))
    with translation.override(settings.LANGUAGE_CODE):
        reason = _reason(shift)
    if by is not None:
        LogEntry.objects.log_actions(by, [campaign], CHANGE, reason, single_object=True)
    notifications.tell_unconfirmed(campaign, reason)


def _reason(shift: audience.Shift) -> str:
    if shift.before == shift.now:
        return _("Since a segment was changed, it would go to as many people as before, but to others.")
    words = _("Since a segment was changed, its audience is another one: %(before)s before, %(now)s now.")
    return words % {"before": shift.before, "now": shift.now}
