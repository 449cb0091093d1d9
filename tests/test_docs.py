"""Whoever reads the pages finds all of them, and no way that leads nowhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "bench" / "README.md", *sorted(DOCS.glob("*.md"))]
TARGET = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")


def targets(page: Path) -> list[str]:
    return [one or other for one, other in TARGET.findall(page.read_text(encoding="utf-8"))]


def test_every_page_stands_in_the_index() -> None:
    pages = {page.name for page in DOCS.glob("*.md")} - {"README.md"}

    assert pages - set(targets(DOCS / "README.md")) == set()


def test_every_picture_is_shown() -> None:
    shown = {Path(target).name for page in PAGES for target in targets(page) if "images/" in target}

    assert {picture.name for picture in (DOCS / "images").iterdir()} == shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_leads_nowhere(page: Path) -> None:
    for target in targets(page):
        path, _hash, heading = target.partition("#")
        if "://" in target:
            continue
        led = (page.parent / path).resolve() if path else page
        assert led.exists(), target
        assert not heading or heading in headings(led), target


def headings(page: Path) -> set[str]:
    """As a reader of Markdown makes anchors of them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
