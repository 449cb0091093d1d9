"""Header values as they stand on the wire."""

from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.composition import headers
from campaigns.composition.quoted import quoted
from campaigns.composition.wire import WireMessage, check_header


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ann Example", "Ann Example <ann@example.org>"),
        ("", "ann@example.org"),
        ("Doe, Jane", '"Doe, Jane" <ann@example.org>'),
        ('The "best"', '"The \\"best\\"" <ann@example.org>'),
        ("back\\slash", '"back\\\\slash" <ann@example.org>'),
        ("ann@example.com", '"ann@example.com" <ann@example.org>'),
        ("Ann\r\nBcc: bob@example.org", '"Ann Bcc: bob@example.org" <ann@example.org>'),
        ("Chloé", "=?utf-8?b?Q2hsb8Op?= <ann@example.org>"),
        ("=?utf-8?q?Bob?=", "=?utf-8?b?PT91dGYtOD9xP0JvYj89?= <ann@example.org>"),
    ],
)
def test_a_name_is_quoted_or_encoded_as_it_must_be(name: str, expected: str) -> None:
    assert headers.mailbox(name, "ann@example.org") == expected


@given(st.text(max_size=300))
def test_words_read_back_as_they_were_written(text: str) -> None:
    written = headers.words(text)

    assert written.isascii()
    assert written.isprintable()
    assert str(make_header(decode_header(written))) == headers.cleaned(text)


@given(st.text(max_size=300))
def test_a_folded_header_keeps_its_lines_short_and_its_words(text: str) -> None:
    value = headers.words(text)

    lines = headers.folded("Subject", value, "\r\n").split("\r\n")

    assert lines.pop() == ""
    assert all(len(line) <= 76 for line in lines)
    assert "".join(lines) == f"Subject: {value}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X Y", "a"),
        ("X:", "a"),
        ("", "a"),
        ("Ä", "a"),
        ("X", "a\nb"),
        ("X", "a\0"),
        ("X", "ä"),
        ("Message-ID", "x" * 901),
    ],
)
def test_what_would_not_be_exactly_one_header_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="header"):
        check_header(name, value)


def test_no_header_is_there_twice() -> None:
    message = WireMessage({"Subject": "a"}, b"text", b"html")

    with pytest.raises(ValueError, match="already"):
        message["subject"] = "b"


def test_a_body_cannot_end_its_part() -> None:
    written = quoted("--=_broadsheet_part--\r\n.\r\nFrom here \rthere\0")

    assert written == b"--=3D_broadsheet_part--\r\n=2E\r\nFrom here=20\r\nthere"
