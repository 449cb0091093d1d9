"""A new draft that says what another campaign says."""

from __future__ import annotations

from django.db import transaction

from campaigns.models import Campaign, Content

OF_CAMPAIGN = (
    "layout_id",
    "sender_id",
    "default_language",
    "is_digest",
    "in_archive",
    "welcomes_id",
    "limit_per_second",
    "limit_per_hour",
    "limit_per_day",
    "spread_evenly",
)
AUDIENCE = ("mailing_lists", "excluded_lists", "segments", "excluded_segments")
OF_CONTENT = ("language", "subject", "preheader", "body_html", "body_text")


@transaction.atomic
def duplicate(original: Campaign, *, name: str, created_by_id: int | None) -> Campaign:
    """Takes over contents, audience and settings; nothing of what became of the original."""
    settings = {field: getattr(original, field) for field in OF_CAMPAIGN}
    copy = Campaign.objects.create(name=name, created_by_id=created_by_id, **settings)
    if not _lacks_segments(original):
        for name in AUDIENCE:
            getattr(copy, name).set(getattr(original, name).all())
    Content.objects.bulk_create(
        Content(campaign=copy, **{field: getattr(content, field) for field in OF_CONTENT})
        for content in original.contents.all()
    )
    return copy


def _lacks_segments(original: Campaign) -> bool:
    """One has been deleted since it was sent; without it, the copy would go to more people than anybody meant."""
    frozen = original.frozen_segments or {"within": [], "without": []}
    left = {"within": original.segments.count(), "without": original.excluded_segments.count()}
    return any(len(frozen[part]) > number for part, number in left.items())
