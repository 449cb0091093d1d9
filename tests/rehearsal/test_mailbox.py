"""Caught mails are kept as they came, and found again."""

import json
from email.message import EmailMessage
from pathlib import Path

from campaigns.rehearsal.mailbox import Mailbox, body, parsed


def mail(*, to: str = "Chloé Aubert <chloe@example.org>", subject: str = "Grüße", html: str = "") -> bytes:
    message = EmailMessage()
    message["From"] = '"Lantern Books" <letter@example.org>'
    message["To"] = to
    message["Subject"] = subject
    message.set_content("Bonjour")
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


def keep(mailbox: Mailbox, content: bytes, to: str = "chloe@example.org") -> int:
    return mailbox.keep(content, mail_from="b+1@example.org", rcpt_tos=[to]).number


def test_a_mail_is_kept_byte_for_byte_with_its_envelope(tmp_path: Path) -> None:
    content = mail()

    number = keep(Mailbox(tmp_path), content)

    (entry,) = Mailbox(tmp_path).entries()
    assert Mailbox(tmp_path).content(number) == content
    assert (entry.mail_from, entry.rcpt_tos) == ("b+1@example.org", ("chloe@example.org",))
    assert (entry.subject, entry.reader, entry.size) == ("Grüße", "Chloé Aubert", len(content))


def test_the_language_of_a_mail_is_the_one_it_declares(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)

    keep(mailbox, mail(html='<html dir="rtl" lang="ar"><body>…</body></html>'))
    keep(mailbox, mail())

    assert [entry.language for entry in mailbox.entries()] == ["ar", ""]


def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    first = keep(Mailbox(tmp_path), mail())

    second = keep(Mailbox(tmp_path), mail())

    assert (first, second) == (1, 2)


def test_a_line_that_is_still_being_written_is_no_mail_yet(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    keep(mailbox, mail())

    with mailbox.index.open("a") as index:
        index.write(json.dumps({"number": 2}))

    assert [entry.number for entry in mailbox.entries()] == [1]


def test_an_empty_folder_is_an_empty_mailbox(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "nothing yet")

    assert list(mailbox.entries()) == []
    assert mailbox.entry(1) is None


def test_words_are_found_in_names_addresses_and_subjects(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    keep(mailbox, mail())
    (entry,) = mailbox.entries()

    assert entry.holds("grüße chloé")
    assert entry.holds("CHLOE@example")
    assert entry.holds("")
    assert not entry.holds("chloé bob")


def test_a_mail_that_is_no_message_is_kept_all_the_same(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    nonsense = (
        b"To: \xff\xfe<<\r\nSubject: =?klingon?q?=FF?=\r\nContent-Type: text/html; charset=klingon\r\n\r\n\xff\xfe"
    )

    number = keep(mailbox, nonsense)

    assert mailbox.content(number) == nonsense
    assert body(parsed(nonsense), "html") == "ÿþ"
