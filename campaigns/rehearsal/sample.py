"""The sample workbook: 500 rows of invented readers in five languages, with the mistakes real lists have."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from campaigns.rehearsal.catcher import BUSY, GONE
from campaigns.rehearsal.names import COUNTRIES, Country, spelled

SEED = 1605
HEADINGS = ("E-mail", "First name", "Last name", "Language", "Time zone", "Town", "Member")
WIDTHS = (38, 16, 18, 12, 18, 18, 10)
DOMAINS = ("example.org", "example.com", "example.net", "post.example.org", "mail.example.com", "bücher.example.net")
BROKEN = (
    "",
    "n/a",
    "ann.example.org",
    "ann@@example.org",
    "ann@example",
    "ann birch@example.org",
    ".ann@example.org",
    "ann@example..org",
    "ann@exam ple.org",
    "chloé@example.org",
    "ann@example.org; bob@example.org",
    f"{'very-' * 60}long@example.org",
)
REPEATED = 10


class Story(StrEnum):
    """What happens to somebody in the demo."""

    READS = "reads"
    COMPLAINED = "complained"  # Before the import, which therefore leaves them out.
    BOUNCED = "bounced"  # After the import, so that the campaign has to skip them.
    GONE = "gone"  # Their server knows nobody of that name.
    BUSY = "busy"  # Their server wants the mail a second time.


# Everybody whose place in the list leaves this rest when divided lives this story.
STORIES = {Story.COMPLAINED: (120, 3), Story.BOUNCED: (110, 17), Story.GONE: (80, 11), Story.BUSY: (100, 7)}


@dataclass(frozen=True)
class Person:
    email: str
    first_name: str
    last_name: str
    language: str
    time_zone: str
    town: str
    member: bool
    story: Story

    @property
    def row(self) -> tuple[str, ...]:
        member = "yes" if self.member else ""
        return (self.email, self.first_name, self.last_name, self.language, self.time_zone, self.town, member)


def people() -> list[Person]:
    """The same on every machine and every day."""
    chance = random.Random(SEED)
    full_names = [(country, *pair) for country in COUNTRIES for pair in full_names_of(country, chance)]
    chance.shuffle(full_names)
    return [person(place, *who, chance) for place, who in enumerate(full_names)]


def full_names_of(country: Country, chance: random.Random) -> list[tuple[str, str]]:
    pairs = itertools.product(country.first_names.split(), country.last_names.split())
    return chance.sample(list(pairs), country.people)


def person(place: int, country: Country, first: str, last: str, chance: random.Random) -> Person:
    story = next((story for story, (every, rest) in STORIES.items() if place % every == rest), Story.READS)
    first_name, latin_first = spelled(first)
    last_name, latin_last = spelled(last)
    return Person(
        email=f"{latin_first}.{latin_last}@{domain_for(story, chance)}",
        first_name=first_name,
        last_name=last_name,
        language=country.language,
        time_zone=country.time_zone,
        town=chance.choice(country.towns.split()),
        member=chance.random() < 0.3,
        story=story,
    )


def domain_for(story: Story, chance: random.Random) -> str:
    domain = chance.choice(DOMAINS)
    return {Story.GONE: f"{GONE}.example.org", Story.BUSY: f"{BUSY}.example.com"}.get(story, domain)


def rows() -> list[tuple[str, ...]]:
    """What stands in the workbook below its headings, mistakes included."""
    chance = random.Random(SEED)
    readers = people()
    found = [reader.row for reader in readers]
    early = readers[: len(readers) // 2]
    again = chance.sample([reader for reader in early if reader.story == Story.READS], REPEATED)
    mistakes = [(f" {reader.email.title()}", *reader.row[1:]) for reader in again]
    mistakes += [(email, "Ann", "Birch", "en", "Europe/London", "Ludlow", "") for email in BROKEN]
    for mistake in mistakes:
        # A repetition stands behind what it repeats, as when somebody appends a second list to the first.
        found.insert(chance.randrange(len(found) // 2, len(found)), mistake)
    return found


def write_workbook(file: Path) -> int:
    """Write the workbook and say how many rows it has below its headings."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Readers"
    sheet.append(HEADINGS)
    for column, width in enumerate(WIDTHS, start=1):
        sheet.cell(1, column).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    written = rows()
    for row in written:
        sheet.append([value or None for value in row])
    workbook.save(file)
    return len(written)
