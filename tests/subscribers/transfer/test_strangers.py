"""A chunk that follows people who were all new is written without asking who is known: nobody slips through."""

import pytest
from django.db import connection

from subscribers.models import ConsentRecord, MailingList, Subscriber, Subscription, Suppression, Tag
from subscribers.transfer import importing
from tests.subscribers.transfer.files import import_people

pytestmark = pytest.mark.django_db
NEW = [f"person{at}@example.org" for at in range(6)]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK", 2)


def text_of(*emails: str) -> bytes:
    return "\n".join(["Email,First name", *(f"{email},Ann" for email in emails)]).encode()


def test_somebody_known_is_updated(news: MailingList) -> None:
    Subscriber.objects.create(email="bob@example.org")

    done = import_people(text_of(*NEW[:4], "bob@example.org", *NEW[4:]), news, name="people.csv")

    assert done.counts == {"new": 6, "updated": 1, "enrolled": 7}
    assert Subscriber.objects.get(email="bob@example.org").first_name == "Ann"
    assert Subscription.objects.count() == ConsentRecord.objects.count() == 7


def test_an_address_that_is_suppressed_stays_out(news: MailingList) -> None:
    Suppression.objects.add("bob@example.org", Suppression.Reason.COMPLAINED)

    done = import_people(text_of(*NEW[:4], "bob@example.org", *NEW[4:]), news, name="people.csv")

    assert done.counts == {"new": 6, "suppressed": 1, "enrolled": 6}
    assert not Subscriber.objects.filter(email="bob@example.org").exists()
    assert Subscription.objects.count() == ConsentRecord.objects.count() == 6


def test_a_domain_that_is_suppressed_stays_out(news: MailingList) -> None:
    Suppression.objects.create(domain="*.example.net", reason=Suppression.Reason.MANUAL)

    done = import_people(text_of(*NEW[:4], "bob@mail.example.net", *NEW[4:]), news, name="people.csv")

    assert done.counts == {"new": 6, "suppressed": 1, "enrolled": 6}
    assert not Subscriber.objects.filter(email="bob@mail.example.net").exists()


def test_everybody_gets_the_tag_of_the_import(news: MailingList) -> None:
    stand = Tag.objects.create(name="stand")
    Subscriber.objects.create(email="bob@example.org")

    import_people(text_of(*NEW, "bob@example.org"), news, name="people.csv", tags=[stand])

    assert stand.subscribers.count() == 7


def test_a_backslash_arrives_as_it_is(news: MailingList) -> None:
    rows = "\n".join(["Email,First name,Note", *(f'{email},A\\n,\\t “\\” ""' for email in NEW)])

    import_people(
        rows.encode(), news, name="people.csv", mapping={"0": "email", "1": "first_name", "2": "attribute:note"}
    )

    assert set(Subscriber.objects.values_list("first_name", "attributes__note")) == {("A\\n", '\\t “\\” ""')}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes for one at a time")
def test_keys_that_others_took_in_between_are_nobodys(news: MailingList) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE subscribers_subscriber_id_seq INCREMENT BY 3")

    done = import_people(text_of(*NEW), news, name="people.csv", tags=["stand"])

    assert done.counts == {"new": 6, "enrolled": 6}
    keys = sorted(Subscriber.objects.values_list("pk", flat=True))
    assert keys == list(range(keys[0], keys[0] + 3 * 6, 3))
    for links in (Subscription.objects, ConsentRecord.objects, Subscriber.tags.through.objects):
        assert sorted(links.values_list("subscriber", flat=True)) == keys
