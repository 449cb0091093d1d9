"""What was probably done by a machine: scanners and previews open every mail and follow every link in it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from operator import itemgetter
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from campaigns.models import Event
from campaigns.prepared import Table, run

# By what they call themselves. A Cubot is a telephone; mail programs that load pictures by a library are people.
MACHINE: Final = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|scan|preview|fetch|monitor|probe|headless|phantomjs|httrack|google-|"
    r"link.?check|checklink|validator|facebookexternalhit|whatsapp/|discovery\b|"
    r"curl/|wget/|python|java/|ruby|perl|axios/|go-http|libwww|httpclient|aiohttp|"
    r"barracuda|cloudmark|fireeye|forcepoint|ironport|mimecast|proofpoint|sophos|symantec|trend ?micro|zscaler",
    re.IGNORECASE,
)
# Apple fetches the pictures of all mails by a proxy that says no more than this; no browser does.
NOBODY: Final = frozenset({"", "Mozilla/5.0"})
# So many links of one mail within so long: nobody reads that fast. With fewer, a person who opens all that there is in
# tabs looks like a machine, and better a machine counts as a person than the other way round.
MANY: Final = 3
MOMENT: Final = timedelta(seconds=3)
# So soon after a mail was handed over nobody has seen it arrive, opened it, read it and followed a link in it.
INSTANT: Final = timedelta(seconds=3)

CLICKED: Final = Table("clicked", delivery="bigint", since="timestamptz")

# Link and moment.
Click = tuple[int, datetime]


def is_machine(request: HttpRequest) -> bool:
    """By how it asks. A browser never asks for the head alone."""
    return request.method == "HEAD" or is_of_machine(request.META.get("HTTP_USER_AGENT", ""))


# There are few of them, and reading one takes as long as all the rest of a click.
@lru_cache(maxsize=4096)
def is_of_machine(agent: str) -> bool:
    agent = agent.strip()
    return agent in NOBODY or bool(MACHINE.search(agent))


def settle(clicked: Mapping[int, Collection[Click]]) -> None:
    """Given what was just written, by mail: the clicks of a burst become suspect, also those before.

    Call it when they are committed: of several processes that saw a part each, the last one sees all.
    """
    if not clicked:
        return
    since = min(at for clicks in clicked.values() for _link, at in clicks) - MOMENT
    clicked = {delivery: clicked[delivery] for delivery in _with_several(clicked, since)}
    written = Event.objects.filter(delivery__in=clicked, kind=Event.Kind.CLICKED, happened_at__gte=since)
    numbers: defaultdict[int, dict[Click, int]] = defaultdict(dict)
    for number, delivery, link, at in written.values_list("pk", "delivery", "link", "happened_at"):
        numbers[delivery][link, at] = number
    found = {
        # None of a link that was followed before: only its first time is written.
        numbers[delivery].get(click, 0)
        for delivery, clicks in clicked.items()
        for click in bursts({*clicks, *numbers[delivery]})
    }
    if found:
        _mark(found)


def _with_several(clicked: Mapping[int, Collection[Click]], since: datetime) -> set[int]:
    """Of nearly all mails somebody follows one link, and these need no closer look."""
    found = {delivery for delivery, clicks in clicked.items() if len(clicks) > 1}
    if others := [{"delivery": delivery, "since": since} for delivery in clicked if delivery not in found]:
        found.update(delivery for (delivery,) in run(_several(), [CLICKED.parameter(others)]))
    return found


@cache
def _several() -> str:
    return f"""
        SELECT event.delivery_id FROM {CLICKED.source}
        JOIN campaigns_event AS event ON event.delivery_id = clicked.delivery
        WHERE event.kind = '{Event.Kind.CLICKED}' AND event.happened_at >= clicked.since
        GROUP BY event.delivery_id HAVING count(*) > 1"""


def bursts(clicks: Iterable[Click]) -> Iterator[Click]:
    """Those that belong to one."""
    in_order = sorted(clicks, key=itemgetter(1))
    for place, (_link, begun) in enumerate(in_order):
        near = [click for click in in_order[place:] if click[1] - begun <= MOMENT]
        if len({link for link, _at in near}) >= MANY:
            yield from near


@transaction.atomic
def _mark(numbers: Collection[int]) -> None:
    """What is known of a link as suspect already is known once."""
    same = Event.objects.filter(
        delivery=OuterRef("delivery"), kind=OuterRef("kind"), link=OuterRef("link"), is_suspect=True
    )
    human = Event.objects.filter(pk__in=numbers, is_suspect=False)
    human.filter(Exists(same)).delete()
    human.update(is_suspect=True)
