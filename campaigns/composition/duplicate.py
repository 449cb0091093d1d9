"""A new draft that says what another campaign says."""

from __future__ import annotations

from django.db import transaction

from campaigns.models import Campaign, Content

OF_CAMPAIGN = (
    "layout_id",
    "sender_id",
    "default_language",
    "tracks_clicks",
    "limit_per_second",
    "limit_per_hour",
    "limit_per_day",
    "spread_evenly",
)
OF_CONTENT = ("language", "subject", "preheader", "body_html", "body_text")


@transaction.atomic
def duplicate(original: Campaign, *, name: str, created_by_id: int | None) -> Campaign:
    """Takes over contents, audience and settings; nothing of what became of the original."""
    settings = {field: getattr(original, field) for field in OF_CAMPAIGN}
    copy = Campaign.objects.create(name=name, created_by_id=created_by_id, **settings)
    copy.mailing_lists.set(original.mailing_lists.all())
    copy.excluded_lists.set(original.excluded_lists.all())
    Content.objects.bulk_create(
        Content(campaign=copy, **{field: getattr(content, field) for field in OF_CONTENT})
        for content in original.contents.all()
    )
    return copy
