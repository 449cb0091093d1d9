"""Which campaigns go to which segments, or not to which."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.urls import reverse

from campaigns.models import Campaign
from subscribers.segments.uses import Use, register


@register
def used_by_campaigns(segments: Collection[int]) -> Iterator[Use]:
    for column in ("segments", "excluded_segments"):
        campaigns = Campaign.objects.filter(**{f"{column}__in": segments}).order_by("-pk")
        for segment, number, name, status in campaigns.values_list(column, "pk", "name", "status"):
            address = reverse("admin:campaigns_campaign_change", args=[number])
            yield Use(segment, name, address, is_binding=status not in Campaign.ENDED)
