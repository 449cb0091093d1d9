"""A mail that is merged from encoded segments reads as if Django had rendered all of it."""

from __future__ import annotations

import re
from email import policy
from email.parser import BytesParser
from html import escape

import pytest
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.composition.compile import Compiled
from campaigns.composition.merge import CannotCompose, merge
from campaigns.composition.origin import Origin
from campaigns.composition.placeholders import parse
from campaigns.composition.press import Press
from campaigns.composition.quoted import quoted_each, unquoted
from campaigns.composition.recipient import Recipient
from campaigns.composition.sendable import CampaignMessage
from campaigns.composition.texts import Text

ORIGIN = Origin("news@example.org", "news@example.org", {"From": "Harbour Library <news@example.org>"})
OWN = {"To": "ann@example.net", "Date": "Sat, 06 Jun 2026 10:00:00 +0000"}

FIELDS = ("town", "company", "points")
PARTS = [
    *(f"{{{{ {field}{rest} }}}}" for field in FIELDS for rest in ("", "|upper", "|title", "|capfirst|lower")),
    '{{ town|default:"friend & co" }}',
    '{{ town|default:"<b>ä</b>" }}',
    "{{ town|default:company|truncatechars:7 }}",
    "{{ company|urlencode }}",
    "{{ nobody }}",
    "{% if town %}{{ town }}\n\n{% endif %}",
    "{% if points > 100 %}gold{% elif points == 7 %}\n\nseven\n{% else %}\n{% endif %}",
    '{% if town == "Ann" and not company %} Ann {% else %}{% if company %}.{{ company }}{% endif %}{% endif %}',
    '{% if "x" in town or points <= "3" %}\n.few = 3D\n{% endif %}',
]
CONSTANTS = ["\n", "\n\n", " ", "\t\n ", ".", "\n.", "..", "=", "=3D", "a ", "Grüße ", "مرحبا", "x" * 75, "." * 90]
WORDS = st.text("a.= \n\t<ä", max_size=90)
SOURCES = st.lists(st.sampled_from([*PARTS, *CONSTANTS]) | WORDS, max_size=12).map("".join)
NASTY = [
    *("", " ", ".", "..\n.", "Ann", "7", "1000", "a\r\nb\rc\n\n\n\nd", "\0", 'Doe, "Jane" <&\'>', "=\n=", " \n \n "),
    *("\n\n\n", "x" * 76, "x" * 75 + " y", "." * 200, "é" * 3000, "x " * 5000, "\u202eliam\u202c مرحبا", "a\tb \t"),
    "👩‍👩‍👧\u2028\u0085",
]
VALUES = st.text(max_size=100) | st.sampled_from(NASTY)
UNWANTED = re.compile(r"[^\t\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NOBODY = dict.fromkeys(("nobody", *FIELDS), Text())
PEOPLE = st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, VALUES))


def rendered(compiled: Compiled, values: dict[str, str]) -> list[str]:
    """Subject, text and HTML as Django renders them, with the controls that no mail may hold taken out."""
    clean = {name: Text(UNWANTED.sub(" ", newlines(value))) for name, value in values.items()}
    subject, text, html = (
        str(parse(source).render(Context(dict.fromkeys(("nobody", *FIELDS), "") | clean, autoescape=escape)))
        for source, escape in ((compiled.subject, False), (compiled.text, False), (compiled.html, True))
    )
    return [re.sub(r"[ \n\t]+", " ", subject).strip(), re.sub(r"\n([ \t]*\n){2,}", "\n\n", text), html]


def newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read(raw: bytes) -> list[str]:
    """The same from the bytes of a mail."""
    message = BytesParser(policy=policy.default).parsebytes(raw)
    text, html = (newlines(part.get_payload(decode=True).decode()) for part in message.iter_parts())
    return [str(message["Subject"]).strip(), text, html]


def serialised(subject: str, text: str, html: str) -> bytes:
    message = EmailMultiAlternatives(subject, text, "news@example.org", ["ann@example.net"])
    message.attach_alternative(html, "text/html")
    return message.message().as_bytes(linesep="\r\n")


def sent(compiled: Compiled, values: dict[str, str]) -> CampaignMessage:
    person = Recipient(7, "1@example.org", "ann@example.net", "Ann", "", "en", values)
    return Press(compiled, ORIGIN).print_for(person)


@settings(max_examples=150)
@given(subject=SOURCES, text=SOURCES, html=SOURCES, values=PEOPLE)
def test_merging_gives_what_rendering_gives(subject: str, text: str, html: str, values: dict[str, str]) -> None:
    compiled = Compiled("en", f"To {subject}", f"<p>{html}</p>\n", f"Dear\n{text}\n")

    merged = merge(compiled, values)
    message = sent(compiled, values)

    assert [merged.subject, merged.text, merged.html] == rendered(compiled, values)
    expected = rendered(compiled, {field: value.strip() for field, value in values.items()})
    assert read(message.wire) == read(serialised(*expected)) == expected
    assert [message.subject, message.body, message.html] == expected
    assert message.alternatives == [(message.html, "text/html")]
    sealed, opened = message.message(), message.message()
    assert opened.is_multipart()
    assert sealed.as_bytes(linesep="\r\n") == opened.as_bytes(linesep="\r\n") == message.wire
    assert_fit_for_the_wire(message.wire)


BLANKS = [" ", "\n", "\n\n", "\t\n ", "a", "\n\nb\n\n", "{{ town }}", "{{ company }}", "{{ town|upper }}"]
GAPPY = st.recursive(
    st.lists(st.sampled_from(BLANKS), max_size=8).map("".join),
    lambda inner: st.builds("{0}{{% if town %}}{1}{{% else %}}{2}{{% endif %}}{0}".format, inner, inner, inner),
)
SHORT = st.sampled_from(["", "Ann", "x" * 80, ".", "<"])


@settings(max_examples=200)
@given(text=GAPPY, town=SHORT, company=SHORT)
def test_nothing_that_is_empty_leaves_more_than_one_empty_line(text: str, town: str, company: str) -> None:
    compiled = Compiled("en", "x", "x", f"Dear\n{text}\n-- ")
    values = {"town": town, "company": company}

    message = sent(compiled, values)

    assert message.body == rendered(compiled, values)[1]
    assert "\n\n\n" not in message.body
    assert_fit_for_the_wire(message.wire)


def assert_fit_for_the_wire(raw: bytes) -> None:
    assert raw.isascii()
    assert not re.search(rb"[\0-\x08\x0b-\x1f\x7f]", raw.replace(b"\r\n", b""))
    body = raw.partition(b"\r\n\r\n")[2].split(b"\r\n")
    assert [line for line in body if len(line) > 76 or line.startswith(b".") or line.endswith((b" ", b"\t"))] == []


@given(st.lists(VALUES | WORDS))
def test_texts_are_encoded_at_once_as_one_by_one(texts: list[str]) -> None:
    texts = [newlines(text).replace("\0", "") for text in texts]

    as_text, as_html = quoted_each(texts)

    assert [unquoted(one) for one in as_text] == texts
    assert [unquoted(one) for one in as_html] == [escape(text) for text in texts]
    for line in b"=\r\n".join([*as_text, *as_html]).split(b"\r\n"):
        assert len(line) <= 76
        assert not line.startswith(b".")
        assert not line.endswith((b" ", b"\t"))


def test_conditions_are_asked_for_each_person() -> None:
    compiled = Compiled("en", "x", "{% if points > 100 %}<b>{{ name }}</b>{% else %}nobody{% endif %}", "x")

    htmls = [merge(compiled, {"name": "A & B", "points": points}).html for points in ("1000", "99")]

    assert htmls == ["<b>A &amp; B</b>", "nobody"]


@pytest.mark.parametrize("source", ["{{ name }}" * 300, "x" * 200_000 + "{% if name %}{{ name }}{% endif %}" * 190])
def test_a_mail_that_becomes_too_large_fails_its_recipient_alone(source: str) -> None:
    compiled = Compiled("en", "x", source, "x")

    with pytest.raises(CannotCompose, match="too large"):
        merge(compiled, {"name": "x" * 10_000})
    assert merge(compiled, {"name": "Ann"}).html
