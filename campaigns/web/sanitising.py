"""A mail's HTML reduced to what shows words and pictures: nothing that runs, asks, loads or leads astray."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Final

import nh3
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from lxml import etree

from .allowed import ATTRIBUTES, DROPPED, EVERYWHERE, ROLES, TAGS
from .styles import safe_declarations, safe_sheet

LINK: Final = re.compile(r"(https?://[^/?#\s]|mailto:|tel:|#)", re.IGNORECASE)
PICTURE: Final = re.compile(r"(https?://[^/?#\s]|data:image/(png|gif|jpeg|webp);base64,)", re.IGNORECASE)
SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "data"})
COLOUR_SCHEMES: Final = re.compile(r"(light|dark|only|\s)+")


@dataclass(frozen=True)
class Page:
    """What of a document may be put into a page of ours."""

    css: SafeString
    # Of its <body>, as they are written.
    attributes: SafeString
    body: SafeString
    # Empty if it does not say that it has a dark side.
    colour_scheme: str
    # Addresses, in order.
    pictures: tuple[str, ...]


def sanitised(root: etree._Element) -> Page:
    body = root if root.tag == "body" else root.find("body")
    css = "\n".join(safe_sheet(style.text or "") for style in root.iter("style"))
    # The sheets hold no "<" and nh3 speaks the language of browsers: both may stand in a page as they are.
    return Page(
        css=mark_safe(css),
        attributes=attributes_of(body) if body is not None else SafeString(""),
        body=mark_safe(clean(inner_html(body)) if body is not None else ""),
        colour_scheme=colour_scheme_of(root),
        pictures=tuple(pictures_in(root)),
    )


def clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags=set(DROPPED),
        attributes={"*": set(EVERYWHERE), **{tag: set(names) for tag, names in ATTRIBUTES.items()}},
        attribute_filter=kept,
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
    )


def kept(tag: str, name: str, value: str) -> str | None:
    """What of an attribute stays; None: nothing."""
    match name:
        case "style":
            return safe_declarations(value) or None
        case "href":
            return value if LINK.match(value.strip()) else None
        case "src" | "background":
            return value if PICTURE.match(value.strip()) else None
        case "srcset":
            return value if all(map(PICTURE.match, map(str.strip, value.split(",")))) else None
        case "id":
            # Those of the page around it.
            return None if value.startswith("broadsheet-") else value
        case "usemap":
            return value if value.startswith("#") else None
        case "role":
            return value if value in ROLES else None
    return value


def inner_html(element: etree._Element) -> str:
    write = partial(etree.tostring, method="html", encoding="unicode")
    return escaped(element.text or "") + "".join(map(write, element))


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def attributes_of(body: etree._Element) -> SafeString:
    wanted = {name: kept("body", name, value) for name, value in body.items() if name in EVERYWHERE}
    return format_html_join("", ' {}="{}"', ((name, value) for name, value in wanted.items() if value))


def colour_scheme_of(root: etree._Element) -> str:
    found = [meta.get("content", "") for meta in root.iter("meta") if meta.get("name", "").lower() == "color-scheme"]
    return next((scheme for scheme in found if COLOUR_SCHEMES.fullmatch(scheme)), "")


def pictures_in(root: etree._Element) -> list[str]:
    """Those that are on the web, and no thinner than a line."""
    found = [picture for picture in root.iter("img") if not {"0", "1"} & {picture.get("width"), picture.get("height")}]
    addresses = [picture.get("src", "").strip() for picture in found]
    return [address for address in addresses if address.lower().startswith(("http://", "https://"))]
