"""What Django's own functions write into the queue."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.mail import BadHeaderError, EmailMultiAlternatives, get_connection, send_mail, send_mass_mail
from django.core.management import call_command
from django.db import transaction

from campaigns.models import Delivery, Message
from tests.campaigns.outgoing import post
from tests.catcher import Catcher


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_sent(catcher: Catcher) -> None:
    with transaction.atomic():
        send_mail("Order 7", "Thank you", None, ["ann@example.org"])
        transaction.set_rollback(True)

    post.leave()

    assert (Message.objects.count(), Delivery.objects.count()) == (0, 0)
    assert catcher.mails == []


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_is_sent_once(catcher: Catcher) -> None:
    with transaction.atomic():
        assert send_mail("Order 7", "Thank you", None, ["ann@example.org"]) == 1
        assert catcher.mails == []

    post.leave()
    post.leave()

    (caught,) = catcher.mails
    assert (caught.mail_from, caught.recipient) == ("desk@example.org", "ann@example.org")
    assert caught.message["Subject"] == "Order 7"
    assert post.outcomes() == {"sent": 1}


@pytest.mark.django_db
class TestWhatDjangoPromises:
    def test_the_number_of_mails_that_will_be_sent(self) -> None:
        assert send_mail("One", "", None, ["ann@example.org"]) == 1
        assert send_mass_mail([("One", "", None, ["ann@example.org"]), ("Two", "", None, ["bob@example.org"])]) == 2
        assert send_mail("Nobody", "", None, []) == 0
        assert get_connection().send_messages([]) in {0, None}

    def test_the_test_mail_of_django_arrives(self, catcher: Catcher) -> None:
        call_command("sendtestemail", "ann@example.org")
        post.leave()

        assert [caught.recipient for caught in catcher.mails] == ["ann@example.org"]

    @pytest.mark.parametrize(
        "facts",
        [
            {"subject": "Hello\nBcc: eve@example.org"},
            {"from_email": "desk@example.org\nBcc: eve@example.org"},
            {"headers": {"X-Order": "7\r\nBcc: eve@example.org"}},
            {"headers": {"X-Order: 7\nBcc": "eve@example.org"}},
            {"headers": {"X-Order": "7\0"}},
        ],
    )
    def test_a_header_that_would_be_two_is_an_error(self, facts: dict[str, object], catcher: Catcher) -> None:
        with pytest.raises(BadHeaderError):
            post.letter(**facts).send()
        assert post.letter(**facts).send(fail_silently=True) == 0

        post.leave()

        assert catcher.mails == []
        assert post.outcomes() == {"failed": 2}

    def test_a_mail_that_no_database_can_hold_is_an_error_of_its_own(self, catcher: Catcher) -> None:
        with pytest.raises(ValueError, match="NUL"):
            post.letter(body="a\0b").send()
        with pytest.raises(ValueError, match="surrogates"):
            post.letter(body="a\ud800b").send()
        post.letter("Fine").send()
        post.leave()

        assert [caught.message["Subject"] for caught in catcher.mails] == ["Fine"]

    def test_a_sender_that_is_no_address_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="Foo <>"):
            post.letter(from_email="Foo <>").send()

    def test_a_priority_that_does_not_exist_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="urgent"):
            post.letter(headers={"Broadsheet-Priority": "urgent"}).send()


@pytest.mark.django_db
def test_a_poisoned_mail_fails_alone_and_is_named(catcher: Catcher) -> None:
    poisoned = [post.letter("Poison", "Foo <>"), post.letter("Poi\nson", "bob@example.org")]
    good = [post.letter("One"), post.letter("Two")]

    sent = get_connection(fail_silently=True).send_messages([good[0], *poisoned, good[1]])
    post.leave()

    assert sent == 2
    assert sorted(caught.message["Subject"] for caught in catcher.mails) == ["One", "Two"]
    failed = {one.email: one.reason for one in Delivery.objects.filter(status="failed")}
    assert failed["Foo <>"] == "“Foo <>” is no address: There is no @ in it."
    assert "BadHeaderError" in failed["bob@example.org"]


@pytest.mark.django_db
def test_an_error_is_raised_after_the_other_mails_were_kept(catcher: Catcher) -> None:
    with pytest.raises(BadHeaderError):
        get_connection().send_messages([post.letter("One"), post.letter("Poi\nson"), post.letter("Two")])
    post.leave()

    assert sorted(caught.message["Subject"] for caught in catcher.mails) == ["One", "Two"]


@pytest.mark.django_db
def test_one_wrong_recipient_does_not_keep_a_mail_from_the_others(catcher: Catcher) -> None:
    letter = post.letter("Hello", "ann@example.org", "Foo <>", "Bob <bob@example.org>", bcc=["a\0b", "x\ny"])

    assert letter.send() == 1
    post.leave()

    assert sorted(caught.recipient for caught in catcher.mails) == ["ann@example.org", "bob@example.org"]
    assert post.outcomes() == {"sent": 2, "failed": 3}


@pytest.mark.django_db
def test_somebody_who_is_named_twice_gets_one_copy(catcher: Catcher) -> None:
    message = EmailMultiAlternatives("Hello", "", None, ["ann@example.org"], cc=["Ann <ANN@example.org>"])
    message.send()
    post.leave()

    assert [caught.recipient for caught in catcher.mails] == ["ann@example.org"]


@pytest.mark.django_db
def test_a_host_without_a_domain_gets_mail_too(catcher: Catcher) -> None:
    post.letter("Cron", "root@localhost").send()
    post.leave()

    assert [caught.recipient for caught in catcher.mails] == ["root@localhost"]


@pytest.mark.django_db
def test_each_content_is_stored_once(tmp_path: Path) -> None:
    for _order in range(3):
        order = post.letter("Order")
        order.attach("terms.pdf", b"the same for everybody", "application/pdf")
        order.attach("copy.pdf", b"the same for everybody", "application/pdf")
        order.send()

    assert len(list((tmp_path / "attached").iterdir())) == 1
