"""Takes placeholders out of the way of HTML tools, which would quote, move or cut them, and puts them back."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

from django.template.base import tag_re

QUOTED_FIELD = re.compile(r"%7B%7B[^\s\"'<>]*?%7D%7D", re.IGNORECASE)
NO_BREAK_SPACE = "\u00a0"
# Not even HTML may hold them, and the parser would stop reading at some.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Hiding:
    """Replaces each placeholder by a word of plain letters and digits that occurs in none of the sources."""

    def __init__(self, *sources: str) -> None:
        self.mark = "xq"
        while any(self.mark in source for source in sources):
            self.mark += "q"
        self.hidden: dict[str, str] = {}

    def hide(self, source: str) -> str:
        return tag_re.sub(lambda match: self.keep(match[0]), source)

    def keep(self, text: str) -> str:
        """A word that will become this text, whatever happens to its surroundings."""
        word = f"{self.mark}{len(self.hidden)}x"
        self.hidden[word] = text
        return word

    def restore(self, text: str) -> str:
        # In one pass from the left: a word's end and the letters after it may look like another word.
        return re.sub(rf"{self.mark}\d+x", lambda match: self.hidden.get(match[0], match[0]), text)


def plain_tags(html: str) -> str:
    """The same HTML with placeholders as their author meant them, where an editor wrote ``&quot;`` or ``%7B``."""
    html = QUOTED_FIELD.sub(lambda match: unquote(match[0]), UNPRINTABLE.sub("", html))
    return tag_re.sub(lambda match: unescape(match[0]).replace(NO_BREAK_SPACE, " "), html)
