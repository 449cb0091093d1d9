"""The promise on the box: a large workbook with every kind of mistake in it."""

from typing import Any

import pytest
from django.forms.models import model_to_dict

from subscribers.models import ConsentRecord, MailingList, Subscriber, Subscription, Suppression
from tests.subscribers.transfer.files import import_people, workbook

ROWS = 10_000
HEADINGS = ["E-Mail", "First name", "Last name", "Language", "Time zone", "Company"]
LANGUAGES = ["English", "de", "français", "ar", "日本語", "pt_BR"]
# Each of the ten kinds stands in ten rows: one row of a hundred is bad.
BAD = {
    "empty": lambda at: ["", "Ann"],
    "syntax": lambda at: [f"bob{at}.example.org", "Bob"],
    "syntax ": lambda at: [f"chloé {at}@example.org", "Chloé"],
    "syntax  ": lambda at: [f"dilnoza{at}@example..org", "Dilnoza"],
    "too_long": lambda at: [f"{'e' * 70}{at}@example.org", "Emre"],
    "non_ascii_local_part": lambda at: [f"łukasz{at}@example.org", "Łukasz"],
    "duplicate": lambda at: ["Person0@Example.ORG", "Ann again"],
    "suppressed": lambda at: [f"complained{at}@example.org", "Bob"],
    "name_too_long": lambda at: [f"gina{at}@example.org", "G" * 121],
    "ragged": lambda at: [f"hana{at}@example.org", "Hana", "", "", "", "", "slipped"],
}


def rows_with_mistakes() -> tuple[list[list[Any]], dict[int, str]]:
    """The rows, and which of them are bad for what, by the number that a spreadsheet program shows."""
    rows: list[list[Any]] = [HEADINGS]
    bad = {}
    kinds = list(BAD)
    for at in range(ROWS):
        if at % 100 == 99:
            kind = kinds[at // 100 % len(kinds)]
            rows.append(BAD[kind](at))
            bad[at + 2] = kind.strip()
        else:
            language = LANGUAGES[at % len(LANGUAGES)]
            rows.append(
                [f"person{at}@example.org", f"Ann {at}", "Lee", language, "Europe/Berlin", at if at % 2 else None]
            )
    return rows, bad


def everything() -> list[Any]:
    return [
        [model_to_dict(row) | {"at": getattr(row, "updated_at", None)} for row in model.objects.order_by("pk")]
        for model in (Subscriber, Subscription, ConsentRecord)
    ]


@pytest.mark.django_db
def test_ten_thousand_rows_arrive_except_the_bad_ones_which_are_named(news: MailingList) -> None:
    rows, bad = rows_with_mistakes()
    for address, *_others in rows:
        if str(address).startswith("complained"):
            Suppression.objects.add(address, "complained")

    done = import_people(workbook(*rows), news)

    assert done.status == "done"
    assert {issue.row: issue.reason for issue in done.issues.all()} == bad
    assert len(bad) == 100
    assert all(issue.message and issue.is_rejected for issue in done.issues.all())
    assert done.counts == {"new": 9900, "enrolled": 9900, "invalid": 80, "duplicate": 10, "suppressed": 10}
    assert Subscriber.objects.count() == news.subscriptions.active().count() == ConsentRecord.objects.count() == 9900
    ann = Subscriber.objects.get(email="person5@example.org")
    assert (ann.name, ann.language, ann.time_zone, ann.attributes) == (
        "Ann 5 Lee",
        "pt-BR",
        "Europe/Berlin",
        {"company": "5"},
    )

    before = everything()
    again = import_people(workbook(*rows), news)

    assert everything() == before
    assert again.counts == {"unchanged": 9900, "invalid": 80, "duplicate": 10, "suppressed": 10}
    assert {issue.row: issue.reason for issue in again.issues.all()} == bad
