"""Which links of a mail are counted, and how a mail tells of them and of being shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from django.utils.encoding import iri_to_uri

from campaigns.models import Campaign, Link

from .hiding import Hiding

# The name of a value that no author can write, because it has a space.
CLICKS_URL = "clicks url"
# Where it stands in a source; Unicode keeps this for programs' own use and no text may hold it.
MARK = "\ufdd0"
# An address with placeholders is another one for each reader. Visible words that look like HTML hold no "<".
HTML_LINK = re.compile(r"""(<(?:a|area|v:\w+)\b[^<>]*?\shref\s*=\s*)(["'])(https?://.*?)\2""", re.IGNORECASE)
TEXT_LINK = re.compile(r"https?://[\w\[][^\s<>\"{}]*", re.IGNORECASE)
CLOSING = ".,;:!?'*_~"
# As they stand in attributes; any other "&" there means itself.
ENTITIES = {"&quot;": '"', "&#39;": "'", "&#x27;": "'", "&lt;": "<", "&gt;": ">", "&amp;": "&"}
ENTITY = re.compile("|".join(ENTITIES))
# Browsers and proxies follow no redirect that is much longer.
LONGEST_URL = 2000
MOST_LINKS = 1000
# Asked for when the mail is shown, as if it were a link with a number that no link has.
PIXEL = f'<img src="{MARK}/0" width="1" height="1" alt="">'
END_OF_BODY = re.compile(r"</body\s*>", re.IGNORECASE)


def freeze_links(campaign: Campaign) -> None:
    """Number the links of editions that have none yet."""
    if not campaign.is_tracked:
        return
    links = [
        Link(edition=edition, number=number, url=url)
        for edition in campaign.editions.filter(links=None)
        for url, number in numbered(edition.html, edition.text).items()
    ]
    Link.objects.bulk_create(links, ignore_conflicts=True)


def numbered(html: str, text: str) -> dict[str, int]:
    """From 1, in order of appearance; an address that is there twice has one number."""
    urls: dict[str, None] = {}

    def note(url: str) -> str:
        urls[url] = None
        return url

    with_links(html, note, is_html=True)
    with_links(text, note, is_html=False)
    return {url: number for number, url in enumerate(list(filter(can_be_followed, urls))[:MOST_LINKS], start=1)}


def tracked(source: str, links: Mapping[str, int], *, is_html: bool) -> str:
    """With a mark and a number in place of each of these links."""
    source = source.replace(MARK, "")
    if not links:
        return source
    return with_links(source, lambda url: f"{MARK}/{links[url]}" if url in links else url, is_html=is_html)


def with_pixel(html: str) -> str:
    """At the very end, where it moves nothing. Call it last: no text may hold the mark."""
    hiding = Hiding(html)
    hidden = hiding.hide(html)
    ends = [found.start() for found in END_OF_BODY.finditer(hidden)] or [len(hidden)]
    return hiding.restore(hidden[: ends[-1]] + PIXEL + hidden[ends[-1] :])


def with_links(source: str, instead: Callable[[str], str], *, is_html: bool) -> str:
    """Only links without placeholders are asked about."""
    hiding = Hiding(source)

    def in_html(match: re.Match[str]) -> str:
        before, quote, written = match.groups()
        url = ENTITY.sub(lambda entity: ENTITIES[entity[0]], written).strip()
        new = url if hiding.mark in url else instead(url)
        return match[0] if new == url else f"{before}{quote}{new}{quote}"

    def in_text(match: re.Match[str]) -> str:
        url = without_closing(match[0])
        return match[0] if hiding.mark in match[0] else instead(url) + match[0][len(url) :]

    hidden = hiding.hide(source)
    return hiding.restore(HTML_LINK.sub(in_html, hidden) if is_html else TEXT_LINK.sub(in_text, hidden))


def can_be_followed(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname) and len(iri_to_uri(url)) <= LONGEST_URL
    except ValueError:
        return False


def without_closing(url: str) -> str:
    """Points and brackets after an address end the sentence, not the address, unless the bracket opened in it."""
    while url[-1] in CLOSING or (url[-1] == ")" and url.count(")") > url.count("(")):
        url = url[:-1]
    return url
