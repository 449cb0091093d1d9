"""The text part, made from the HTML of a body."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from .hiding import Hiding, plain_tags
from .markup import read

BLOCKS = (
    frozenset(
        {
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "center",
            "dd",
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
        }
    )
    | frozenset(
        {
            "figure",
            "footer",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "html",
            "li",
            "main",
            "nav",
            "ol",
            "p",
            "pre",
        }
    )
    | frozenset({"section", "table", "td", "th", "tr", "ul"})
)
UNSEEN = frozenset(["head", "script", "style", "template", "title"])
UNDERLINES = {"h1": "=", "h2": "-"}
LONGEST_UNDERLINE = 60
HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
SPACES = re.compile(r"[ \t\r\n\f\u00a0]+")
EMPTY_LINES = re.compile(r"\n{3,}")
# Between the last word of a block and the first of the next.
BREAK = "\n\n"
# Stand for what must survive while other spaces are squeezed: a space, and the end of a table's row.
HARD_SPACE = "\ue000"
ROW_END = re.compile(r"(?:[ \n]*\ue001)+")


def text_of(html: str) -> str:
    """Keeps placeholders and conditions; links become ``words (address)``."""
    html = plain_tags(html)
    hiding = Hiding(html)
    root = read(hiding.hide(html))
    if root is None:
        return ""
    return tidy(hiding.restore("".join(words(root)))).replace(HARD_SPACE, " ")


def tidy(text: str) -> str:
    """No line ends in spaces, and at most one line in a row is empty."""
    text = ROW_END.sub("\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = [line.rstrip() for line in text.split("\n")]
    return EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def words(element: etree._Element) -> Iterator[str]:
    tag = element.tag
    if not isinstance(tag, str) or tag in UNSEEN or HIDDEN.search(element.get("style", "")):
        return
    if tag == "br":
        yield "\n"
    elif tag == "hr":
        yield BREAK + "-" * 40 + BREAK
    elif tag == "img":
        yield element.get("alt", "")
    elif tag == "a":
        yield link(element)
    elif tag in ("ul", "ol"):
        yield items(element)
    elif tag == "tr":
        yield row(element)
    elif tag in BLOCKS:
        yield block(element)
    else:
        yield inside(element)


def inside(element: etree._Element) -> str:
    kept = element.tag == "pre"
    parts = [squeezed(element.text, kept=kept)]
    for child in element:
        parts.extend(words(child))
        parts.append(squeezed(child.tail, kept=kept))
    return re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", "".join(parts)))


def squeezed(text: str | None, *, kept: bool = False) -> str:
    return (text or "").replace(" ", HARD_SPACE) if kept else SPACES.sub(" ", text or "")


def block(element: etree._Element) -> str:
    text = inside(element).strip()
    if not text:
        return ""
    if element.tag in UNDERLINES:
        text += "\n" + str(UNDERLINES[element.tag]) * min(len(text), LONGEST_UNDERLINE)
    if element.tag == "blockquote":
        text = "\n".join(f"> {line}".rstrip() for line in tidy(text).split("\n"))
    return BREAK + text + BREAK


def link(element: etree._Element) -> str:
    text = inside(element).strip()
    address = element.get("href", "").strip()
    shown = address.removeprefix("mailto:").removeprefix("tel:")
    if not shown or address.startswith("#") or shown == text:
        return text
    return f"{text} ({shown})" if text else shown


def items(element: etree._Element) -> str:
    lines = []
    number = 0
    for child in element:
        if child.tag == "li":
            number += 1
            marker = f"{number}. " if element.tag == "ol" else "- "
            text = tidy(re.sub(r"\n{2,}", "\n", inside(child).strip()))
            lines.append(marker + text.replace("\n", "\n" + HARD_SPACE * len(marker)))
        lines.append(squeezed(child.tail).strip())
    inner = squeezed(element.text).strip()
    return BREAK + "\n".join(line for line in [inner, *lines] if line) + BREAK


def row(element: etree._Element) -> str:
    cells = [inside(cell).strip() for cell in element if cell.tag in ("td", "th")]
    cells = [cell for cell in cells if cell]
    if len(cells) == 1 or any("\n" in cell for cell in cells):
        return BREAK + BREAK.join(cells) + BREAK
    return f"\ue001{' | '.join(cells)}\ue001"
