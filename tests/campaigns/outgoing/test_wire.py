"""What of a mail of the application stands on the wire."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, send_mail
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Delivery, Message
from tests.campaigns.outgoing import post
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def caught(catcher: Catcher) -> Parsed:
    post.leave()
    assert len({mail.content for mail in catcher.mails}) == 1
    return catcher.mails[0].message


def plain(part: Parsed) -> str:
    return part.get_content().replace("\r\n", "\n")


def test_no_template_engine_sees_it(catcher: Catcher) -> None:
    body = "{{ x }} {% nope %} {{ settings.SECRET_KEY }} {# gone? #} {% if a < b %}"

    send_mail("{{ x }} {% nope %}", body, None, ["ann@example.org"], html_message=f"<p>{body}</p>")
    mail = caught(catcher)

    assert mail["Subject"] == "{{ x }} {% nope %}"
    text, html = mail.iter_parts()
    assert plain(text) == body
    assert plain(html) == f"<p>{body}</p>"
    assert b"{{ x }} {% nope %}" in catcher.mails[0].content


def test_bcc_is_nowhere_on_the_wire(catcher: Catcher) -> None:
    mail = EmailMessage(
        "Hello",
        "Text",
        to=["ann@example.org"],
        cc=["Bob <bob@example.org>"],
        bcc=["carl@example.org"],
        headers={"bcc": "dora@example.org"},
    )
    mail.send()
    post.leave()

    assert sorted(one.recipient for one in catcher.mails) == ["ann@example.org", "bob@example.org", "carl@example.org"]
    for one in catcher.mails:
        assert (one.message["To"], one.message["Cc"]) == ("ann@example.org", "Bob <bob@example.org>")
        assert b"carl" not in one.content
        assert b"dora" not in one.content


def test_two_attachments_of_the_same_name_arrive_and_so_do_a_picture_and_a_mail(catcher: Catcher) -> None:
    forwarded = EmailMessage("Inner é", "Inner text é", "bob@example.org", ["ann@example.org"])
    picture = MIMEImage(PICTURE)
    picture.add_header("Content-ID", "<logo>")
    picture.add_header("Content-Disposition", "inline", filename="logo.png")
    mail = EmailMultiAlternatives("Papers", "See <logo>", to=["ann@example.org"])
    mail.attach_alternative('<img src="cid:logo">', "text/html")
    mail.attach("terms.txt", "first é\n", "text/plain")
    mail.attach("terms.txt", "second é\n", "text/plain")
    mail.attach("Übersicht.bin", PICTURE, "application/octet-stream")
    mail.attach(picture)
    mail.attach("forwarded.eml", forwarded, "message/rfc822")

    mail.send()
    parsed = caught(catcher)

    alternatives, first, second, octets, logo, inner = parsed.iter_parts()
    assert [part.get_content_type() for part in alternatives.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_filename() for part in (first, second, octets)] == ["terms.txt", "terms.txt", "Übersicht.bin"]
    assert [plain(first), plain(second)] == ["first é\n", "second é\n"]
    assert octets.get_content() == logo.get_content() == PICTURE
    assert (logo["Content-ID"], logo.get_content_disposition()) == ("<logo>", "inline")
    assert inner.get_content()["Subject"] == "Inner é"
    assert plain(inner.get_content()).strip() == "Inner text é"


def test_it_is_pure_ascii_in_short_lines(catcher: Catcher) -> None:
    mail = EmailMultiAlternatives("Grüße", "naïve\r\n.\r\nüber " + "ß" * 2000, to=["Jörg <joerg@bücher.example>"])
    mail.attach_alternative("<p>" + "é" * 5000 + "</p>", "text/html")
    mail.attach("long.txt", "x" * 5000, "text/plain")

    mail.send()
    parsed = caught(catcher)

    (one,) = catcher.mails
    assert one.recipient == "joerg@xn--bcher-kva.example"
    assert one.content.isascii()
    assert max(map(len, one.content.split(b"\r\n"))) <= 78
    assert b"8bit" not in one.content
    text = next(next(parsed.iter_parts()).iter_parts())
    assert plain(text) == "naïve\n.\nüber " + "ß" * 2000


def test_all_copies_and_all_tries_are_the_same_mail(catcher: Catcher) -> None:
    catcher.defer("bob@example.org", times=1)
    EmailMessage("Hello", "Text", "Desk <desk@example.net>", ["ann@example.org", "bob@example.org"]).send()
    post.leave()
    post.let_time_pass()
    post.leave()

    first, second = (mail.message for mail in catcher.mails)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].endswith("@example.net>")
    assert first["Date"] == second["Date"]
    assert {f"<{one.message_id}>" for one in Delivery.objects.all()} == {first["Message-ID"]}


def test_headers_of_the_author_are_his(catcher: Catcher) -> None:
    headers = {
        "Message-ID": "<order-7@shop.example>",
        "Date": "Sat, 21 Nov 2026 10:00:00 +0000",
        "From": "Shop <shop@example.net>",
        "To": "undisclosed-recipients:;",
        "Broadsheet-Priority": "low",
        "X-Order": "7",
    }
    EmailMessage("Hello", "", "bounces@example.net", bcc=["ann@example.org"], headers=headers).send()
    mail = caught(catcher)

    assert catcher.mails[0].mail_from == "bounces@example.net"
    assert {name: mail[name] for name in headers} == headers | {"Broadsheet-Priority": None}
    assert [len(mail.get_all(name)) for name in ("From", "To", "Date", "Message-ID")] == [1, 1, 1, 1]


class Signed(EmailMessage):
    """Makes its bytes itself, as classes that sign or encrypt do."""

    def message(self):
        made = MIMEMultipart("signed", protocol="application/pgp-signature")
        made.attach(MIMEText("These bytes are signed.", "plain", "us-ascii"))
        for name, value in (("Subject", self.subject), ("To", ", ".join(self.to)), ("Bcc", ", ".join(self.bcc))):
            made[name] = value
        return made


def test_a_mail_that_makes_its_own_bytes_keeps_them(catcher: Catcher) -> None:
    Signed("Signed", "", "ann@example.org", ["bob@example.org"], bcc=["carl@example.org"]).send()
    mail = caught(catcher)

    assert mail.get_content_type() == "multipart/signed"
    assert "These bytes are signed." in plain(next(mail.iter_parts()))
    assert b"carl" not in catcher.mails[0].content


def test_bytes_as_an_alternative_arrive(catcher: Catcher) -> None:
    mail = EmailMultiAlternatives("Hello", "Text é", to=["ann@example.org"])
    mail.attach_alternative(PICTURE, "application/x-pixels")
    mail.send()

    _text, pixels = caught(catcher).iter_parts()
    assert pixels.get_content() == PICTURE


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(subject=words, text=words, html=words, name=st.text(st.sampled_from('aé ",;<>()'), max_size=20))
def test_it_reads_as_django_would_have_sent_it(subject: str, text: str, html: str, name: str) -> None:
    subject = " ".join(subject.split())
    mail = EmailMultiAlternatives(subject, text, "desk@example.org", ["ann@example.org"])
    mail.attach_alternative(html, "text/html")
    mail.attach(f"{name}.txt", text, "text/plain")
    expected = message_from_bytes(mail.message().as_bytes(), policy=policy.compat32)
    mail.send()

    sent = message_from_bytes(restored_bytes(), policy=policy.compat32)

    assert shape(sent) == shape(expected)


def restored_bytes() -> bytes:
    from campaigns.composition.stored import restored  # noqa: PLC0415

    return restored(Message.objects.latest("pk")).content


def shape(message: object) -> list[tuple[object, ...]]:
    def normal(part: object) -> object:
        payload = part.get_payload(decode=True)
        return b"\n".join(payload.splitlines()) if payload is not None else None

    return [
        (part.get_content_type(), part["Subject"], part["To"], part.get_filename(), normal(part))
        for part in message.walk()
    ]
