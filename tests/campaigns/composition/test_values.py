"""What stands in a mail for what is stored with a person."""

import pytest

from campaigns.composition.values import only, words
from subscribers.models import Subscriber


@pytest.mark.parametrize(
    ("value", "language", "shown"),
    [
        ("2026-05-03", "en", "May 3, 2026"),
        ("2026-05-03", "de", "3. Mai 2026"),
        ("2026-02-31", "de", "2026-02-31"),
        ("around 2026-05-03", "de", "around 2026-05-03"),
        (1234.5, "en", "1234.5"),
        (1234.5, "de", "1234,5"),
        (2026, "en", "2026"),
        (None, "en", ""),
        (False, "en", ""),
        (["a", None, 2.5], "fr", "a, 2,5"),
    ],
)
def test_dates_and_numbers_are_written_as_their_reader_does(value: object, language: str, shown: str) -> None:
    assert words(value, language) == shown


def test_only_what_is_wanted_is_made() -> None:
    ann = Subscriber(email="ann@example.org", attributes={"since": "2026-05-03", "seats": 3, "company": " Acme "})

    found = only({"since", "company"}, ann, "de")

    assert (found["since"], found["company"]) == ("3. Mai 2026", "Acme")
    assert "seats" not in found
