"""`python -m bench`: measure, then print the table and the ratios."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
from types import FrameType
from typing import NoReturn

from bench import sink
from bench.parts import PARTS, Plan
from bench.report import Report
from bench.rig import CannotMeasure, rig
from campaigns.rehearsal.terminal import say
from tests.services import ServiceUnavailable

OPTIONAL = ("peers",)


def main() -> int:
    plan = wanted()
    signal.signal(signal.SIGTERM, interrupt)
    report = Report()
    say(f"Python {platform.python_version()}, {os.cpu_count()} cores, {plan.rounds} rounds of {plan.messages} messages")
    say(f"to {'smtp-sink' if sink.smtp_sink() else 'a sink of our own'}; load {os.getloadavg()[0]:.1f} at the start.")
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
    parser.add_argument("--million", action="store_true", help="also plan a campaign to a million readers")
    words = parser.parse_args()
    parts = frozenset(words.only.replace(",", " ").split())
    if unknown := parts - {*PARTS, *OPTIONAL}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    # Peers are measured in turn with ours.
    return Plan(words.rounds, words.messages, parts | ({"send"} if "peers" in parts else set()), words.million)


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
