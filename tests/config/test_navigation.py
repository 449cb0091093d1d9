"""The admin's navigation leads somewhere."""

from django.contrib.auth.models import User
from django.test import Client

from config.unfold import navigation
from subscribers.models import Subscriber


def test_every_entry_of_the_navigation_opens(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("ann"))

    links = [str(item["link"]) for group in navigation(mailbox=False) for item in group["items"]]

    assert len(links) > 10
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_the_mailbox_is_offered_only_where_mail_is_caught() -> None:
    with_mailbox, without = (
        [str(item["link"]) for group in navigation(mailbox=mailbox) for item in group["items"]]
        for mailbox in (True, False)
    )

    assert set(with_mailbox) - set(without) == {"/admin/mailbox/"}


def test_where_one_is_spells_an_address_as_it_is(client: Client, db: None) -> None:
    client.force_login(User.objects.create_superuser("ann"))
    bob = Subscriber.objects.create(email="bob@example.org")

    page = client.get(f"/admin/subscribers/subscriber/{bob.pk}/change/").content.decode()

    assert "<bdi>bob@example.org</bdi>" in page
    assert "Bob@example.org" not in page
