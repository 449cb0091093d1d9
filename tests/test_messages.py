"""Every visible word exists in every language of the product."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("de", "fr", "es", "ar", "ja")
SOURCES = ("campaigns", "subscribers", "config", "templates", "locale", "manage.py")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|(?<!%)%[sd]|\{\w*\}")


def catalog_of(folder: Path, language: str) -> Catalog:
    with (folder / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def texts(value: str | tuple[str, ...] | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


@pytest.fixture(scope="session")
def fresh_catalogs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogs as `make messages` would leave them, made in a copy of the sources."""
    if shutil.which("xgettext") is None:
        pytest.skip("GNU gettext is not installed, so messages cannot be collected from the sources")
    copy = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
        else:
            shutil.copy(source, copy / name)
    flags = [flag for language in LANGUAGES for flag in ("-l", language)]
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", *flags, "--no-wrap", "--add-location", "file"],
        cwd=copy,
        env={"PATH": os.environ["PATH"], "DEBUG": "true"},
        check=True,
        capture_output=True,
    )
    return copy / "locale"


# Whoever collected the messages does this for all languages.
@pytest.mark.xdist_group("messages")
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_of_the_sources_is_missing_or_fuzzy(language: str, fresh_catalogs: Path) -> None:
    catalog = catalog_of(fresh_catalogs, language)

    undone = [
        message.id
        for message in messages(catalog)
        if message.fuzzy or not all(texts(message.string)) or not message.string
    ]

    assert undone == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_placeholders_of_their_message(language: str) -> None:
    catalog = catalog_of(ROOT / "locale", language)

    broken = []
    for message in messages(catalog):
        known = set(PLACEHOLDER.findall(" ".join(texts(message.id))))
        for text in texts(message.string):
            if not set(PLACEHOLDER.findall(text)) <= known:
                broken.append((message.id, text))
        if isinstance(message.id, str) and set(PLACEHOLDER.findall(str(message.string))) != known:
            broken.append((message.id, message.string))

    assert broken == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_as_many_plural_forms_as_it_needs(language: str) -> None:
    catalog = catalog_of(ROOT / "locale", language)

    wrong = [
        m.id for m in messages(catalog) if not isinstance(m.id, str) and len(texts(m.string)) != catalog.num_plurals
    ]

    assert wrong == []
