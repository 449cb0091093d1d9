"""`python -m bench`: measure, then print the table and the ratios."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
from types import FrameType
from typing import NoReturn

from bench.far_ends.sink import smtp_sink
from bench.parts import PARTS
from bench.parts.plan import MILLION, Plan
from bench.report import Report
from bench.rig import CannotMeasure, rig
from subscribers.terminal import say
from tests.services import ServiceUnavailable

OPTIONAL = ("peers",)
CROWDS = (10_000, 100_000, MILLION)


def main() -> int:
    plan = wanted()
    signal.signal(signal.SIGTERM, interrupt)
    report = Report()
    say(f"Python {platform.python_version()}, {os.cpu_count()} cores, {plan.rounds} rounds of {plan.messages} messages")
    say(f"to {'smtp-sink' if smtp_sink() else 'a sink of our own'}; load {os.getloadavg()[0]:.1f} at the start.")
    try:
        with rig() as running:
            for name, part in PARTS.items():
                if name in plan.parts:
                    part(running, plan, report)
    except (CannotMeasure, ServiceUnavailable) as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    report.print()
    return 0


def wanted() -> Plan:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", default=",".join([*PARTS, *OPTIONAL]), help="parts, separated by commas")
    parser.add_argument("--rounds", type=positive, default=5)
    parser.add_argument("--messages", type=positive, default=2000, help="in each round of each sender")
    parser.add_argument("--readers", type=positive, default=MILLION, help="the largest campaign that is planned")
    words = parser.parse_args()
    parts = frozenset(words.only.replace(",", " ").split())
    if unknown := parts - {*PARTS, *OPTIONAL}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    # Peers are measured in turn with ours.
    parts |= {"send"} if "peers" in parts else set()
    crowds = tuple(people for people in CROWDS if people <= words.readers) or (words.readers,)
    return Plan(words.rounds, words.messages, parts, crowds)


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
