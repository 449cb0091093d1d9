"""Whether a campaign mail keeps the rules of the wire, judged by its bytes alone."""

import quopri
import re
from collections.abc import Iterator
from email import policy
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Protocol

ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Feedback-ID", "Precedence")
ONCE_IN_LISTS = ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post")
MAY_REPEAT = {"received", "dkim-signature"}
HEADER_NAME = re.compile(rb"[!-9;-~]+")
ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bq]\?[^?\s]*\?=", re.IGNORECASE)
DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+", re.IGNORECASE)
UNSUBSCRIBE = re.compile(r"<(https?://[^<>\s]+)>, <(mailto:[^<>\s]+)>")
LIST_ID = re.compile(r"(.+ )?<[a-z0-9_-]+(\.[a-z0-9-]+)+>", re.IGNORECASE)
CLIPPED_AT = 102 * 1024


class Envelope(Protocol):
    mail_from: str
    rcpt_tos: list[str]


def check_wire(raw: bytes, envelope: Envelope) -> list[str]:
    """Every broken rule in words; nothing if the mail is as it must be."""
    head, _, body = raw.partition(b"\r\n\r\n")
    message = BytesParser(policy=policy.default).parsebytes(raw)
    lines = re.split(rb"\r\n(?![ \t])", head)
    found = [*octets(raw), *body_lines(body), *header_lines(lines)]
    if found:
        return found
    values = dict(named(line) for line in lines)
    return [
        *encoded_words(head.decode()),
        *addresses(message, envelope),
        *identity(message, values),
        *list_headers(values, envelope),
        *structure(message),
        *contents(message, values),
    ]


def named(line: bytes) -> tuple[str, str]:
    """The name in lower case and the value, unfolded where readers may be trusted to unfold."""
    name, _, value = line.decode().partition(":")
    raw = name.lower() in ("list-unsubscribe", "list-unsubscribe-post", "message-id")
    return name.lower(), value.strip() if raw else value.replace("\r\n", "").strip()


def octets(raw: bytes) -> Iterator[str]:
    if not raw.isascii():
        yield "It is not pure ASCII."
    if b"\0" in raw:
        yield "It holds a NUL."
    if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        yield "It holds a bare CR or LF."
    if any(len(line) > 998 for line in raw.split(b"\r\n")):
        yield "A line is longer than 998 octets."


def body_lines(body: bytes) -> Iterator[str]:
    if any(len(line) > 76 for line in body.split(b"\r\n")):
        yield "A line of the body is longer than 76 octets."
    if any(line.startswith(b".") for line in body.split(b"\r\n")):
        yield "A line of the body begins with a dot."


def header_lines(lines: list[bytes]) -> Iterator[str]:
    names = [line.partition(b":")[0] for line in lines]
    seen = [name.decode("ascii", "replace").lower() for name in names]
    yield from (f"{name!r} cannot be the name of a header." for name in names if not HEADER_NAME.fullmatch(name))
    yield from (f"{name} is missing." for name in (*ONCE, *ONCE_IN_LISTS) if name.lower() not in seen)
    yield from (f"{name} is there twice." for name in set(seen) - MAY_REPEAT if seen.count(name) > 1)
    for line in lines:
        value = line.partition(b":")[2].replace(b"\r\n", b"")
        if re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", value):
            yield f"A control character is in {line[:30]!r}."


def encoded_words(head: str) -> Iterator[str]:
    for line in head.split("\r\n"):
        if "=?" in line and len(line) > 76:
            yield f"A line with an encoded word is longer than 76 characters: {line}"
    for word in re.findall(r"=\?\S*", head):
        if not ENCODED_WORD.fullmatch(word.rstrip(",;>")) or len(word) > 75:
            yield f"This is no encoded word: {word}"


def addresses(message: EmailMessage, envelope: Envelope) -> Iterator[str]:
    for name in ("From", "To", "Reply-To"):
        header = message[name]
        if header is None:
            continue
        if not isinstance(header, AddressHeader) or len(header.addresses) != 1:
            yield f"{name} is not one mailbox: {header}"
            continue
        address = header.addresses[0]
        if header.defects:
            yield f"{name} is malformed: {header.defects}"
        if not DOMAIN.fullmatch(address.domain) or not address.addr_spec.isascii() or "=?" in address.addr_spec:
            yield f"{name} has an address that cannot be mailed: {address.addr_spec}"
    if [address.addr_spec for address in message["To"].addresses] != envelope.rcpt_tos:
        yield f"It is addressed to {message['To']} and was handed over for {envelope.rcpt_tos}."
    if not DOMAIN.fullmatch(envelope.mail_from.rpartition("@")[2]):
        yield f"The envelope's sender cannot be mailed: {envelope.mail_from}"


def identity(message: EmailMessage, values: dict[str, str]) -> Iterator[str]:
    domain = message["From"].addresses[0].domain
    if not re.fullmatch(rf"<[^<>@\s]+@{re.escape(domain)}>", values["message-id"]):
        yield f"The Message-ID is not of the sender's domain: {values['message-id']}"
    if parsedate_to_datetime(values["date"]).tzinfo is None:
        yield f"The date has no time zone: {values['date']}"
    if not str(message["Subject"]).strip():
        yield "The subject is empty."
    if "auto-submitted" in values:
        yield "A campaign mail is not automatic mail."


def list_headers(values: dict[str, str], envelope: Envelope) -> Iterator[str]:
    if not UNSUBSCRIBE.fullmatch(values["list-unsubscribe"]):
        yield f"List-Unsubscribe is folded, encoded or malformed: {values['list-unsubscribe']!r}"
    if values["list-unsubscribe-post"] != "List-Unsubscribe=One-Click":
        yield f"List-Unsubscribe-Post is {values['list-unsubscribe-post']!r}."
    if not LIST_ID.fullmatch(values["list-id"]):
        yield f"List-Id is malformed: {values['list-id']}"
    if values["precedence"] != "bulk":
        yield f"Precedence is {values['precedence']}."
    feedback = values["feedback-id"].split(":")
    if (
        len(feedback) != 4
        or not all(feedback)
        or any(address in values["feedback-id"] for address in envelope.rcpt_tos)
    ):
        yield f"Feedback-ID is malformed: {values['feedback-id']}"


def structure(message: EmailMessage) -> Iterator[str]:
    parts = list(message.iter_parts()) if message.is_multipart() else []
    kinds = [part.get_content_type() for part in parts]
    if message.get_content_type() != "multipart/alternative" or kinds != ["text/plain", "text/html"]:
        yield f"It is not text and HTML as alternatives: {message.get_content_type()} of {kinds}"
    for part in message.walk():
        if part.defects:
            yield f"A part is malformed: {part.defects}"
    for part in parts:
        if part.get_content_charset() != "utf-8" or part["Content-Transfer-Encoding"] != "quoted-printable":
            yield f"{part.get_content_type()} is not UTF-8 in quoted-printable."


def contents(message: EmailMessage, values: dict[str, str]) -> Iterator[str]:
    try:
        text, html = (decoded(part) for part in message.iter_parts())
    except (UnicodeDecodeError, ValueError) as error:
        yield f"A part cannot be read: {error}"
        return
    link = UNSUBSCRIBE.fullmatch(values["list-unsubscribe"])
    if not text.strip():
        yield "The text is empty."
    if len(html.encode()) > CLIPPED_AT:
        yield "The HTML is larger than 102 KB."
    if not link or link[1] not in text:
        yield "The text has no unsubscribe link."
    if not link or link[1] not in [unescape(address) for address in re.findall(r'<a\b[^>]*\bhref="([^"]*)"', html)]:
        yield "The HTML has no unsubscribe link."


def decoded(part: EmailMessage) -> str:
    return quopri.decodestring(part.get_payload().encode("ascii")).decode("utf-8")
