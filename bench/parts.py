"""The parts of a run, each adding its rows and ratios to the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench import peers, sink
from bench.contenders import Contender, medians
from bench.report import Medians, Report
from bench.rig import Rig
from bench.source import send_constant

MERGES = 300
SOURCE_FACTOR = 5
SNAPSHOTS = (10_000, 100_000)
MILLION = 1_000_000
PEERS = {"django_mailer": "django-mailer, queue and deliver", "post_office": "django-post_office, 2 processes"}
CONNECTIONS = (1, 4)


@dataclass(frozen=True)
class Plan:
    rounds: int
    messages: int
    parts: frozenset[str]
    million: bool


def merge(rig: Rig, plan: Plan, report: Report) -> None:
    database = rig.database("merge")
    rig.run(database, "bench.scenery.invite", MERGES)
    found = medians(
        "merge",
        {
            "django": Contender("Django", lambda: rig.run(database, "bench.merge.plain", MERGES)),
            "ours": Contender("ours", lambda: rig.run(database, "bench.merge.ours", MERGES)),
        },
        plan.rounds,
    )
    django, ours = found["django"], found["ours"]
    report.row("merge: Django render and serialise", f"{django.us:,.0f} µs", django.cpu_us, 1)
    report.row("merge: ours", f"{ours.us:,.0f} µs", ours.cpu_us, django.us / ours.us)
    report.note(f"A mail has {django.size:,.0f} bytes from Django and {ours.size:,.0f} from us.")
    report.ratio("merge_vs_django", django.us / ours.us)
    report.ratio("merge_us", ours.us)


def send(rig: Rig, plan: Plan, report: Report) -> None:
    """With the peers among the contenders if they are wanted: what is compared is measured in turn."""
    database, sqlite = rig.database("send"), rig.sqlite()
    for address in (database, sqlite):
        rig.run(address, "bench.scenery.invite", plan.messages)

    def contender(label: str, where: str, work: str, connections: int = 1) -> Contender:
        return Contender(label, lambda: rig.run(where, f"bench.send.{work}", connections))

    contenders = {
        "baseline": contender("the baseline: premailer once, one connection", database, "plain"),
        "ours_1": contender("ours, PostgreSQL, 1 connection", database, "ours", 1),
        "ours_4": contender("ours, PostgreSQL, 4 connections", database, "ours", 4),
        "sqlite_1": contender("ours, SQLite, 1 connection", sqlite, "ours", 1),
        "sqlite_4": contender("ours, SQLite, 4 connections", sqlite, "ours", 4),
        **_sources(rig, plan, report),
    }
    if "peers" in plan.parts:
        contenders |= _peers(rig, database, report)
    found = medians("send", contenders, plan.rounds)
    baseline = found["baseline"]
    for name, one in found.items():
        measured = f"{one.per_second:,.0f} messages/s"
        report.row(f"send: {contenders[name].label}", measured, one.cpu_us, one.per_second / baseline.per_second)
    _send_ratios(found, report)


def snapshot(rig: Rig, plan: Plan, report: Report) -> None:
    database = rig.database("snapshot")
    for people in [*SNAPSHOTS, *([MILLION] if plan.million else [])]:
        rig.run(database, "bench.scenery.invite", people)
        one = medians("snapshot", {"ours": _snapshot(rig, database, people)}, plan.rounds)["ours"]
        report.row(f"snapshot: {people:,} readers", f"{one.per_second:,.0f} rows/s", one.cpu_us)
        report.ratio(f"snapshot_rows_per_s_{people // 1000}k", one.per_second)
        report.ratio("snapshot_rows_per_s", one.per_second)


def _snapshot(rig: Rig, database: str, people: int) -> Contender:
    return Contender(f"{people:,} readers", lambda: rig.run(database, "bench.snapshot.ours", people))


def _sources(rig: Rig, plan: Plan, report: Report) -> dict[str, Contender]:
    program = sink.smtp_source()
    if program is None:
        report.note("skipped: smtp-source (install postfix)")
        return {}

    def contender(sessions: int) -> Contender:
        messages = plan.messages * SOURCE_FACTOR
        label = f"smtp-source, {sessions} at once"
        return Contender(label, lambda: send_constant(program, rig.sink, sessions, messages))

    return {f"source_{sessions}": contender(sessions) for sessions in (1, 10)}


def _peers(rig: Rig, database: str, report: Report) -> dict[str, Contender]:
    try:
        found = peers.Peers.install(rig, database)
    except peers.NotInstalled as reason:
        report.note(f"skipped: django-mailer, django-post_office ({reason})")
        return {}

    def contender(name: str) -> Contender:
        return Contender(PEERS[name], lambda: found.send(name))

    return {name: contender(name) for name in PEERS}


def _send_ratios(found: dict[str, Medians], report: Report) -> None:
    baseline = found["baseline"]
    best, best_sqlite = (
        max((found[f"{way}_{number}"] for number in CONNECTIONS), key=lambda one: one.per_second)
        for way in ("ours", "sqlite")
    )
    report.ratio("send_vs_baseline", best.per_second / baseline.per_second)
    for number in CONNECTIONS:
        report.ratio(f"send_{number}_vs_baseline", found[f"ours_{number}"].per_second / baseline.per_second)
    report.ratio("sqlite_vs_baseline", best_sqlite.per_second / baseline.per_second)
    for name, other in (("smtp_source", "source_10"), ("django_mailer",) * 2, ("post_office",) * 2):
        if other in found:
            report.ratio(f"send_vs_{name}", best.per_second / found[other].per_second)
    report.ratio("cpu_us", best.cpu_us)
    report.ratio("cpu_vs_baseline", baseline.cpu_us / best.cpu_us)
    report.ratio("worker_mb", best.above_idle_mb)
    report.row("memory: our worker above idle Django", f"{best.above_idle_mb:,.1f} MB")


PARTS: dict[str, Callable[[Rig, Plan, Report], None]] = {"merge": merge, "send": send, "snapshot": snapshot}
