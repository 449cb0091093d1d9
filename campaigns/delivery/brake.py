"""Pauses a campaign of which too many mails fail: that is what mailbox providers punish."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from campaigns.delivery.ledger import Tried
from campaigns.models import Attempt, Campaign, Delivery

Status = Delivery.Status

# After these a mail may have failed for good.
HARMFUL = frozenset({Attempt.Outcome.REFUSED, Attempt.Outcome.INVALID, Attempt.Outcome.REJECTED})
# Of fewer mails nobody can tell.
LEAST_TRIED = 100
# To count takes one part in so many of our time at most.
SHARE_OF_TIME = 20
# After how large a part of the failures that would be too many it is counted again: other lanes see some as well.
PART = 4


@dataclass
class Watch:
    """What this process knows of a campaign since it last counted."""

    bearable: int = 0
    seen: int = 0
    rests_until: float = 0.0

    @property
    def must_count(self) -> bool:
        """At once if those that were seen here are too many by themselves."""
        is_time = time.monotonic() >= self.rests_until and self.seen >= self.bearable // PART
        return is_time or self.seen > self.bearable


_watches: dict[int, Watch] = {}


def look_at(tried: Sequence[Tried]) -> None:
    """Some of these mails may have failed just now.

    To count takes long, so call it after the commit that wrote them down, outside of any transaction.
    """
    troubled = [one.mail.number for one in tried if one.outcome.kind in HARMFUL]
    if not troubled:
        return
    failed = Delivery.objects.filter(pk__in=troubled, status=Status.FAILED, campaign__isnull=False)
    failures = Counter(failed.order_by().values_list("campaign", flat=True))
    for campaign in Campaign.objects.sending().filter(pk__in=failures).order_by("pk"):
        watch = _watches.setdefault(campaign.pk, Watch())
        watch.seen += failures[campaign.pk]
        if watch.must_count:
            _watches[campaign.pk] = _count(campaign)


def _count(campaign: Campaign) -> Watch:
    """Pauses it if they are too many."""
    began = time.monotonic()
    failed, sent = _failed_and_sent(campaign)
    known, tried = failed - campaign.failed_known, failed + sent - campaign.failed_known - campaign.sent_known
    percent = settings.FAILURE_PAUSE_PERCENT
    if tried >= LEAST_TRIED and 100 * known >= percent * tried:
        _pause(campaign, failed, sent)
    if failed <= LEAST_TRIED:
        # A few are counted in no time, and then the first hundred mails are enough to notice.
        return Watch()
    # So many more may fail in a row until they are too many.
    bearable = max(0, percent * tried - 100 * known) // max(1, 100 - percent)
    return Watch(bearable, rests_until=began + SHARE_OF_TIME * (time.monotonic() - began))


def _pause(campaign: Campaign, failed: int, sent: int) -> None:
    known, tried = failed - campaign.failed_known, failed + sent - campaign.failed_known - campaign.sent_known
    reason = _("%(failed)s of %(tried)s mails failed, which is too many. The last answer: %(answer)s")
    words = {"failed": intcomma(known), "tried": intcomma(tried), "answer": _last_answer(campaign)}
    # If staff know better and resume, only what comes after that counts.
    campaign.move_to(Campaign.Status.PAUSED, pause_reason=reason % words, failed_known=failed, sent_known=sent)


def _failed_and_sent(campaign: Campaign) -> tuple[int, int]:
    """Of those sent no more than decide."""
    failed = campaign.deliveries.ended().filter(status=Status.FAILED).count()
    enough = campaign.sent_known + max(LEAST_TRIED, 100 * failed // settings.FAILURE_PAUSE_PERCENT + 1)
    sent = campaign.deliveries.ended().filter(status=Status.SENT).order_by()[:enough].count()
    return failed, sent


def _last_answer(campaign: Campaign) -> str:
    failed = campaign.deliveries.ended().filter(status=Status.FAILED)
    return failed.order_by("-finished_at").values_list("reason", flat=True).first() or ""
