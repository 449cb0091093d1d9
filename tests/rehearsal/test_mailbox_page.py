"""The Mailbox page shows caught mails to staff, and nothing of a mail runs in the admin."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from campaigns.rehearsal.mailbox import Mailbox

pytestmark = pytest.mark.django_db
HOSTILE = (
    '<html lang="de"><head><title>x</title></head><body onload="steal()"><script>steal()</script>Hallo</body></html>'
)


@pytest.fixture
def mailbox(tmp_path: Path, settings: object) -> Mailbox:
    settings.MAILBOX_DIR = tmp_path  # type: ignore[attr-defined]
    return Mailbox(tmp_path)


def keep(mailbox: Mailbox, name: str = "Ann", subject: str = "Hello", html: str = HOSTILE) -> int:
    address = f"{name.lower()}@example.org"
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "letter@example.org", f"{name} <{address}>", subject
    message.set_content("In plain words")
    message.add_alternative(html, subtype="html")
    return mailbox.keep(message.as_bytes(), mail_from="letter@example.org", rcpt_tos=[address]).number


def test_the_inbox_shows_the_newest_mail_first(admin_client: Client, mailbox: Mailbox) -> None:
    keep(mailbox, "Ann")
    keep(mailbox, "Bob")

    page = admin_client.get("/admin/mailbox/").content.decode()

    assert page.index("Bob") < page.index("Ann")


def test_the_inbox_is_searched_and_narrowed_to_a_language(admin_client: Client, mailbox: Mailbox) -> None:
    keep(mailbox, "Ann", subject="Winter")
    keep(mailbox, "Bob", subject="Summer")
    keep(mailbox, "Alice", subject="Winter", html="<html lang=en>")

    page = admin_client.get("/admin/mailbox/", {"q": "winter", "language": "de"}).content.decode()

    assert "Ann" in page
    assert "Bob" not in page
    assert "Alice" not in page


def test_a_large_mailbox_comes_in_pages(admin_client: Client, mailbox: Mailbox) -> None:
    for number in range(45):
        keep(mailbox, f"Reader{number}x")

    second = admin_client.get("/admin/mailbox/", {"page": 2}).content.decode()

    assert "Reader4x" in second
    assert "Reader5x" not in second


@pytest.mark.parametrize(
    ("way", "words"), [("text", "In plain words"), ("headers", "Subject"), ("source", "Content-Type: multipart")]
)
def test_an_opened_mail_can_be_looked_at_in_every_way(
    admin_client: Client, mailbox: Mailbox, way: str, words: str
) -> None:
    number = keep(mailbox)

    page = admin_client.get(f"/admin/mailbox/{number}", {"show": way}).content.decode()

    assert words in page


def test_the_html_of_a_mail_never_stands_in_a_page_of_the_admin(admin_client: Client, mailbox: Mailbox) -> None:
    number = keep(mailbox)

    for way in ("html", "text", "headers", "source", "nonsense"):
        page = admin_client.get(f"/admin/mailbox/{number}", {"show": way}).content.decode()
        assert "<script>steal()" not in page
        assert 'onload="steal()"' not in page


def test_the_frame_of_a_mail_may_do_nothing(admin_client: Client, mailbox: Mailbox) -> None:
    number = keep(mailbox)

    frame = admin_client.get(f"/admin/mailbox/{number}/html")

    policy = frame.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox;")
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert b'<head><base target="_blank">' in frame.content


def test_a_hostile_subject_is_only_text(admin_client: Client, mailbox: Mailbox) -> None:
    keep(mailbox, subject="<img src=x onerror=steal()>")

    page = admin_client.get("/admin/mailbox/").content.decode()

    assert "<img src=x" not in page


def test_the_bytes_are_downloaded_as_they_came(admin_client: Client, mailbox: Mailbox) -> None:
    number = keep(mailbox)

    answer = admin_client.get(f"/admin/mailbox/{number}.eml")

    assert answer.content == mailbox.content(number)
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_mail_that_is_not_there_is_not_found(admin_client: Client, mailbox: Mailbox) -> None:
    keep(mailbox)

    for path in ("2", "2/html", "2.eml"):
        assert admin_client.get(f"/admin/mailbox/{path}").status_code == 404


def test_without_a_catcher_there_is_no_mailbox(admin_client: Client, settings: object) -> None:
    settings.MAILBOX_DIR = None  # type: ignore[attr-defined]

    assert admin_client.get("/admin/mailbox/").status_code == 404


def test_strangers_are_sent_to_the_log_in(client: Client, mailbox: Mailbox) -> None:
    keep(mailbox)

    for path in ("", "1", "1/html", "1.eml"):
        answer = client.get(f"/admin/mailbox/{path}")
        assert answer.status_code == 302
        assert "/admin/login/" in answer.headers["Location"]


def test_staff_need_the_permission_to_see_mails(client: Client, mailbox: Mailbox) -> None:
    keep(mailbox)
    bob = User.objects.create_user("bob", is_staff=True)
    client.force_login(bob)
    assert client.get("/admin/mailbox/1").status_code == 403

    bob.user_permissions.add(Permission.objects.get(codename="view_delivery"))

    assert client.get("/admin/mailbox/1").status_code == 200


def test_nothing_is_changed_by_a_post(admin_client: Client, mailbox: Mailbox) -> None:
    keep(mailbox)

    for path in ("", "1", "1/html", "1.eml"):
        assert admin_client.post(f"/admin/mailbox/{path}").status_code == 405
