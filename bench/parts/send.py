"""Ours beside plain Django, beside others who send with Django, and beside a program in C."""

from __future__ import annotations

from bench import peers
from bench.contenders import Contender, medians
from bench.far_ends.sink import smtp_source
from bench.parts.plan import ALL_DAY, Plan
from bench.report import Medians, Report
from bench.rig import Rig
from bench.source import send_constant

CONNECTIONS = (1, 4, 16)
SESSIONS = (1, 10)
PEERS = {"django_mailer": "django-mailer, queue and deliver", "post_office": "django-post_office, 2 processes"}


def send(rig: Rig, plan: Plan, report: Report) -> None:
    """With the peers among the contenders if they are wanted: what is compared is measured in turn."""
    database = rig.database("send", plan.many)
    contenders = {
        "baseline": Contender(
            "the baseline: premailer once, one connection",
            lambda: rig.run(database, "bench.send.plain", plan.messages, ALL_DAY, 1),
        ),
        **_ours("PostgreSQL", "ours", rig, database),
        **_ours("SQLite", "sqlite", rig, rig.sqlite(plan.many)),
        **_sources(rig, plan, report),
    }
    if "peers" in plan.parts:
        contenders |= _peers(rig, plan, database, report)
    found = medians("send", contenders, plan.rounds)
    for name, one in found.items():
        report.speed(f"send: {contenders[name].label}", one, found["baseline"])
    _ratios(found, report)


def _ours(where: str, name: str, rig: Rig, database: str) -> dict[str, Contender]:
    def contender(connections: int) -> Contender:
        label = f"ours, {where}, {connections} connection{'s' if connections > 1 else ''}"
        return Contender(label, lambda: rig.run(database, "bench.send.ours", connections))

    return {f"{name}_{connections}": contender(connections) for connections in CONNECTIONS}


def _sources(rig: Rig, plan: Plan, report: Report) -> dict[str, Contender]:
    program = smtp_source()
    if program is None:
        report.note("skipped: smtp-source (install postfix)")
        return {}

    def contender(sessions: int) -> Contender:
        label = f"smtp-source, {sessions} at once"
        return Contender(label, lambda: send_constant(program, rig.sink, sessions, plan.many))

    return {f"source_{sessions}": contender(sessions) for sessions in SESSIONS}


def _peers(rig: Rig, plan: Plan, database: str, report: Report) -> dict[str, Contender]:
    try:
        found = peers.Peers.install(rig, database, plan.messages)
    except peers.NotInstalled as reason:
        report.note(f"skipped: django-mailer, django-post_office ({reason})")
        return {}

    def contender(name: str) -> Contender:
        return Contender(PEERS[name], lambda: found.send(name))

    return {name: contender(name) for name in PEERS}


def _ratios(found: dict[str, Medians], report: Report) -> None:
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
    if "source_10" in found:
        report.ratio("cpu_vs_smtp_source", best.cpu_us / found["source_10"].cpu_us)
    most = max(found[f"ours_{number}"].above_idle_mb for number in CONNECTIONS)
    report.row("memory: our worker above idle Django", f"{most:,.1f} MB")
    report.most("worker_mb", most)
