"""What stands in the tables of a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns import reports
from campaigns.admin.languages import name_of
from campaigns.admin.report_tables import Check, Column, Piece, Row, Table, bar, together
from campaigns.admin.spans import Number, most
from campaigns.models import Delivery
from campaigns.readership import ClickedLink, Group, Reach, Report, Span
from campaigns.readership.counting import OTHERS
from subscribers import readable

Status = Delivery.Status
# As the bar of outcomes has them.
PARTS = ("delivered", "bounced", "failed", "skipped", "uncertain", "waiting")
# Links with a line of their own.
LINKS = 50


def tables(report: Report) -> list[Table]:
    """Of a page and of a file, in their order."""
    found = [outcomes(report), links(report), languages(report), domains(report), leaving(report)]
    return [table for table in found if table.rows]


def outcomes(report: Report) -> Table:
    reach = report.reach
    labels = outcome_labels()
    columns = [Column("mails", _("Mails"), whole="planned", is_always_shown=True)]
    widest = max(*(getattr(reach, part) for part in PARTS), 1)
    rows: list[Row] = []
    for part in PARTS:
        if number := getattr(reach, part):
            values: dict[str, Number] = {"mails": number, "planned": reach.planned}
            rows.append(Row(labels[part], values, bar(number, widest, part)))
            rows += [Row(words, {"mails": mails}, is_part=True) for words, mails in _causes(report, part)]
    total = Row(pgettext("mails", "Planned"), {"mails": reach.planned, "planned": reach.planned})
    checks = [Check(pgettext("mails", "Planned"), reach.planned, _planned(report)), *_ledger_checks(report, reach)]
    return Table("outcomes", _("What became of the mails"), _("Outcome"), columns, rows, total, checks)


def links(report: Report) -> Table:
    table = link_table(report.links)
    assert table.total
    clicked = sum((moment.things.clicked for moment in report.moments), Span())
    checks = [
        Check(_("Clicks by person"), most(table.total.values["people"]), clicked.most),
        Check(_("Clicks in sums"), most(table.total.values["hits"]), report.clicks.most),
    ]
    return replace(table, checks=checks)


def link_table(followed: Sequence[ClickedLink]) -> Table:
    columns = [
        Column("people", _("Clicks by person"), is_span=True),
        Column("hits", _("Clicks in sums without persons"), is_span=True),
    ]
    widest = max([*(max(link.people.most, link.hits.most) for link in followed), 1])
    rows = [
        Row(
            link.url,
            {"people": link.people, "hits": link.hits},
            bar(link.people or link.hits, widest, "clicked"),
            details=_about(link.language, link.number, link.repaired_url),
            is_ltr=True,
        )
        for link in followed[:LINKS]
    ]
    if others := followed[LINKS:]:
        people, hits = sum((link.people for link in others), Span()), sum((link.hits for link in others), Span())
        rows.append(Row(_("all others"), {"people": people, "hits": hits}))
    note = _("Whoever follows two links counts with each of them; twice the same link counts once.")
    total = together(rows, columns, _("All links"))
    return Table("links", _("Links"), _("Link"), columns, rows, total, note=note)


def languages(report: Report) -> Table:
    def name(code: str) -> str:
        return name_of(code) if code else _("none")

    return _by(report, "languages", _("Languages"), _("Language"), report.languages, name)


def domains(report: Report) -> Table:
    def name(domain: str) -> str:
        return {"": _("erased"), OTHERS: _("all others")}.get(domain) or readable.domain(domain)

    return _by(report, "domains", _("Where the mailboxes are"), _("Domain"), report.domains, name)


def leaving(report: Report) -> Table:
    columns = [Column("people", _("People"), whole="all", is_always_shown=True)]
    everybody = report.reach.unsubscribed
    widest = max([*(people for _reason, people in report.left), 1])
    rows = [
        Row(str(reason or _("no reason given")), {"people": people, "all": everybody}, bar(people, widest, "left"))
        for reason, people in report.left
    ]
    checks = [Check(_("Unsubscribed"), sum(people for _reason, people in report.left), everybody)]
    total = Row(_("Unsubscribed"), {"people": everybody})
    return Table("leaving", _("Who left, and why"), _("Reason"), columns, rows, total, checks)


def outcome_labels() -> dict[str, str]:
    return {
        "planned": pgettext("mails", "Planned"),
        "delivered": _("Delivered"),
        "bounced": _("Bounced"),
        "failed": _("Failed"),
        "skipped": pgettext("mails", "Skipped"),
        "uncertain": _("Uncertain"),
        "waiting": _("Waiting"),
    }


def reach_columns() -> list[Column]:
    always = {"planned", "delivered"}
    wholes = {"delivered": "planned"}
    outcome = [
        Column(name, label, wholes.get(name, ""), is_always_shown=name in always)
        for name, label in outcome_labels().items()
    ]
    return [
        *outcome,
        Column("opened", _("Opened"), "delivered", is_span=True),
        Column("clicked", _("Clicked"), "delivered", is_span=True),
        Column("unsubscribed", _("Unsubscribed"), "delivered"),
        Column("complained", _("Complained"), "delivered"),
    ]


def values_of(reach: Reach) -> dict[str, Number]:
    return {"planned": reach.planned} | {one.name: getattr(reach, one.name) for one in fields(reach)}


def _by(
    report: Report, name: str, title: str, first: str, groups: Sequence[Group], called: Callable[[str], str]
) -> Table:
    widest = max([*(group.reach.planned for group in groups), 1])
    rows = [
        Row(called(group.name), values_of(group.reach), _stack(group.reach, widest), is_ltr="." in group.name)
        for group in groups
    ]
    everything = sum((group.reach for group in groups), Reach())
    total = Row(_("Together"), values_of(everything))
    return Table(name, title, first, reach_columns(), rows, total, _ledger_checks(report, everything))


def _stack(reach: Reach, widest: int) -> list[Piece]:
    counted = [(part, getattr(reach, part)) for part in PARTS]
    return [Piece(part, 100 * number / widest) for part, number in counted if number]


def _ledger_checks(report: Report, reach: Reach) -> list[Check]:
    labels = outcome_labels() | {"sent": _("Sent")}
    ledger = asdict(report.ledger)
    parts = ("sent", "failed", "skipped", "uncertain", "waiting")
    return [Check(labels[part], getattr(reach, part), ledger[part]) for part in parts]


def _planned(report: Report) -> int:
    """Of a campaign whose audience is still being written down, what there is."""
    is_planned = report.campaign.planned_at is not None
    return report.ledger.planned if is_planned else report.ledger.done + report.ledger.waiting


def _causes(report: Report, part: str) -> list[tuple[str, int]]:
    if part == "bounced":
        words = {code: _("status %(code)s") % {"code": code} for code, _mails in report.bounces if code}
        return [(words.get(code, _("no status given")), mails) for code, mails in report.bounces]
    return [
        (reports.cause_in_words(status, why, code) or _("unknown"), mails)
        for status, why, code, mails in report.causes
        if status == part
    ]


def _about(language: str, number: int, repaired_url: str) -> str:
    said = _("%(language)s, number %(number)d") % {"language": name_of(language), "number": number}
    if not repaired_url:
        return said
    return _("%(link)s; leads to %(address)s since it was repaired") % {"link": said, "address": repaired_url}
