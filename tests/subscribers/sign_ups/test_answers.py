"""What becomes of a sign-up: a mail, a subscription, or nothing; and never a sign of which."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Batch
from subscribers import tasks
from subscribers.consent import flows, mails, pauses
from subscribers.consent.flows import Evidence
from subscribers.models import Brand, ConsentRecord, MailingList, SignUp, Subscriber, Subscription, Suppression
from tests.campaigns.outgoing.post import leave
from tests.catcher import Catcher
from tests.subscribers.sign_ups.moves import confirm, form, link_in, mailing_list, sign_up, work

pytestmark = pytest.mark.django_db
SINGLE = MailingList.OptIn.SINGLE


def subscribed(mailing_list: MailingList, email: str = "ann@example.org", **facts: object) -> Subscriber:
    someone = Subscriber.objects.create(email=email, **facts)
    flows.subscribe(someone, [mailing_list], Evidence(ConsentRecord.Source.ADMIN, "Paper form"))
    return someone


def status_of(email: str = "ann@example.org") -> str:
    return SignUp.objects.get(email=email).status


def test_who_is_new_gets_one_mail_with_one_button_and_no_word_of_their_own(catcher: Catcher) -> None:
    form(mailing_list("News"), fields=["first_name"])

    sign_up(first_name="Cheap pills https://spam.test")
    work()

    (mail,) = catcher.mails
    message = mail.message
    assert mail.recipient == "ann@example.org"
    assert message["From"] == "News <desk@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"] == "Please confirm: mail from News"
    html = message.get_body(("html",)).get_content()
    assert html.count("<a ") == 1
    assert "/confirm/" in html
    assert "pills" not in mail.content.decode()
    assert "spam" not in mail.content.decode()
    assert status_of() == "asked"
    assert not Subscriber.objects.exists()


def test_the_mail_is_in_the_language_of_the_page_and_wears_the_brand(catcher: Catcher) -> None:
    brand = Brand.objects.create(
        name="Die Zeitung", accent="#aa0000", footers={"de": "Hafenstraße 1\n[Impressum](https://example.org/imprint)"}
    )
    form(mailing_list("News", names={"de": "Neuigkeiten"}, brand=brand))

    sign_up(headers={"Accept-Language": "de"})
    work()

    message = catcher.mails[0].message
    html = message.get_body(("html",)).get_content()
    assert message["From"].startswith("Die Zeitung <")
    assert '<html lang="de" dir="ltr">' in html
    assert "Neuigkeiten" in html
    assert "Hafenstraße 1" in html
    assert "#aa0000" in html
    lines = message.get_body(("plain",)).get_content().splitlines()
    assert lines[-2:] == ["Hafenstraße 1", "Impressum: https://example.org/imprint"]


def test_the_mail_goes_ahead_of_campaigns(catcher: Catcher) -> None:
    form()

    sign_up()
    work()

    assert len(catcher.mails) == 1
    assert Batch.objects.get().priority == Batch.Priority.HIGH


@pytest.mark.parametrize("reason", ["bounced", "complained", "manual"])
def test_who_is_suppressed_gets_nothing(catcher: Catcher, reason: str) -> None:
    form()
    Suppression.objects.add("ann@example.org", reason)

    sign_up()
    work()

    assert not catcher.mails
    assert status_of() == "ignored"


def test_a_domain_that_is_suppressed_gets_nothing(catcher: Catcher) -> None:
    form()
    flows.suppress([], "manual", domains=["*.example.org"])

    sign_up("ann@mail.example.org")
    work()

    assert not catcher.mails


def test_of_who_is_erased_nothing_is_kept(catcher: Catcher) -> None:
    form()
    Suppression.objects.add("ann@example.org", "erased")

    sign_up()
    work()

    assert not catcher.mails
    assert not SignUp.objects.exists()


def test_who_is_stopped_on_one_list_is_asked_for_the_others(catcher: Catcher) -> None:
    news, tips = mailing_list("News"), mailing_list("Tips")
    form(news, tips)
    flows.suppress(["ann@example.org"], "manual", mailing_list=news)

    sign_up(lists=["news", "tips"])
    work()

    assert list(SignUp.objects.get().mailing_lists.all()) == [tips]
    assert "News" not in catcher.mails[0].message.get_body(("plain",)).get_content()


def test_who_left_everything_is_asked(catcher: Catcher) -> None:
    news = mailing_list()
    form(news)
    flows.leave_everything(subscribed(news), Evidence(ConsentRecord.Source.PREFERENCES))

    sign_up()
    work()

    assert len(catcher.mails) == 1
    assert status_of() == "asked"


def test_who_gets_it_already_hears_so_with_a_link_to_their_choices(catcher: Catcher) -> None:
    news = mailing_list()
    form(news)
    subscribed(news, language="de")

    sign_up()
    work()

    (mail,) = catcher.mails
    assert mails.own_page(Subscriber.objects.get()) in mail.message.get_body(("plain",)).get_content()
    assert 'lang="de"' in mail.message.get_body(("html",)).get_content()
    assert status_of() == "known"
    assert ConsentRecord.objects.count() == 1


def test_who_takes_a_break_is_asked_whether_it_is_over(catcher: Catcher) -> None:
    news = mailing_list()
    form(news)
    pauses.pause(subscribed(news), timezone.now() + timedelta(days=30))

    sign_up()
    work()

    assert status_of() == "asked"
    confirm(link_in(catcher.mails[0]))
    assert not Suppression.objects.exists()


def test_who_gets_some_of_it_is_asked_for_the_rest(catcher: Catcher) -> None:
    news, tips = mailing_list("News"), mailing_list("Tips")
    form(news, tips)
    subscribed(news)

    sign_up(lists=["news", "tips"])
    work()

    assert list(SignUp.objects.get().mailing_lists.all()) == [tips]
    assert "/confirm/" in catcher.mails[0].message.get_body(("plain",)).get_content()


def test_on_a_list_with_single_opt_in_who_is_new_is_at_once(catcher: Catcher) -> None:
    news = mailing_list("News", opt_in=SINGLE, names={"de": "Neuigkeiten"})
    form(news, fields=["first_name"])

    sign_up(first_name="Ann", headers={"Accept-Language": "de"})
    work()

    ann = Subscriber.objects.get()
    record = ConsentRecord.objects.get()
    assert (ann.email, ann.first_name, ann.language) == ("ann@example.org", "Ann", "de")
    assert ann.subscriptions.active().get().mailing_list == news
    assert (record.source, record.language, record.network_address) == ("form", "de", "203.0.113.7")
    assert "Neuigkeiten" in record.statement
    assert not catcher.mails
    assert status_of() == "confirmed"


def test_what_a_stranger_typed_changes_nothing_about_who_is_known(catcher: Catcher) -> None:
    news, tips = mailing_list("News"), mailing_list("Tips", opt_in=SINGLE)
    form(tips, fields=["first_name", "last_name"])
    subscribed(news, first_name="Ann", language="fr")

    sign_up(first_name="Fool", last_name="Fool")
    work()

    ann = Subscriber.objects.get()
    assert (ann.first_name, ann.last_name, ann.language) == ("Ann", "", "fr")
    assert {each.mailing_list for each in ann.subscriptions.active()} == {news, tips}


def test_on_a_list_with_single_opt_in_who_left_it_is_asked(catcher: Catcher) -> None:
    news = mailing_list("News", opt_in=SINGLE)
    form(news)
    flows.unsubscribe(subscribed(news), [news], Evidence(ConsentRecord.Source.ONE_CLICK))

    sign_up()
    work()

    assert len(catcher.mails) == 1
    assert status_of() == "asked"
    assert not Subscription.objects.active().exists()


def test_of_two_lists_one_may_be_at_once_and_one_wait(catcher: Catcher) -> None:
    news, tips = mailing_list("News"), mailing_list("Tips", opt_in=SINGLE)
    form(news, tips)

    sign_up(lists=["news", "tips"])
    work()

    assert Subscription.objects.active().get().mailing_list == tips
    assert list(SignUp.objects.get().mailing_lists.all()) == [news]
    assert len(catcher.mails) == 1


def test_a_consent_that_was_only_implied_is_asked_for_in_words(catcher: Catcher) -> None:
    news = mailing_list()
    form(news)
    someone = Subscriber.objects.create(email="ann@example.org")
    flows.subscribe(
        someone, [news], Evidence(ConsentRecord.Source.ADMIN, expires_at=timezone.now() + timedelta(days=9))
    )

    sign_up()
    work()

    assert status_of() == "asked"


def test_working_twice_mails_once(catcher: Catcher) -> None:
    form()
    sign_up()

    work()
    work()

    assert len(catcher.mails) == 1


def test_a_tick_alone_is_enough(catcher: Catcher) -> None:
    form()
    sign_up()

    tasks.sweep()
    leave()

    assert len(catcher.mails) == 1


def test_one_that_cannot_be_answered_keeps_nobody_waiting(catcher: Catcher) -> None:
    form()
    sign_up("ann@example.org")
    sign_up("bob@example.org")
    SignUp.objects.filter(email="ann@example.org").update(email="ann\n@example.org")

    work()

    assert [mail.recipient for mail in catcher.mails] == ["bob@example.org"]
    assert status_of("ann\n@example.org") != "new"
