"""Pauses a campaign of which too many mails fail: that is what mailbox providers punish."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from campaigns.models import Attempt, Campaign, Delivery

Status = Delivery.Status

# After these a mail may have failed for good.
HARMFUL = frozenset({Attempt.Outcome.REFUSED, Attempt.Outcome.INVALID, Attempt.Outcome.REJECTED})
# Of fewer mails nobody can tell.
LEAST_TRIED = 100
# To count takes one part in so many of our time at most.
SHARE_OF_TIME = 20

_counts_again_at: dict[int, float] = {}


def look_at(troubled: Sequence[int]) -> None:
    """Some of these deliveries may have failed just now."""
    if not troubled:
        return
    failed = Delivery.objects.filter(pk__in=troubled, status=Status.FAILED, campaign__isnull=False)
    for campaign in Campaign.objects.sending().filter(pk__in=failed.values("campaign")).order_by("pk"):
        _look_at(campaign)


def _look_at(campaign: Campaign) -> None:
    began = time.monotonic()
    if began < _counts_again_at.get(campaign.pk, 0.0):
        return
    failed, sent = _count(campaign)
    took = time.monotonic() - began
    # A few are counted in no time, and then the first hundred mails are enough to notice.
    _counts_again_at[campaign.pk] = began + (SHARE_OF_TIME * took if failed > LEAST_TRIED else 0.0)
    known, tried = failed - campaign.failed_known, failed + sent - campaign.failed_known - campaign.sent_known
    if tried >= LEAST_TRIED and 100 * known >= settings.FAILURE_PAUSE_PERCENT * tried:
        reason = _("%(failed)s of %(tried)s mails failed, which is too many. The last answer: %(answer)s")
        words = {"failed": intcomma(known), "tried": intcomma(tried), "answer": _last_answer(campaign)}
        # If staff know better and resume, only what comes after that counts.
        campaign.move_to(Campaign.Status.PAUSED, pause_reason=reason % words, failed_known=failed, sent_known=sent)


def _count(campaign: Campaign) -> tuple[int, int]:
    """Failed and sent mails; of those sent no more than decide."""
    failed = campaign.deliveries.filter(status=Status.FAILED).count()
    enough = campaign.sent_known + max(LEAST_TRIED, 100 * failed // settings.FAILURE_PAUSE_PERCENT + 1)
    sent = campaign.deliveries.filter(status=Status.SENT).order_by()[:enough].count()
    return failed, sent


def _last_answer(campaign: Campaign) -> str:
    last = campaign.deliveries.filter(status=Status.FAILED).order_by("-finished_at").values_list("reason", flat=True)
    return last.first() or ""
