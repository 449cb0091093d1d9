"""A whole document with its CSS moved into style attributes, made without network or files."""

from __future__ import annotations

import logging
from threading import Lock

from lxml import etree
from premailer import Premailer

# Derived attributes would override what authors wrote for Outlook, such as width="600" beside width: 100%.
UNWANTED_ATTRIBUTES = ["align", "width", "height"]
# The CSS parser keeps what it is doing in its module.
ONE_AT_A_TIME = Lock()


class CannotInline(ValueError):
    """The CSS is beyond what the inliner understands; ``str()`` says where it stopped."""


def inline_styles(html: str, *, language: str, direction: str) -> str:
    """Keeps the style sheet too, since dark mode and small screens need it. Placeholders must be hidden.

    The HTML must have passed ``markup.problems_in``: premailer follows ``@import`` to anywhere.
    """
    inliner = Premailer(
        html,
        keep_style_tags=True,
        strip_important=False,
        remove_classes=False,
        disable_validation=True,
        disable_basic_attributes=UNWANTED_ATTRIBUTES,
        cache_css_parsing=False,
        allow_network=False,
        allow_loading_external_files=False,
        cssutils_logging_level=logging.CRITICAL,
    )
    try:
        with ONE_AT_A_TIME:
            inlined = inliner.transform(pretty_print=False)
    except Exception as error:
        # A selector or a value that one of four libraries below does not know, each with errors of its own.
        raise CannotInline(str(error)) from error
    root = etree.fromstring(inlined, etree.HTMLParser())
    root.set("lang", language)
    root.set("dir", direction)
    return str(etree.tostring(root, method="html", encoding="unicode", doctype="<!DOCTYPE html>"))
