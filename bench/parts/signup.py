"""Signing up and asking for a link: whether the time of the answer tells what is known of an address."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from statistics import median
from urllib.parse import urlencode

from bench.parts.plan import Plan
from bench.report import Report
from bench.rig import CannotMeasure, Rig
from bench.strangers import FORM, KINDS, address, people
from bench.web import FORM as ENCODED
from bench.web import PATIENCE_SECONDS, Site, serving

# Of each kind, through each door, in each round.
POSTS = 120
WARM_UP = 40
MILLI = 1000
Times = dict[str, list[float]]


@dataclass
class Door:
    words: str
    path: str
    input: str
    content_type: str = ENCODED
    answers: set[tuple[int, bytes]] = field(default_factory=set)

    def body(self, email: str) -> bytes:
        told = {self.input: email}
        return (urlencode(told) if self.content_type == ENCODED else json.dumps(told)).encode()


def signup(rig: Rig, plan: Plan, report: Report) -> None:
    doors = [
        Door("the form", f"/s/{FORM}", "email"),
        Door("the form in JSON", f"/s/{FORM}.json", "email", "application/json"),
        Door("the link to one’s page", "/preferences", "address"),
    ]
    posts = POSTS * plan.rounds
    # Nobody comes through two doors: the second would find what the first has left.
    each = posts * len(doors)
    database = rig.database("signup", people(each))
    rig.run(database, "bench.known.furnish", each)
    # Each visitor has a network of their own, which the site believes, as behind a proxy.
    with serving(rig, database, TRUST_PROXY="true") as site:
        found = {
            door.words: _through(site, door, range(number * posts, (number + 1) * posts), each)
            for number, door in enumerate(doors)
        }
    for door in doors:
        if len(door.answers) != 1 or min(door.answers)[0] >= 300:
            raise CannotMeasure(f"{door.words} answers not the same to everybody: {sorted(door.answers)[:3]}")
    _report(found, report)


def _through(site: Site, door: Door, numbers: Sequence[int], each: int) -> Times:
    """Seconds of each kind: one of each in turn, in an order that chance decides, on one connection."""
    chance, times = random.Random(1611), Times()
    connection = HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE_SECONDS)
    for number in range(WARM_UP):
        _post(connection, door, f"warm{door.path.count('.')}{number:02}.{door.input}@example.org", chance)
    for number in numbers:
        for kind in chance.sample(KINDS, len(KINDS)):
            taken = _post(connection, door, address(kind, number, each), chance)
            times.setdefault(kind, []).append(taken)
    connection.close()
    return times


def _post(connection: HTTPConnection, door: Door, email: str, chance: random.Random) -> float:
    network = f"10.{chance.randrange(256)}.{chance.randrange(256)}.1"
    headers = {"Content-Type": door.content_type, "X-Forwarded-For": network}
    begun = time.perf_counter()
    connection.request("POST", door.path, door.body(email), headers)
    answer = connection.getresponse()
    body = answer.read()
    taken = time.perf_counter() - begun
    door.answers.add((answer.status, body))
    return taken


def _report(found: dict[str, Times], report: Report) -> None:
    ratios, telltales = [], []
    for words, times in found.items():
        usual = median(times["unknown"])
        for kind in KINDS:
            report.row(
                f"signup: {words}, {kind}", f"{median(times[kind]) * MILLI:.2f} ms", None, median(times[kind]) / usual
            )
        ratios.append(median(times["known"]) / usual)
        telltales.append(probability_longer(times["known"], times["unknown"]))
    report.ratio("signup_known_vs_unknown", _furthest(ratios, 1))
    report.ratio("signup_telltale", _furthest(telltales, 0.5))


def probability_longer(ones: Sequence[float], others: Sequence[float]) -> float:
    """That any of the ones is larger than any of the others, as Mann and Whitney count it."""
    wins = sum((one > other) + (one == other) / 2 for one in ones for other in others)
    return wins / (len(ones) * len(others))


def _furthest(found: Iterable[float], even: float) -> float:
    """Of all doors the worst."""
    return max(found, key=lambda one: abs(one - even))
