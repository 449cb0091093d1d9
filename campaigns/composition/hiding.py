"""Takes placeholders out of the way of HTML tools, which would quote, move or cut them, and puts them back."""

from __future__ import annotations

from html import unescape

from django.template.base import tag_re

NO_BREAK_SPACE = "\u00a0"


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
        for word, tag in self.hidden.items():
            text = text.replace(word, tag)
        return text


def plain_tags(html: str) -> str:
    """The same HTML with placeholders as their author meant them, where an editor wrote ``&quot;`` or ``&lt;``."""
    return tag_re.sub(lambda match: unescape(match[0]).replace(NO_BREAK_SPACE, " "), html)
