"""The sample workbook holds what the demo promises."""

from collections import Counter
from pathlib import Path

from openpyxl import load_workbook

from campaigns.rehearsal import sample
from campaigns.rehearsal.sample import Story
from subscribers import addresses


def is_address(text: str) -> bool:
    try:
        return bool(addresses.normalise(text))
    except addresses.AddressRefused:
        return False


def test_it_has_five_hundred_rows_below_its_headings(tmp_path: Path) -> None:
    written = sample.write_workbook(tmp_path / "readers.xlsx")

    sheet = load_workbook(tmp_path / "readers.xlsx").worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == sample.HEADINGS
    assert len(rows) - 1 == written == 500


def test_it_is_the_same_every_time() -> None:
    assert sample.rows() == sample.rows()


def test_people_are_unique_and_read_five_languages() -> None:
    people = sample.people()

    assert len({addresses.normalise(person.email) for person in people}) == len(people)
    assert Counter(person.language for person in people).keys() == {"en", "de", "fr", "ar", "ja"}


def test_every_story_of_the_demo_is_lived_by_a_few() -> None:
    lived = Counter(person.story for person in sample.people())

    assert all(3 <= lived[story] <= 10 for story in Story if story != Story.READS)


def test_exactly_the_broken_rows_hold_no_address() -> None:
    broken = [row for row in sample.rows() if not is_address(row[0])]

    assert sorted(row[0] for row in broken) == sorted(sample.BROKEN)


def test_repeated_people_stand_behind_those_they_repeat() -> None:
    seen = Counter(addresses.normalise(row[0]) for row in sample.rows() if is_address(row[0]))

    assert sum(times - 1 for times in seen.values()) == sample.REPEATED


def test_every_address_is_reserved_for_examples() -> None:
    reserved = ("example.org", "example.com", "example.net")

    domains = {addresses.domain_of(addresses.normalise(person.email)) for person in sample.people()}

    assert all(domain.endswith(reserved) for domain in domains)
