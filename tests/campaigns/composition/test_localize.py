"""Which language somebody gets."""

import pytest

from campaigns.composition.localize import direction, resolve


@pytest.mark.parametrize(
    ("language", "available", "expected"),
    [
        ("de", ["en", "de"], "de"),
        ("pt-BR", ["en", "pt"], "pt"),
        ("pt_br", ["en", "pt-BR", "pt"], "pt-BR"),
        ("DE-at", ["en", "de"], "de"),
        ("zh-Hant-TW", ["en", "zh", "zh-Hant"], "zh-Hant"),
        ("pt", ["en", "pt-BR"], "en"),
        ("fr", ["en", "de"], "en"),
        ("", ["en", "de"], "en"),
        ("fr", ["EN", "de"], "EN"),
        ("fr", [], "en"),
    ],
)
def test_a_reader_gets_the_nearest_language(language: str, available: list[str], expected: str) -> None:
    assert resolve(language, available, "en") == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ar", "rtl"),
        ("AR-eg", "rtl"),
        ("he", "rtl"),
        ("fa_IR", "rtl"),
        ("ks-Deva", "ltr"),
        ("az-Arab-IR", "rtl"),
        ("de", "ltr"),
        ("arn", "ltr"),
        ("", "ltr"),
    ],
)
def test_a_language_is_written_one_way(language: str, expected: str) -> None:
    assert direction(language) == expected
