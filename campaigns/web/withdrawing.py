"""Takes links out of a mail that were for its reader alone, and what stood there only to hold them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from lxml import etree

BLOCKS: Final = frozenset(
    {"address", "article", "body", "center", "div", "footer", "header", "li", "p", "section", "td", "th"}
)
LETTER: Final = re.compile(r"\w")


def withdraw_personal_links(root: etree._Element) -> None:
    """They are those that lead nowhere: for somebody else, the addresses of personal pages are empty."""
    links = [link for link in root.iter("a", "area") if "href" in link.attrib and not link.get("href", "").strip()]
    blocks = {id(block): block for block in map(block_of, links)}
    for block in blocks.values():
        theirs = [link for link in links if block_of(link) is block]
        if has_more_than(block, theirs):
            for link in theirs:
                make_plain(link)
        else:
            empty(block)


def block_of(link: etree._Element) -> etree._Element:
    around = [element for element in link.iterancestors() if element.tag in BLOCKS]
    return around[0] if around else link.getroottree().getroot()


def has_more_than(block: etree._Element, links: Iterable[etree._Element]) -> bool:
    """Words or pictures of its own, more than what stands between such links."""
    inside = {id(part) for link in links for part in link.iter()}
    others = [part for part in block.iter() if id(part) not in inside]
    texts = [part.text for part in others if isinstance(part.tag, str)]
    # What stands behind an element is not in it.
    tails = [part.tail for part in block.iterdescendants() if not is_within(part, inside)]
    return any(part.tag == "img" for part in others) or bool(LETTER.search("".join(filter(None, texts + tails))))


def is_within(part: etree._Element, inside: set[int]) -> bool:
    parent = part.getparent()
    return parent is not None and id(parent) in inside


def make_plain(link: etree._Element) -> None:
    """Its words stay, and no longer look like a link."""
    link.tag = "span"
    for name in ("href", "style", "class", "target", "title"):
        link.attrib.pop(name, None)


def empty(block: etree._Element) -> None:
    """Cells keep their place in the table."""
    if block.tag in {"td", "th", "body"}:
        for child in list(block):
            block.remove(child)
        block.text = None
        return
    parent = block.getparent()
    if parent is not None:
        before, tail = block.getprevious(), block.tail or ""
        parent.remove(block)
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
