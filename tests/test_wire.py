"""The judge is judged: each broken rule is seen."""

from dataclasses import dataclass, field

import pytest

from campaigns.composition.quoted import quoted
from campaigns.composition.wire import WireMessage
from tests.wire import check_wire

LINK = "https://example.org/u/abc"
HEADERS = {
    "Date": "Sat, 06 Jun 2026 10:00:00 +0000",
    "From": "Harbour Library <news@example.org>",
    "To": '"Doe, Jane" <jane@example.net>',
    "Subject": "=?utf-8?q?Gr=C3=BC=C3=9Fe?=",
    "Message-ID": "<1@example.org>",
    "List-Id": "News <news.example.org>",
    "List-Unsubscribe": f"<{LINK}>, <mailto:news@example.org?subject=unsubscribe-abc>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "Feedback-ID": "campaign-1:news:example.org:broadsheet",
    "Precedence": "bulk",
}
GOOD = WireMessage(HEADERS, quoted(f"Grüße\n{LINK}"), quoted(f'<p>Grüße <a href="{LINK}">leave</a></p>')).as_bytes(
    linesep="\r\n"
)


@dataclass
class Envelope:
    mail_from: str = "news@example.org"
    rcpt_tos: list[str] = field(default_factory=lambda: ["jane@example.net"])


def test_a_good_mail_breaks_no_rule() -> None:
    assert check_wire(GOOD, Envelope()) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"Gr=C3=BC=C3=9Fe\r\n", "Grüße\r\n".encode(), "not pure ASCII"),
        (b"Gr=C3=BC=C3=9Fe\r\n", b"\0\r\n", "NUL"),
        (b"Gr=C3=BC=C3=9Fe\r\n", b"a\nb\r\n", "bare CR or LF"),
        (b"Gr=C3=BC=C3=9Fe\r\n", b"a" * 77 + b"\r\n", "longer than 76"),
        (b"Gr=C3=BC=C3=9Fe\r\nhttps", b".\r\nhttps", "begins with a dot"),
        (b"Precedence: bulk", b"Precedence: " + b"x" * 1000, "longer than 998"),
        (b"Precedence: bulk\r\n", b"", "Precedence is missing"),
        (b"Precedence: bulk", b"Precedence: list", "Precedence is list"),
        (b"Precedence: bulk", b"Precedence: bulk\r\nSubject: x", "subject is there twice"),
        (b"Precedence: bulk", b"Precedence: bulk\r\nX Y: x", "cannot be the name of a header"),
        (b"Precedence: bulk", b"Precedence: bulk\r\nX: \x07", "control character"),
        (b"Precedence: bulk", b"Precedence: bulk\r\nAuto-Submitted: auto-generated", "not automatic mail"),
        (b'"Doe, Jane" <', b"Doe, Jane <", "To is not one mailbox"),
        (b"<jane@example.net>", b"<bob@example.net>", "handed over for"),
        (b"<jane@example.net>", b"<jane@=?utf-8?q?x?=>", ""),
        (b"<news@example.org>", b"<news@localhost>", "cannot be mailed"),
        (b"Gr=C3=BC=C3=9Fe?=", b"Gr=C3=BC=C3=9Fe" + b"x" * 60 + b"?=", "encoded word"),
        (b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", b"=?utf-8?x?Gr?=", "no encoded word"),
        (b"<1@example.org>", b"<1@localhost>", "Message-ID is not of the sender's domain"),
        (b">, <mailto", b">,\r\n <mailto", "List-Unsubscribe is folded"),
        (b"=One-Click", b"=one-click", "List-Unsubscribe-Post is"),
        (b"News <news.example.org>", b"News", "List-Id is malformed"),
        (b"campaign-1:news:", b"campaign-1:", "Feedback-ID is malformed"),
        (b"campaign-1:", b"jane@example.net:", "Feedback-ID is malformed"),
        (b"+0000", b"", "time zone"),
        (b"multipart/alternative", b"multipart/mixed", "not text and HTML as alternatives"),
        (b"text/plain", b"text/html", "not text and HTML as alternatives"),
        (b"quoted-printable\r\n\r\nGr", b"8bit\r\n\r\nGr", "not UTF-8 in quoted-printable"),
        (b"Gr=C3=BC=C3=9Fe\r\nhttps", b"Gr=FF\r\nhttps", "cannot be read"),
        (b"Gr=C3=BC=C3=9Fe\r\nhttps", b"ftp", "The text has no unsubscribe link"),
        (b"<a href", b"<b href", "The HTML has no unsubscribe link"),
        (b"</p>", b"x\r\n" * 60_000, "larger than 102 KB"),
    ],
)
def test_a_broken_rule_is_seen(old: bytes, new: bytes, words: str) -> None:
    assert GOOD.count(old)

    found = check_wire(GOOD.replace(old, new, 1), Envelope())

    assert any(words in problem for problem in found)


def test_a_mail_for_two_is_seen() -> None:
    assert check_wire(GOOD, Envelope(rcpt_tos=["jane@example.net", "bob@example.net"]))
