"""What readers open: leaving, links and pictures, beside a view that only looks at the token and the plain ways."""

from __future__ import annotations

from collections import Counter

from bench.contenders import Contender, medians
from bench.parts.plan import Plan
from bench.report import Figures, Medians, Report
from bench.rig import Rig
from bench.web import Site, serving

CONNECTIONS = (16, 100)
SECONDS = 5
# More than can be opened in that time.
PEOPLE = 40_000
# Which token, name, words, method, and where the token stands in the address.
CONTENDERS = (
    ("unsubscribe", "verify_post", "only the token, POST", "POST", "/bench/unsubscribe/{}"),
    ("unsubscribe", "save", "unsubscribe, get and save", "POST", "/bench/save/{}"),
    ("unsubscribe", "unsubscribe", "unsubscribe, ours", "POST", "/u/{}"),
    ("click", "verify_get", "only the token, GET", "GET", "/bench/click/{}"),
    ("click", "insert", "picture, a row for each", "GET", "/bench/insert/{}"),
    ("click", "pixel", "picture, ours", "GET", "/c/{}/0"),
    ("click", "click", "link, ours", "GET", "/c/{}/1"),
)


def public(rig: Rig, plan: Plan, report: Report) -> None:
    database = rig.database("public", PEOPLE)
    tokens = rig.run(database, "bench.public.furnish", PEOPLE)
    errors: Counter[str] = Counter()
    found: dict[int, dict[str, Medians]] = {}

    def contender(site: Site, kind: str, words: str, method: str, address: str, connections: int) -> Contender:
        paths = [address.format(token) for token in tokens[kind]]

        def run() -> Figures:
            rig.run(database, "bench.public.put_back", PEOPLE)
            used = site.cpu_seconds() + database_cpu()
            figures = site.load(method, paths, connections, SECONDS)
            figures["cpu"] = site.cpu_seconds() + database_cpu() - used
            errors[f"{words}, {connections} connections"] += int(figures.pop("errors"))
            return figures

        return Contender(words, run)

    def database_cpu() -> float:
        return float(rig.run(database, "bench.public.database")["cpu"])

    with serving(rig, database) as site:
        for connections in CONNECTIONS:
            contenders = {
                name: contender(site, kind, words, method, address, connections)
                for kind, name, words, method, address in CONTENDERS
            }
            found[connections] = medians(f"public, {connections} connections", contenders, plan.rounds)
    _report(found, report)
    for words, number in (+errors).items():
        report.note(f"public: {number} requests were answered with an error or not at all: {words}.")
    report.ratio("public_errors", errors.total())


def _report(found: dict[int, dict[str, Medians]], report: Report) -> None:
    for connections, medians_of in found.items():
        for _kind, name, words, method, _address in CONTENDERS:
            beside = medians_of["verify_post" if method == "POST" else "verify_get"]
            one = medians_of[name]
            what = f"public: {words}, {connections} connections"
            report.row(what, f"{one.per_second:,.0f} requests/s", one.cpu_us, one.per_second / beside.per_second)

    def worst(ours: str, other: str) -> float:
        return min(each[ours].per_second / each[other].per_second for each in found.values())

    report.ratio("unsubscribe_vs_verify", worst("unsubscribe", "verify_post"))
    report.ratio("unsubscribe_vs_get_save", worst("unsubscribe", "save"))
    report.ratio("click_vs_verify", worst("click", "verify_get"))
    report.ratio("pixel_vs_verify", worst("pixel", "verify_get"))
    report.ratio("pixel_vs_insert", worst("pixel", "insert"))
