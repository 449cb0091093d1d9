"""Nobody's inbox can be filled by signing somebody up, and no network can sign up everybody."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from subscribers import tasks
from subscribers.models import ConsentRecord, SignUp
from tests.campaigns.outgoing.post import leave
from tests.catcher import Catcher
from tests.subscribers.sign_ups.moves import a_day_later, confirm, form, link_in, mailing_list, sign_up, work


@pytest.mark.django_db
def test_an_address_gets_one_mail_for_each_list_in_a_day(catcher: Catcher) -> None:
    form(mailing_list("News"), mailing_list("Tips"))

    answers = [sign_up(lists=["news"]), sign_up(lists=["news"]), sign_up(lists=["news", "tips"])]
    work()

    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert [list(each.mailing_lists.values_list("label", flat=True)) for each in SignUp.objects.order_by("pk")] == [
        ["news"],
        ["tips"],
    ]
    assert len(catcher.mails) == 2

    a_day_later()
    sign_up(lists=["news"])
    work()

    assert len(catcher.mails) == 3


@pytest.mark.django_db
def test_an_address_gets_three_mails_in_a_day(catcher: Catcher) -> None:
    names = ["A", "B", "C", "D", "E"]
    form(*(mailing_list(name) for name in names))

    for name in names:
        sign_up(lists=[name.lower()])
    work()

    assert len(catcher.mails) == 3
    assert SignUp.objects.count() == 3


@pytest.mark.django_db
def test_however_an_address_is_written_it_is_one(catcher: Catcher) -> None:
    form()

    for written in ("ann@example.org", "ANN@EXAMPLE.ORG", "Ann <ann@example.org>", " mailto:ann@example.org"):
        sign_up(written)
    work()

    assert len(catcher.mails) == 1


@pytest.mark.django_db
def test_a_network_address_is_stopped_after_some_and_others_go_on(settings: object) -> None:
    settings.SIGN_UPS_PER_NETWORK_ADDRESS = 5
    form()

    answers = [sign_up(f"person{number}@example.org") for number in range(20)]
    other = sign_up("carl@example.org", network="198.51.100.1")

    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 15
    assert answers[-1].headers["Retry-After"] == "3600"
    assert "in an hour" in answers[-1].content.decode()
    assert other.status_code == 200
    assert SignUp.objects.count() == 6


@pytest.mark.django_db
@pytest.mark.parametrize(
    "addresses",
    [
        [f"203.0.113.{number}" for number in range(12)],
        [f"::ffff:203.0.113.{number}" for number in range(12)],
        [f"2001:db8:1:{number:x}::1" for number in range(12)],
    ],
)
def test_a_neighbourhood_is_stopped_as_a_whole(settings: object, addresses: list[str]) -> None:
    settings.SIGN_UPS_PER_NETWORK = 7
    form()

    answers = [sign_up(f"a{at}@example.org", network=network).status_code for at, network in enumerate(addresses)]

    assert Counter(answers) == {200: 7, 429: 5}


@pytest.mark.django_db
def test_a_household_is_one_however_many_addresses_it_has(settings: object) -> None:
    settings.SIGN_UPS_PER_NETWORK_ADDRESS = 3
    form()

    answers = [sign_up(f"a{at}@example.org", network=f"2001:db8::{at:x}:1").status_code for at in range(8)]

    assert Counter(answers) == {200: 3, 429: 5}


@pytest.mark.django_db
def test_five_hundred_from_many_networks_make_one_mail(catcher: Catcher) -> None:
    form()

    answers = {sign_up(network=f"10.{number % 250}.{number // 250}.1").status_code for number in range(500)}
    work()

    assert answers == {200}
    assert len(catcher.mails) == 1


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_five_hundred_at_the_same_moment_make_one_mail(catcher: Catcher) -> None:
    form(mailing_list("News"), mailing_list("Tips"))

    def ask(number: int) -> int:
        try:
            return sign_up(network=f"10.{number % 250}.{number // 250}.1", lists=["news", "tips"]).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as threads:
        answers = Counter(threads.map(ask, range(500)))
    work()

    assert answers == {200: 500}
    assert SignUp.objects.count() == 1
    assert len(catcher.mails) == 1


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_workers_and_two_buttons_at_once_do_it_once(catcher: Catcher) -> None:
    form()
    for number in range(8):
        sign_up(f"person{number}@example.org")

    def apart(what: object) -> object:
        try:
            return what()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(apart, [tasks.answer_sign_ups] * 4))
    leave()
    paths = [link_in(mail) for mail in catcher.mails]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda path: apart(lambda: confirm(path)), [path for path in paths for _time in range(4)]))

    assert len(catcher.mails) == 8
    assert ConsentRecord.objects.count() == 8
