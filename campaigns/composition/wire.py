"""The bytes of a mail: our headers as they are, around a text and HTML that are quoted-printable already."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email import message_from_bytes
from email._policybase import Compat32
from email.message import Message
from functools import lru_cache
from typing import Any

from django.core.mail.message import MIMEMixin

from .headers import folded

# Leaves room for the name in a line of 998 octets.
LONGEST_LINE = 900
HEADER_NAME = re.compile(r"[!-9;-~]+")
# Readers of List-Unsubscribe do not all unfold, and a folded Message-ID is found by no search.
NEVER_FOLDED = frozenset({"list-unsubscribe", "list-unsubscribe-post", "message-id"})
# Quoted-printable writes every "=" as "=3D", so that no body can hold this.
BOUNDARY = "=_broadsheet_part"


class VerbatimPolicy(Compat32):
    """Writes headers as they were set; those here are encoded already."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value.replace("\r\n", "")

    def fold(self, name: str, value: Any) -> str:
        return line(name, str(value), self.linesep)

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii")


@lru_cache(maxsize=64)
def is_folded(name: str) -> bool:
    if not HEADER_NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be the name of a header.")
    return name.lower() not in NEVER_FOLDED


def line(name: str, value: str, linesep: str) -> str:
    return folded(name, value, linesep) if is_folded(name) else f"{name}: {value}{linesep}"


def header_lines(headers: Mapping[str, str]) -> bytes:
    """ValueError if one would not be exactly one header."""
    for name, value in headers.items():
        check_header(name, value)
    return "".join([line(name, value, "\r\n") for name, value in headers.items()]).encode()


def check_header(name: str, value: str) -> None:
    """ValueError for anything that would not be exactly this one header (Django lets NUL and bad names through)."""
    if not value.isascii() or not value.isprintable():
        raise ValueError(f"The value of the header {name} is not plain ASCII.")
    if not is_folded(name) and len(value) > LONGEST_LINE:
        raise ValueError(f"The value of the header {name} is too long.")


class WireMessage(MIMEMixin, Message):  # type: ignore[misc]
    """What Django's backends ask for the bytes."""

    def __init__(self, headers: Mapping[str, str], text: bytes, html: bytes) -> None:
        super().__init__(policy=VerbatimPolicy())
        for name, value in headers.items():
            self[name] = value
        self["MIME-Version"] = "1.0"
        self["Content-Type"] = f'multipart/alternative; boundary="{BOUNDARY}"'
        self.set_payload([part("plain", text), part("html", html)])

    def __setitem__(self, name: str, value: str) -> None:
        if name in self:
            raise ValueError(f"The header {name} is there already.")
        check_header(name, value)
        super().__setitem__(name, value)


def part(subtype: str, quoted: bytes) -> Message:
    made = Message(policy=VerbatimPolicy())
    made["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    made["Content-Transfer-Encoding"] = "quoted-printable"
    made.set_payload(quoted.decode("ascii"))
    return made


class MergedMessage(WireMessage):
    """Its bytes are there already. Whoever looks inside has them read first, and gets them written anew."""

    def __init__(self, wire: bytes) -> None:
        self.wire = wire

    def __getattr__(self, name: str) -> Any:
        if name not in INSIDE:
            raise AttributeError(name)
        vars(self).update(vars(message_from_bytes(self.wire, policy=VerbatimPolicy())))
        return vars(self)[name]

    def as_bytes(self, unixfrom: bool = False, linesep: str = "\n") -> bytes:  # type: ignore[override]
        if unixfrom or not INSIDE.isdisjoint(vars(self)):
            return bytes(super().as_bytes(unixfrom, linesep))
        return self.wire if linesep == "\r\n" else self.wire.replace(b"\r\n", linesep.encode())


INSIDE = frozenset(vars(Message()))
GAP = b"\0"
BEFORE_TEXT, BEFORE_HTML, END = WireMessage({}, GAP, GAP).as_bytes(linesep="\r\n").split(GAP)
