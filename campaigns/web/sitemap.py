"""All pages of all archives, for search engines (sitemaps.org), with the languages of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.db.models import Prefetch
from django.template.loader import render_to_string
from django.urls import reverse

from . import archive

# Of a map, 50,000 addresses are read at most; a campaign may have several languages.
MOST: Final = 8_000


def sitemap_of() -> str:
    return render_to_string("public/sitemap.xml", {"rows": list(rows())})


def rows() -> Iterator[dict[str, object]]:
    """Of campaigns on several lists, the page of the first of them."""
    base = settings.BASE_URL
    lists = archive.open_lists().order_by("pk")
    for each in lists:
        yield {"address": base + reverse("archive", args=[each.label])}
    campaigns = archive.with_titles(archive.archived().filter(mailing_lists__has_archive=True).distinct())
    for campaign in campaigns.prefetch_related(Prefetch("mailing_lists", lists))[:MOST]:
        entry = archive.Entry(campaign.mailing_lists.all()[0].label, campaign)
        languages = [(code, base + entry.address(code)) for code in entry.languages]
        for _code, address in languages:
            others = languages if len(languages) > 1 else []
            yield {"address": address, "changed_at": entry.sent_at, "languages": others}
