"""The link in the mail: what it shows, what its button does, and what is left of it later."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from subscribers import erasure
from subscribers.consent import flows, pauses
from subscribers.consent.flows import Evidence
from subscribers.models import Attribute, ConsentRecord, MailingList, SignUp, Subscriber, Suppression
from tests.catcher import Catcher
from tests.subscribers.sign_ups.moves import (
    a_day_later,
    asked,
    confirm,
    form,
    let_links_expire,
    link_in,
    mailing_list,
    work,
)

pytestmark = pytest.mark.django_db


def everything() -> list[object]:
    models = (SignUp, Subscriber, ConsentRecord, Suppression)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def test_opening_the_link_changes_nothing_and_the_button_confirms(catcher: Catcher) -> None:
    news = mailing_list("News", names={"de": "Neuigkeiten"})
    form(news, fields=["first_name"])
    path = asked(catcher, first_name="Ann", headers={"Accept-Language": "de"})
    before = everything()

    looked = [Client().get(path), Client().head(path), Client().get(path)]

    assert [answer.status_code for answer in looked] == [200, 200, 200]
    assert "Neuigkeiten" in looked[0].content.decode()
    assert looked[0].headers["Content-Language"] == "de"
    assert everything() == before

    answer = confirm(path)

    ann, record = Subscriber.objects.get(), ConsentRecord.objects.get()
    assert answer.status_code == 200
    assert (ann.email, ann.first_name, ann.language) == ("ann@example.org", "Ann", "de")
    assert ann.subscriptions.active().get().mailing_list == news
    assert (record.action, record.source, record.language) == ("granted", "form", "de")
    assert record.network_address == "198.51.100.9"
    assert record.statement == SignUp.objects.get().statement
    assert "Neuigkeiten" in record.statement


def test_the_language_that_was_chosen_is_that_of_ones_own_page_too(catcher: Catcher) -> None:
    form()
    path = asked(catcher, headers={"Accept-Language": "de"})

    page = confirm(f"{path}?language=ar").content.decode()
    (own_page,) = re.findall(r'class="aside"><a href="([^"]+)"', page)

    assert Client().get(own_page).headers["Content-Language"] == "ar"


def test_pressing_twice_is_as_good_as_once(catcher: Catcher) -> None:
    form()
    path = asked(catcher)

    first, second = confirm(path), confirm(path)

    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert ConsentRecord.objects.count() == 1


def test_an_old_link_puts_nobody_back_who_left_since(catcher: Catcher) -> None:
    news = mailing_list()
    form(news)
    path = asked(catcher)
    confirm(path)
    flows.unsubscribe(Subscriber.objects.get(), [news], Evidence(ConsentRecord.Source.ONE_CLICK))

    answer = confirm(path)

    assert "none of it" in answer.content.decode()
    assert not Subscriber.objects.get().subscriptions.active().exists()


def test_blanks_are_filled_in_and_nothing_else(catcher: Catcher) -> None:
    for name in ("company", "town"):
        Attribute.objects.create(name=name)
    form(fields=["first_name", "last_name", "attribute:company", "attribute:town"])
    Subscriber.objects.create(
        email="ann@example.org", first_name="Ann", language="fr", attributes={"company": "Example"}
    )

    confirm(
        asked(
            catcher, first_name="Anna", last_name="Doe", attribute_company="Other", attribute_town="Porto",
            headers={"Accept-Language": "de"},
        )
    )  # fmt: skip

    ann = Subscriber.objects.get()
    assert (ann.first_name, ann.last_name, ann.language) == ("Ann", "Doe", "de")
    assert ann.attributes == {"company": "Example", "town": "Porto"}


@pytest.mark.parametrize("how", ["left everything", "paused"])
def test_who_left_everything_or_paused_gets_mail_again(catcher: Catcher, how: str) -> None:
    news = mailing_list()
    form(news)
    ann = Subscriber.objects.create(email="ann@example.org")
    if how == "paused":
        pauses.pause(ann, timezone.now() + timedelta(days=30))
    else:
        flows.leave_everything(ann, Evidence(ConsentRecord.Source.PREFERENCES))

    confirm(asked(catcher))

    assert not Suppression.objects.about("ann@example.org").exists()
    assert ann.subscriptions.active().get().mailing_list == news


def test_a_private_list_may_be_joined_by_its_form(catcher: Catcher) -> None:
    form(mailing_list("News", is_public=False))

    confirm(asked(catcher))

    assert Subscriber.objects.get().subscriptions.active().exists()


def test_a_complaint_meanwhile_is_not_lifted_and_the_page_says_so(catcher: Catcher) -> None:
    form()
    path = asked(catcher)
    Suppression.objects.add("ann@example.org", "complained")

    answer = confirm(path)

    assert "stopped at the moment" in answer.content.decode()
    assert Suppression.objects.about("ann@example.org").exists()


@pytest.mark.parametrize("how", ["left everything", "paused"])
def test_who_leaves_or_pauses_later_is_not_sent_to_the_sender(catcher: Catcher, how: str) -> None:
    form()
    path = asked(catcher)
    confirm(path)
    ann = Subscriber.objects.get()
    if how == "paused":
        pauses.pause(ann, timezone.now() + timedelta(days=30))
    else:
        flows.leave_everything(ann, Evidence(ConsentRecord.Source.PREFERENCES))

    page = Client().get(path).content.decode()

    assert "stopped at the moment" not in page
    assert "Choose what you get" in page


def test_after_seven_days_a_new_link_is_offered_and_sent_on_request(catcher: Catcher) -> None:
    form()
    path = asked(catcher)
    let_links_expire()
    a_day_later()

    page = Client().get(path).content.decode()
    assert "Send me a new link" in page
    assert confirm(path).status_code == 200
    assert not Subscriber.objects.exists()

    Client().post(path, {"action": "again"})
    work()

    assert len(catcher.mails) == 2
    confirm(link_in(catcher.mails[1]))
    assert Subscriber.objects.get().subscriptions.active().exists()


def test_a_new_link_is_sent_once_a_day(catcher: Catcher) -> None:
    form()
    path = asked(catcher)
    let_links_expire()

    answer = Client().post(path, {"action": "again"})
    work()

    assert answer.status_code == 200
    assert len(catcher.mails) == 1


def test_of_who_was_erased_the_link_says_that_there_is_nothing(catcher: Catcher) -> None:
    form()
    path = asked(catcher)
    erasure.erase("ann@example.org")

    answers = [Client().get(path), confirm(path)]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert "sign up again" in answers[0].content.decode()
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("told", [{}, {"action": "x" * 1_000_000}, {"action": "leave"}])
def test_a_post_without_the_button_is_refused(catcher: Catcher, told: dict[str, str]) -> None:
    form()
    path = asked(catcher)

    assert Client().post(path, told).status_code == 400
    assert Client().put(path).status_code == 405
    assert not Subscriber.objects.exists()


def test_a_list_that_is_gone_takes_its_sign_ups_along(catcher: Catcher) -> None:
    news, tips = mailing_list("News"), mailing_list("Tips")
    form(news, tips)
    path = asked(catcher, lists=["news", "tips"])
    MailingList.objects.filter(pk=news.pk).delete()

    confirm(path)

    assert Subscriber.objects.get().subscriptions.active().get().mailing_list == tips
