"""One campaign, from due to a ledger that adds up."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import transaction

from campaigns import reports
from campaigns.composition.compile import freeze
from campaigns.delivery import plan, snapshot
from campaigns.models import Attempt, Batch, Campaign, Delivery, RecipientDomain, Stretch, Transport
from subscribers.models import MailingList, Subscriber, Suppression
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def test_everybody_gets_one_mail_and_the_ledger_adds_up(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob", "Chloe", "Dilnoza", "Emeka")

    scene.send(campaign)

    assert sorted(mail.recipient for mail in catcher.mails) == [
        f"{name}@example.org" for name in ("ann", "bob", "chloe", "dilnoza", "emeka")
    ]
    assert campaign.status == "sent"
    assert str(reports.ledger(campaign)) == "planned=5 sent=5 failed=0 skipped=0 uncertain=0"
    assert reports.ledger(campaign).adds_up


def test_each_mail_is_one_line_of_the_send_log(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann")

    scene.send(campaign)

    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.code, attempt.answer) == ("accepted", 250, "250 2.0.0 accepted")
    assert attempt.transport is not None
    assert attempt.transport.alias == "main"
    assert attempt.duration_ms is not None


def test_everybody_reads_the_best_language_there_is(catcher: Catcher) -> None:
    campaign = scene.campaign(languages=["en", "de", "ar"])
    news = campaign.mailing_lists.get()
    for name, language in {"Ann": "en", "Bob": "de-AT", "Chloe": "ja", "Dunya": "ar", "Eve": ""}.items():
        scene.person(name, news, language=language)

    scene.send(campaign)

    assert {mail.recipient.partition("@")[0]: str(mail.message["Subject"]) for mail in catcher.mails} == {
        "ann": "May (en)",
        "bob": "May (de)",
        "chloe": "May (en)",
        "dunya": "May (ar)",
        "eve": "May (en)",
    }


@pytest.mark.parametrize("limited", [(), ("example.org",)])
def test_what_is_planned_names_the_edition_of_each_reader(catcher: Catcher, limited: tuple[str, ...]) -> None:
    for name in limited:
        RecipientDomain.objects.create(name=name, limit_per_hour=9)
    campaign = scene.campaign(languages=["en", "de", "ar"])
    news = campaign.mailing_lists.get()
    for name, language in {"Ann": "en", "Bob": "de-AT", "Chloe": "ja", "Dunya": "ar", "Eve": ""}.items():
        scene.person(name, news, language=language)

    scene.start(campaign)

    planned = campaign.deliveries.values_list("subscriber__first_name", "edition__language")
    assert dict(planned) == {"Ann": "en", "Bob": "de", "Chloe": "en", "Dunya": "ar", "Eve": "en"}


def test_many_mails_share_the_connections_of_a_transport_and_leave_none_open(catcher: Catcher) -> None:
    campaign = scene.campaign(*(f"Person{number}" for number in range(50)))

    scene.send(campaign)

    assert len(catcher.mails) == 50
    assert catcher.connections == Transport.objects.get().connections == 2
    assert catcher.open_connections() == 0


def test_the_message_id_is_made_once_and_belongs_to_the_sender(catcher: Catcher) -> None:
    catcher.defer("ann@example.org", times=1)
    campaign = scene.campaign("Ann")
    scene.send(campaign)
    planned = Delivery.objects.get().message_id

    scene.let_time_pass(campaign)
    scene.send(campaign)

    (mail,) = catcher.mails
    assert planned.endswith("@example.org")
    assert mail.message["Message-ID"] == f"<{planned}>"


def test_suppressed_people_are_named_and_not_mailed(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob", "Chloe")
    Suppression.objects.add("bob@example.org", Suppression.Reason.COMPLAINED)
    Suppression.objects.create(
        fingerprint=campaign.mailing_lists.get()
        .subscriptions.get(subscriber__first_name="Chloe")
        .subscriber.fingerprint,
        mailing_list=campaign.mailing_lists.get(),
        reason=Suppression.Reason.MANUAL,
    )

    scene.send(campaign)

    assert [mail.recipient for mail in catcher.mails] == ["ann@example.org"]
    assert reports.outcomes(campaign) == [("skipped", "suppressed", 2), ("sent", "", 1)]


def test_people_on_an_excluded_list_are_no_audience(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann")
    customers = MailingList.objects.create(name="Customers", label="customers")
    campaign.excluded_lists.add(customers)
    scene.person("Bob", campaign.mailing_lists.get(), customers)

    scene.send(campaign)

    assert [mail.recipient for mail in catcher.mails] == ["ann@example.org"]
    assert str(reports.ledger(campaign)) == "planned=1 sent=1 failed=0 skipped=0 uncertain=0"


def test_who_leaves_during_a_campaign_gets_nothing_more(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob", "Chloe", "Dilnoza", "Emeka")
    news = campaign.mailing_lists.get()
    customers = MailingList.objects.create(name="Customers", label="customers")
    campaign.excluded_lists.add(customers)
    scene.start(campaign)

    news.subscriptions.get(subscriber__first_name="Bob").end()
    Suppression.objects.add("chloe@example.org", Suppression.Reason.COMPLAINED)
    news.subscriptions.get(subscriber__first_name="Dilnoza").subscriber.delete()
    scene.subscribe(news.subscriptions.get(subscriber__first_name="Emeka").subscriber, customers)
    scene.send(campaign)

    assert [mail.recipient for mail in catcher.mails] == ["ann@example.org"]
    assert dict(Delivery.objects.filter(status="skipped").values_list("email", "reason")) == {
        "bob@example.org": "left",
        "chloe@example.org": "suppressed",
        "dilnoza@example.org": "gone",
        "emeka@example.org": "excluded",
    }
    assert str(reports.ledger(campaign)) == "planned=5 sent=1 failed=0 skipped=4 uncertain=0"
    assert campaign.status == "sent"


def test_who_changes_address_and_language_during_a_campaign_gets_the_mail_there(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", languages=["en", "de"])
    scene.start(campaign)

    ann = campaign.mailing_lists.get().subscriptions.get().subscriber
    ann.email, ann.language = "anna@example.net", "de"
    ann.save()
    scene.send(campaign)

    (mail,) = catcher.mails
    assert (mail.recipient, mail.message["Subject"]) == ("anna@example.net", "May (de)")


def test_a_campaign_that_is_not_due_sends_nothing(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann")
    campaign.unschedule()
    campaign.schedule(scene.in_an_hour())

    scene.send(campaign)

    assert campaign.status == "scheduled"
    assert catcher.mails == []


def test_edits_after_the_start_change_nothing(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann")
    scene.start(campaign)

    campaign.contents.update(subject="June")
    scene.send(campaign)

    assert catcher.mails[0].message["Subject"] == "May (en)"


def test_a_campaign_whose_layout_broke_pauses_and_says_why(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann")
    campaign.layout.html = "<html><body>{{ body }}{% nonsense %}</body></html>"
    campaign.layout.save()

    scene.send(campaign)

    assert campaign.status == "paused"
    assert "nonsense" in campaign.pause_reason
    assert catcher.mails == []


def test_a_mail_that_cannot_be_made_fails_alone(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob")
    campaign.contents.update(subject="{{ last_name }}")
    bob = campaign.mailing_lists.get().subscriptions.get(subscriber__first_name="Bob").subscriber
    bob.last_name = "Builder"
    bob.save()

    scene.send(campaign)

    assert [mail.recipient for mail in catcher.mails] == ["bob@example.org"]
    failed = Delivery.objects.get(status="failed")
    assert failed.email == "ann@example.org"
    assert failed.attempts.get().outcome == "invalid"
    assert campaign.status == "sent"


def test_a_campaign_whose_lists_were_deleted_is_done_with_nobody(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann")
    campaign.mailing_lists.get().delete()

    scene.send(campaign)

    assert campaign.status == "sent"
    assert str(reports.ledger(campaign)) == "planned=0 sent=0 failed=0 skipped=0 uncertain=0"


def begun_in_ranges(monkeypatch: pytest.MonkeyPatch) -> Campaign:
    """For eight people, of whom the first three are planned."""
    monkeypatch.setattr(plan, "RANGE", 3)
    campaign = scene.campaign(*(f"Person{number}" for number in range(8)))
    campaign.start()
    freeze(campaign)
    assert not plan.plan_range(campaign)
    return campaign


def test_a_big_audience_is_planned_range_by_range_and_a_range_cut_short_is_planned_anew(
    catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = begun_in_ranges(monkeypatch)
    with transaction.atomic():
        plan.plan_range(campaign)
        transaction.set_rollback(True)
    while not plan.plan_range(campaign):
        pass

    campaign.refresh_from_db()
    assert Delivery.objects.count() == campaign.planned == 8
    assert Delivery.objects.values("message_id").distinct().count() == 8
    assert not Stretch.objects.exists()


def test_planning_goes_on_however_little_time_it_is_given(catcher: Catcher, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = begun_in_ranges(monkeypatch)

    for _each in range(3):
        plan.continue_planning(0)

    campaign.refresh_from_db()
    assert campaign.planned == Delivery.objects.count() == 8


def test_what_was_planned_before_stretches_were_counted_is_part_of_the_sum(
    catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = begun_in_ranges(monkeypatch)
    migration = import_module("campaigns.migrations.0020_planned_stretches")

    migration.forget_what_is_planned(apps, None)
    before = list(Stretch.objects.values_list("mails", flat=True))
    migration.count_what_is_planned(apps, None)
    scene.send(campaign)

    assert before == [None, None]
    assert str(reports.ledger(campaign)) == "planned=8 sent=8 failed=0 skipped=0 uncertain=0"


def test_who_leaves_while_the_audience_is_written_down_does_not_spoil_the_sum(
    catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = scene.campaign("Ann", "Bob", "Chloe")
    news = campaign.mailing_lists.get()
    insert = snapshot.insert

    def insert_after_bob_left(*arguments: object) -> int:
        news.subscriptions.get(subscriber__first_name="Bob").end()
        return insert(*arguments)

    monkeypatch.setattr(snapshot, "insert", insert_after_bob_left)
    scene.send(campaign)

    assert campaign.status == "sent"
    assert str(reports.ledger(campaign)) == "planned=2 sent=2 failed=0 skipped=0 uncertain=0"


def test_however_many_join_while_the_audience_is_written_down_all_are_planned(
    catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "BATCH", 2)
    RecipientDomain.objects.create(name="example.org", limit_per_hour=99)
    campaign, insert = scene.campaign("Ann"), snapshot.insert
    others = [scene.person(f"Person{number}") for number in range(9)]

    def insert_after_many_joined(*arguments: object) -> int:
        for someone in others:
            scene.subscribe(someone, campaign.mailing_lists.get())
        return insert(*arguments)

    monkeypatch.setattr(snapshot, "insert", insert_after_many_joined)
    scene.send(campaign)

    assert str(reports.ledger(campaign)) == "planned=10 sent=10 failed=0 skipped=0 uncertain=0"


def test_whoever_moves_to_a_domain_with_a_limit_while_the_audience_is_written_down_is_planned(
    catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "BATCH", 2)
    RecipientDomain.objects.create(name="big.example.net", limit_per_hour=99)
    campaign, insert = (
        scene.campaign(*(f"Person{number}" for number in range(9)), "ann@big.example.net"),
        snapshot.insert,
    )

    def insert_after_all_moved(*arguments: object) -> int:
        for someone in Subscriber.objects.exclude(domain="big.example.net"):
            someone.email = someone.email.replace("example.org", "big.example.net")
            someone.save()
        return insert(*arguments)

    monkeypatch.setattr(snapshot, "insert", insert_after_all_moved)
    scene.start(campaign)
    filled = set(Delivery.objects.values_list("batch", flat=True))
    scene.send(campaign)

    assert set(Batch.objects.values_list("pk", flat=True)) == filled
    assert str(reports.ledger(campaign)) == "planned=10 sent=10 failed=0 skipped=0 uncertain=0"


def test_a_small_list_among_many_subscribers_gets_no_more_batches_than_it_fills(
    catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "BATCH", 2)
    campaign, elsewhere = scene.campaign("Ann", "Bob", "Chloe"), MailingList.objects.create(name="Else", label="else")
    for number in range(9):
        scene.person(f"Person{number}", elsewhere)

    scene.start(campaign)

    assert sorted(batch.deliveries.count() for batch in campaign.batches.all()) == [1, 2]
