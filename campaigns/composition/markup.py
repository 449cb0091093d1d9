"""What HTML may hold so that every mail program shows it the same and none fetches what it should not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from django.utils.translation import gettext as _
from lxml import etree

from .hiding import Hiding, plain_tags
from .inspection import Problem

FORBIDDEN = frozenset(
    {"applet", "audio", "base", "button", "embed", "form", "frame", "frameset", "iframe", "input", "link", "object"}
) | frozenset({"script", "select", "svg", "textarea", "video"})
DOCUMENT = re.compile(r"<(html|head|body)\b", re.IGNORECASE)
ADDRESSES = ("href", "src", "background", "action", "poster", "cite", "longdesc", "{http://www.w3.org/1999/xlink}href")
ALLOWED = re.compile(r"(https?://[^/?#\s]|mailto:|tel:)", re.IGNORECASE)
STANDING_FOR_ADDRESSES = re.compile(r"{{\s*(unsubscribe_url|preferences_url|web_version_url)\s*}}")
CSS_ADDRESS = re.compile(r"url\(\s*['\"]?\s*([^'\")]*)", re.IGNORECASE)
CSS_IMPORT = re.compile(r"@\s*import", re.IGNORECASE)
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CSS_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)


def read(html: str) -> etree._Element | None:
    """The root of a document or fragment; None if there is nothing in it."""
    for source in (html.strip(), f"<body>{html}</body>"):
        with suppress(etree.ParserError, etree.XMLSyntaxError):
            root: etree._Element | None = etree.fromstring(source, etree.HTMLParser())
            if root is not None:
                return root
    return None


def problems_of(html: str, *, fragment: bool) -> list[Problem]:
    """What must not stay, by line. Placeholders are taken for what they will become."""
    html = plain_tags(html)
    hiding = Hiding(html)
    document = document_problems(html) if fragment else ()
    return sorted({*document, *problems_in(hiding.hide(html), hiding)})


def problems_in(html: str, hiding: Hiding) -> list[Problem]:
    """The same for HTML whose placeholders are hidden already."""
    lines_before = html[: len(html) - len(html.lstrip())].count("\n")
    root = read(html)
    return [
        Problem(lines_before + (element.sourceline or 1), message)
        for element in (root.iter() if root is not None else ())
        for message in element_problems(element, hiding)
    ]


def document_problems(html: str) -> Iterator[Problem]:
    match = DOCUMENT.search(html)
    if match:
        line = html[: match.start()].count("\n") + 1
        yield Problem(line, _("<%(tag)s> belongs into a layout, not here.") % {"tag": match[1].lower()})


def element_problems(element: etree._Element, hiding: Hiding) -> Iterator[str]:
    if not isinstance(element.tag, str):
        yield from import_problems(element.text or "")
        return
    refreshes = element.tag == "meta" and element.get("http-equiv", "").lower() == "refresh"
    if element.tag in FORBIDDEN or refreshes:
        yield _("<%(tag)s> does not work in mails.") % {"tag": element.tag}
        return
    if hiding.mark in element.tag or any(hiding.mark in str(name) for name in element.attrib):
        yield _("A placeholder may stand in the text or in a quoted attribute, not in the midst of a tag.")
    if element.tag == "style":
        yield from css_problems(element.text or "", hiding)
    for name, value in element.attrib.items():
        yield from attribute_problems(str(name), str(value), hiding)


def attribute_problems(name: str, value: str, hiding: Hiding) -> Iterator[str]:
    if name.startswith("on"):
        yield _("“%(attribute)s” does not work in mails.") % {"attribute": name}
    elif name == "style":
        yield from css_problems(value, hiding)
    elif name in ADDRESSES:
        yield from address_problems(value, hiding)
    elif name == "srcset":
        for candidate in value.split(","):
            yield from address_problems(candidate, hiding)


def address_problems(address: str, hiding: Hiding) -> Iterator[str]:
    address = hiding.restore(address.strip())
    if address.startswith("#") or STANDING_FOR_ADDRESSES.fullmatch(address):
        return
    if address.startswith(("{{", "{%")):
        yield _("“%(address)s”: a placeholder may stand inside an address, not at its beginning.") % {
            "address": address
        }
    elif not ALLOWED.match(address):
        yield _("“%(address)s” does not work in a mail. Begin it with https://, http://, mailto: or tel:.") % {
            "address": address
        }


def css_problems(css: str, hiding: Hiding) -> Iterator[str]:
    if hiding.mark in css:
        yield _("Placeholders cannot stand in CSS.")
    # An escaped letter would hide the word from us and not from who reads the style sheet.
    css = CSS_ESCAPE.sub(unescaped, CSS_COMMENT.sub("", css))
    yield from import_problems(css)
    for match in CSS_ADDRESS.finditer(css):
        yield from address_problems(match[1], hiding)


def import_problems(css: str) -> Iterator[str]:
    if CSS_IMPORT.search(css):
        yield _("“@import” does not work in mails. Put the CSS itself here.")


def unescaped(match: re.Match[str]) -> str:
    if not match[1]:
        return match[2]
    number = int(match[1], 16)
    return chr(number) if 0 < number <= 0x10FFFF else ""


def has_visible_link(html: str, field: str) -> bool:
    """Whether a link with words leads to the address in this field."""
    hiding = Hiding(html)
    root = read(hiding.hide(html))
    addresses = {word for word, tag in hiding.hidden.items() if tag.strip("{} ") == field}
    links = [] if root is None else [link for link in root.iter("a") if link.get("href", "").strip() in addresses]
    return any("".join(link.itertext()).strip() for link in links)


def has_content(html: str) -> bool:
    root = read(html)
    return root is not None and bool("".join(root.itertext()).strip() or root.findall(".//img"))


def pictures_without_words(html: str) -> Iterator[Problem]:
    """Pictures without an alt attribute; an empty one says that the picture is decoration."""
    root = read(Hiding(html).hide(html))
    for picture in root.iter("img") if root is not None else ():
        if picture.get("alt") is None:
            yield Problem(picture.sourceline or 1, _("A picture has no alternative text."))
