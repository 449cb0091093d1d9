"""Finds addresses in texts of any kind, however they are spelled there, and takes them out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any, Final
from urllib.parse import quote

import idna
from django.db.models import CharField, Field, FileField, JSONField, Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

GONE: Final = "…"
# As many are asked for by name; of more, every text with an address is read.
FEW: Final = 20
_CANDIDATE: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~;-]+(?:@|%40)[\w.-]+")
_EXTENSION: Final = re.compile(r"\.(csv|tsv|txt|xlsx|xlsm|eml|json|html?|pdf)\Z", re.IGNORECASE)
_INSIDE: Final = re.compile(r"[^\w.+-]")


class Traces:
    """Of some normalised addresses."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._spellings = {spelling for address in addresses for spelling in _spellings(address)}
        tails = {tail for spelling in self._spellings if (tail := _tail(spelling))}
        self.beginnings = sorted(tails) if len(tails) <= 2 * FEW else ["@", "%40"]

    def are_in(self, text: str) -> bool:
        return bool(self.without(text) != text)

    def without(self, value: Any) -> Any:
        """The same text, or JSON, without these addresses."""
        if isinstance(value, str):
            return _CANDIDATE.sub(self._judge, value)
        if isinstance(value, list):
            return [self.without(each) for each in value]
        if isinstance(value, dict):
            return {self.without(name): self.without(each) for name, each in value.items()}
        return value

    def rows(self, found: QuerySet[Any], *names: str) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Each of these rows that holds one of them, with what its fields would be without."""
        texts = {f"text_of_{name}": Cast(name, TextField()) for name in names}
        wanted = Q()
        for text in texts:
            for beginning in self.beginnings:
                wanted |= Q(**{f"{text}__icontains": beginning})
        for row in found.alias(**texts).filter(wanted).iterator(500):
            held = {name: getattr(row, name) for name in names}
            clean = {name: self.without(value) for name, value in held.items()}
            if clean != held:
                yield row, {name: value for name, value in clean.items() if value != held[name]}

    def remove_from(self, found: QuerySet[Any], *names: str) -> None:
        for row, clean in self.rows(found, *names):
            unique = {each.name for each in type(row)._meta.concrete_fields if each.unique}
            distinct = {name: f"{value} {row.pk}" if name in unique else value for name, value in clean.items()}
            type(row)._base_manager.filter(pk=row.pk).update(**distinct)

    def _judge(self, match: re.Match[str]) -> str:
        text = match[0]
        starts = [0, *(found.end() for found in _INSIDE.finditer(text))]
        for start in starts:
            candidate = _EXTENSION.sub("", text[start:].rstrip(".-"))
            if candidate.lower() in self._spellings:
                return f"{text[:start]}{GONE}{text[start + len(candidate) :]}"
        return text


def text_fields(model: type[Model]) -> list[str]:
    """Those in which somebody may have written an address."""
    return [each.name for each in model._meta.concrete_fields if _may_hold_text(each)]


def _may_hold_text(column: Field[Any, Any]) -> bool:
    is_text = isinstance(column, CharField | TextField | JSONField) and not isinstance(column, FileField)
    return is_text and not column.choices and not column.primary_key


def _spellings(address: str) -> Iterator[str]:
    local, _at, domain = address.rpartition("@")
    for each in {domain, _readable(domain)}:
        for written in {local, escape(local), escape(local, quote=False)}:
            yield f"{written}@{each}"
        yield f"{quote(local)}%40{each}".lower()


def _readable(domain: str) -> str:
    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain


def _tail(spelling: str) -> str:
    """A part that is the same in every database's spelling of the text."""
    found = re.search(r"[a-z0-9.+_-]+(?:@|%40)", spelling)
    return found[0] if found else ""
