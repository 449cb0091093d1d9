"""Which links of a mail are counted, and the mail with these links led through us."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape, unescape

from campaigns.models import Campaign, Link

from .hiding import Hiding

# The name of a value that no author can write, because it has a space.
CLICKS_URL = "clicks url"
# Where it stands in a source; Unicode keeps this for programs' own use and no text may hold it.
MARK = "\ufdd0"
# An address with placeholders is another one for each reader. Visible words that look like HTML hold no "<".
HTML_LINK = re.compile(r"""(<(?:a|area|v:\w+)\b[^<>]*?\shref\s*=\s*)(?:"(https?://[^"]*)"|'(https?://[^']*)')""", re.I)
TEXT_LINK = re.compile(r"https?://[^\s<>\"{}]+", re.IGNORECASE)
CLOSING = ".,;:!?'*_~"
LONGEST_URL = 4000
MOST_LINKS = 1000


def freeze_links(campaign: Campaign) -> None:
    """Number the links of editions that have none yet."""
    if not campaign.tracks_clicks:
        return
    links = [
        Link(edition=edition, number=number, url=url)
        for edition in campaign.editions.filter(links=None)
        for url, number in numbered(edition.html, edition.text).items()
    ]
    Link.objects.bulk_create(links, ignore_conflicts=True)


def numbered(html: str, text: str) -> dict[str, int]:
    """From 1, in order of appearance; an address that is there twice has one number."""
    found: dict[str, int] = {}

    def number(url: str) -> str:
        if len(url) <= LONGEST_URL and len(found) < MOST_LINKS:
            found.setdefault(url, len(found) + 1)
        return url

    with_links(html, number, is_html=True)
    with_links(text, number, is_html=False)
    return found


def tracked(source: str, links: Mapping[str, int], *, is_html: bool) -> str:
    """With a mark and a number in place of each of these links."""
    source = source.replace(MARK, "")
    if not links:
        return source
    return with_links(source, lambda url: f"{MARK}/{links[url]}" if url in links else url, is_html=is_html)


def with_links(source: str, instead: Callable[[str], str], *, is_html: bool) -> str:
    """Only those without placeholders are asked about."""
    hiding = Hiding(source)

    def in_html(match: re.Match[str]) -> str:
        quote, url = ('"', match[2]) if match[3] is None else ("'", match[3])
        return match[0] if hiding.mark in url else f"{match[1]}{quote}{escape(instead(unescape(url).strip()))}{quote}"

    def in_text(match: re.Match[str]) -> str:
        url = without_closing(match[0])
        return match[0] if hiding.mark in match[0] else instead(url) + match[0][len(url) :]

    hidden = hiding.hide(source)
    return hiding.restore(HTML_LINK.sub(in_html, hidden) if is_html else TEXT_LINK.sub(in_text, hidden))


def without_closing(url: str) -> str:
    """Points and brackets after an address end the sentence, not the address, unless the bracket opened in it."""
    while url[-1] in CLOSING or (url[-1] == ")" and url.count(")") > url.count("(")):
        url = url[:-1]
    return url
