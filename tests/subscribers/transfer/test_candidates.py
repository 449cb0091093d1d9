import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from subscribers.transfer.candidates import Judge, Unusable, clean
from subscribers.transfer.cells import neutral, original
from subscribers.transfer.codes import language_code, time_zone
from subscribers.transfer.reading import Row


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("deu", "de"),
        ("ger", "de"),
        ("German", "de"),
        ("Deutsch", "de"),
        ("allemand", "de"),
        ("alemán", "de"),
        ("الألمانية", "de"),
        ("ドイツ語", "de"),
        ("de_AT.UTF-8", "de-AT"),
        ("pt_br", "pt-BR"),
        ("Brazilian Portuguese", "pt-BR"),
        ("zh_hant_tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("日本語", "ja"),
        ("العربية", "ar"),
        ("Elvish", None),
        ("xx", None),
        ("en-XX", None),
        ("de-DE-1996-x", None),
        ("-", None),
        ("", None),
    ],
)
def test_languages_are_understood_as_people_write_them(written: str, code: str | None) -> None:
    assert language_code(written) == code


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("UTC", "UTC"),
        ("Mars/Olympus", None),
        ("../../etc/passwd", None),
    ],
)
def test_time_zones_are_understood_as_people_write_them(written: str, zone: str | None) -> None:
    assert time_zone(written) == zone


@given(some.text())
def test_a_code_that_was_understood_stays_as_it_is(text: str) -> None:
    code, zone = language_code(text), time_zone(text)

    assert code is None or language_code(code) == code
    assert zone is None or (time_zone(zone) == zone and zone in zoneinfo.available_timezones())


@given(some.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)

    assert clean(once) == once
    assert once.isprintable() or not set(once) & set("\r\n\t\x00")


@given(some.text())
def test_a_neutral_cell_starts_no_formula_and_reads_back(text: str) -> None:
    safe = neutral(text)

    assert safe[:1] not in set("=+-@\t\r＝＋－＠")
    assert original(safe) == text or text != clean(text) or text.startswith("'") or not text.isprintable()


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Ann Lee", "Ann", "Lee"),
        ("Ann Mary Lee", "Ann Mary", "Lee"),
        ("Lee, Ann", "Ann", "Lee"),
        ("Ann", "Ann", None),
        ("春子", "春子", None),
        ("Lee,", "Lee", None),
    ],
)
def test_a_full_name_is_divided(name: str, first: str, last: str | None) -> None:
    judge = Judge({"0": "email", "1": "full_name"}, 2)

    details = judge.candidate(Row(2, ["ann@example.org", name]), "ann@example.org").details

    assert (details.get("first_name"), details.get("last_name")) == (first, last)


def test_columns_for_the_parts_of_a_name_win_over_the_whole() -> None:
    judge = Judge({"0": "email", "1": "full_name", "2": "first_name"}, 3)

    details = judge.candidate(Row(2, ["ann@example.org", "Ann Lee", "Annie"]), "ann@example.org").details

    assert details == {"first_name": "Annie", "last_name": "Lee"}


def test_what_does_not_fit_is_said_with_its_column() -> None:
    judge = Judge({"0": "email", "2": "attribute:note"}, 3)

    with pytest.raises(Unusable) as unusable:
        judge.candidate(Row(2, ["ann@example.org", "", "n" * 1001]), "ann@example.org")

    assert unusable.value.flaw.reason == "value_too_long"
    assert "Column C holds 1001 characters" in unusable.value.flaw.message
