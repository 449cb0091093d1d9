"""Rows of a file become people."""

from __future__ import annotations

from bench.contenders import Contender, medians
from bench.parts.plan import Plan
from bench.report import Medians, Report
from bench.rig import Rig

# Of the largest campaign: a workbook of so many rows is about as large as one may be.
OF_A_WORKBOOK = 0.3
# The plain pipeline takes minutes for a million: of an emptier table, it is measured at its best.
OF_PLAIN = 0.2
VALIDATED = 100_000
LABELS = {
    "plain": "plain: csv, email-validator, bulk_create",
    "copy": "COPY alone, of what is ready",
    "ours": "ours, with lists, consent and issues",
    "ours_again": "ours, a second time",
    "openpyxl_alone": "openpyxl alone, read-only",
    "ours_workbook": "ours, from a workbook",
}
WORK = {"copy": "imports.copy_alone", "openpyxl_alone": "workbooks.alone"}


def imports(rig: Rig, plan: Plan, report: Report) -> None:
    rows = plan.crowds[-1]
    in_a_workbook = max(1000, int(rows * OF_A_WORKBOOK))
    numbers = dict.fromkeys(LABELS, rows) | {"plain": max(1000, int(rows * OF_PLAIN))}
    numbers |= dict.fromkeys(("openpyxl_alone", "ours_workbook"), in_a_workbook)
    database = rig.database("imports", 0)
    for number in {rows, numbers["plain"]}:
        rig.run(database, "bench.imports.prepare", number)
    rig.run(database, "bench.workbooks.prepare", in_a_workbook)

    def contender(name: str) -> Contender:
        work = f"bench.{WORK.get(name, f'imports.{name}')}"
        return Contender(LABELS[name], lambda: rig.run(database, work, numbers[name]))

    of_text = ("plain", "copy", "ours", "ours_again")
    of_workbooks = ("openpyxl_alone", "ours_workbook")
    found = medians("import, text", {name: contender(name) for name in of_text}, plan.rounds)
    found |= medians("import, workbook", {name: contender(name) for name in of_workbooks}, plan.rounds)
    for name, one in found.items():
        beside = found["plain" if name in of_text else "openpyxl_alone"]
        report.row(
            f"import: {LABELS[name]}, {numbers[name]:,} rows",
            f"{one.per_second:,.0f} rows/s",
            one.cpu_us + one.database_us,
            one.per_second / beside.per_second,
        )
    _ratios(found, report)
    _validation(rig, database, plan, report)


def _ratios(found: dict[str, Medians], report: Report) -> None:
    ours = found["ours"].per_second
    report.ratio("import_csv_vs_plain", ours / found["plain"].per_second)
    report.ratio("import_csv_vs_copy", ours / found["copy"].per_second)
    report.ratio("import_again_vs_first", found["ours_again"].per_second / ours)
    report.ratio("import_xlsx_vs_openpyxl", found["ours_workbook"].per_second / found["openpyxl_alone"].per_second)
    report.ratio("import_rows_per_s", ours)
    most = max(found[name].peak_mb for name in ("ours", "ours_again", "ours_workbook"))
    report.row("memory: the worker that imports, all of it", f"{most:,.0f} MB")
    report.ratio("import_mb", most)


def _validation(rig: Rig, database: str, plan: Plan, report: Report) -> None:
    def contender(name: str) -> Contender:
        return Contender(name, lambda: rig.run(database, f"bench.imports.validated_by_{name}", VALIDATED))

    found = medians("validation", {name: contender(name) for name in ("library", "us")}, plan.rounds)
    library, us = found["library"], found["us"]
    report.row("validation: email-validator", f"{library.cpu_us:,.1f} µs", library.cpu_us, 1)
    report.row("validation: ours", f"{us.cpu_us:,.1f} µs", us.cpu_us, library.cpu_us / us.cpu_us)
    report.ratio("validate_vs_email_validator", library.cpu_us / us.cpu_us)
