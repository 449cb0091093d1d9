"""The parts of a run, each adding its rows and ratios to the report."""

from __future__ import annotations

from collections.abc import Callable

from bench.parts.distance import distance
from bench.parts.imports import imports
from bench.parts.ledger import ledger
from bench.parts.merge import merge
from bench.parts.plan import Plan
from bench.parts.postfix import postfix
from bench.parts.public import public
from bench.parts.segments import segments
from bench.parts.send import send
from bench.parts.signup import signup
from bench.parts.snapshot import snapshot
from bench.parts.wakeup import wakeup
from bench.report import Report
from bench.rig import Rig

PARTS: dict[str, Callable[[Rig, Plan, Report], None]] = {
    "merge": merge,
    "send": send,
    "rtt": distance,
    "postfix": postfix,
    "snapshot": snapshot,
    "ledger": ledger,
    "import": imports,
    "wakeup": wakeup,
    "segments": segments,
    "public": public,
    "signup": signup,
}
