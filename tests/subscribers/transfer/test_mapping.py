import pytest

from subscribers.transfer import headings
from subscribers.transfer.mapping import column_names, find_heading, guess, letter
from subscribers.transfer.reading import Row

SIX_LANGUAGES = {
    "en": ["Email address", "First name", "Last name", "Language", "Time zone"],
    "de": ["E-Mail-Adresse", "Vorname", "Nachname", "Sprache", "Zeitzone"],
    "fr": ["Adresse e-mail", "Prénom", "Nom", "Langue", "Fuseau horaire"],
    "es": ["Correo electrónico", "Nombre", "Apellidos", "Idioma", "Zona horaria"],
    "ar": ["البريد الإلكتروني", "الاسم الأول", "اسم العائلة", "اللغة", "المنطقة الزمنية"],
    "ja": ["メールアドレス", "名", "姓", "言語", "タイムゾーン"],
}
FIELDS = ["email", "first_name", "last_name", "language", "time_zone"]


@pytest.mark.parametrize("language", SIX_LANGUAGES)
def test_headings_are_understood_in_six_languages(language: str) -> None:
    assert [headings.meaning(heading) for heading in SIX_LANGUAGES[language]] == FIELDS


@pytest.mark.parametrize("heading", ["E-MAIL:", "e_mail", " Email ", "ＥＭＡＩＬ", "eMail*"])
def test_case_width_and_punctuation_do_not_matter(heading: str) -> None:
    assert headings.meaning(heading) == "email"


def rows(*cells: list[str]) -> list[Row]:
    return [Row(number, row) for number, row in enumerate(cells, start=1)]


@pytest.mark.parametrize(
    ("read", "heading"),
    [
        (rows(["Email"], ["ann@example.org"]), 1),
        (rows(["Email", "Found us by"], ["ann@example.org", "email"]), 1),
        (rows(["Guests 2025"], ["as of May"], ["Name", "E-Mail"], ["Ann", "ann@example.org"]), 3),
        (rows(["Guests 2025"], ["Who", "Where to write"], ["Ann", "ann@example.org"]), 2),
        (rows(["ann@example.org", "Ann"], ["bob@example.org", "Bob"]), 0),
        (rows(["Who", "Post"], ["Ann", "nowhere"]), 1),
        ([], 0),
    ],
)
def test_the_headings_are_found_below_titles_or_not_at_all(read: list[Row], heading: int) -> None:
    assert find_heading(read) == heading


def test_other_columns_become_attributes_with_names_that_authors_can_write() -> None:
    names = ["E-Mail", "Company Name", "1st visit", "会社", "email 2", "Company-Name", "Name", "# row", "C"]

    assert guess(names, rows(["ann@example.org"])) == {
        "0": "email",
        "1": "attribute:company_name",
        "2": "attribute:field_1st_visit",
        "3": "attribute:会社",
        "4": "attribute:email_2",
        "6": "full_name",
        "8": "attribute:c",
    }


def test_without_a_telling_heading_the_column_of_addresses_tells_itself() -> None:
    below = rows(["Ann", "x", "ann@example.org"], ["Bob", "see bob@example.net", "bob@example.org"])

    assert guess(["Who", "Remark", "Where to write"], below)["2"] == "email"


def test_columns_without_headings_go_by_their_letters() -> None:
    read = rows(["ann@example.org", "Ann", "Berlin"])

    assert column_names(read, 0) == ["A", "B", "C"]
    assert guess(["A", "B", "C"], read) == {"0": "email"}
    assert [letter(at) for at in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
