"""CSS of mails reduced to what only changes how they look, on their own part of the page.

What is not understood is left out. A page says in its header besides that nothing is loaded but pictures, so that
whatever should slip through here is powerless there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from .allowed import FAMILIES, PROPERTIES

CONDITIONS: Final = re.compile(r"@(media|supports)\b[\w\s():,.>=/!%#-]*", re.IGNORECASE)
# An escaped letter would hide a word from us and not from a browser; escaped signs stand in names of classes.
SELECTOR: Final = re.compile(r"(?:[^<\\@{};]|\\[:/.%\[\]!])+")
NAME: Final = re.compile(r"[a-z-]+")
VALUE: Final = re.compile(r"[^<\\@{};]*")
ADDRESS: Final = re.compile(
    r"url\(\s*(['\"]?)(https?://|data:image/(png|gif|jpeg|webp);base64,)[^'\"()\s<>\\{}]+\1\s*\)", re.I
)
HARMFUL: Final = re.compile(r"url\(|expression\(|image-set\(|javascript:|behavior", re.IGNORECASE)
COMMENT: Final = re.compile(r"/\*.*?(\*/|\Z)|<!--|-->", re.DOTALL)
# Strings and addresses first: they may hold what else ends a rule.
PIECE: Final = re.compile(
    r"""url\([^"'()]*\)|"[^"\\\n]*"|'[^'\\\n]*'|[{};]|(?:(?!url\()[^"'{};])+|.""", re.IGNORECASE | re.DOTALL
)
DEEPEST: Final = 5


def safe_sheet(css: str) -> str:
    """The rules that may stay. Holds no ``<``, so that it stands in a ``<style>`` as it is."""
    pieces = PIECE.findall(COMMENT.sub("", css))
    if any(piece in {'"', "'"} for piece in pieces):
        # A string without an end: where the rules are is anybody's guess.
        return ""
    return "\n".join(_rules(iter(pieces)))


@lru_cache(maxsize=4096)
def safe_declarations(css: str) -> str:
    pieces = PIECE.findall(COMMENT.sub("", css))
    return "" if {'"', "'", "{", "}"} & set(pieces) else _declarations(pieces)


def _rules(pieces: Iterator[str], depth: int = 0) -> Iterator[str]:
    head = ""
    for piece in pieces:
        if piece == "}":
            return
        if piece == ";":
            # @import, @charset, @namespace.
            head = ""
        elif piece != "{":
            head += piece
        else:
            yield from _rule(head.strip(), pieces, depth)
            head = ""


def _rule(head: str, pieces: Iterator[str], depth: int) -> Iterator[str]:
    if CONDITIONS.fullmatch(head) and depth < DEEPEST:
        inner = "\n".join(_rules(pieces, depth + 1))
        if inner:
            yield f"{head} {{\n{inner}\n}}"
        return
    block = _block(pieces)
    declarations = _declarations(block) if SELECTOR.fullmatch(head) else ""
    if declarations:
        yield f"{head} {{ {declarations} }}"


def _block(pieces: Iterator[str]) -> list[str]:
    """Up to its end. What holds blocks of its own is no list of declarations, and becomes none."""
    found: list[str] = []
    depth = 1
    for piece in pieces:
        depth += (piece == "{") - (piece == "}")
        if not depth:
            break
        found.append(piece)
    return [] if "{" in found else found


def _declarations(pieces: list[str]) -> str:
    texts = [""]
    for piece in pieces:
        if piece == ";":
            texts.append("")
        else:
            texts[-1] += piece
    return "; ".join(filter(None, map(_declaration, texts)))


def _declaration(text: str) -> str:
    """Empty if it may not stay."""
    name, _colon, value = (part.strip() for part in text.partition(":"))
    name = name.lower()
    is_known = NAME.fullmatch(name) and (name in PROPERTIES or name.startswith(FAMILIES))
    words = ADDRESS.sub("", value)
    is_harmless = VALUE.fullmatch(words) and not HARMFUL.search(words)
    return f"{name}: {value}" if is_known and value and is_harmless else ""
