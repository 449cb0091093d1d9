import pytest

from subscribers.models import ConsentRecord, Import, MailingList, Subscriber, Subscription, Suppression
from subscribers.transfer import importing, lease
from subscribers.transfer.importing import proceed
from subscribers.transfer.progress import progress
from tests.subscribers.transfer.files import STATEMENT, check, finish, import_people, issues, receive, run, workbook

pytestmark = pytest.mark.django_db
ANN = ["ann@example.org", "Ann", "Lee", "de", "Acme"]
HEADINGS = ["Email", "First name", "Last name", "Language", "Company"]


def test_a_person_arrives_with_the_proof_of_consent(news: MailingList, events: MailingList) -> None:
    import_people(workbook(HEADINGS, ANN), news, events)

    ann = Subscriber.objects.get()
    assert (ann.email, ann.name, ann.language, ann.attributes) == (
        "ann@example.org",
        "Ann Lee",
        "de",
        {"company": "Acme"},
    )
    assert set(ann.subscriptions.values_list("mailing_list", "status")) == {(news.pk, "active"), (events.pk, "active")}
    proofs = ann.consent_records.values_list("mailing_list", "action", "source", "statement", "language")
    assert set(proofs) == {(page.pk, "granted", "import", STATEMENT, "de") for page in (news, events)}
    assert Subscriber.objects.get(email="ann@example.org") == ann


def test_a_dry_run_counts_and_changes_nobody(news: MailingList) -> None:
    checked = check(receive(workbook(HEADINGS, ANN, ["nobody"]), news))

    assert checked.status == "checked"
    assert checked.counts == {"new": 1, "enrolled": 1, "invalid": 1}
    assert (checked.total_rows, issues(checked)) == (2, [(3, "syntax")])
    assert not Subscriber.objects.exists()
    assert not ConsentRecord.objects.exists()


def test_whoever_left_a_list_is_not_put_back(news: MailingList) -> None:
    bob = Subscriber.objects.create(email="bob@example.org")
    Subscription.objects.create(subscriber=bob, mailing_list=news, status="ended")

    done = import_people(workbook(["Email", "First name"], ["bob@example.org", "Bob"]), news)

    assert done.counts == {"left": 1}
    assert issues(done) == [(2, "left")]
    assert bob.subscriptions.get().status == "ended"
    bob.refresh_from_db()
    assert bob.first_name == ""
    assert not ConsentRecord.objects.exists()


def test_whoever_left_one_list_still_joins_another(news: MailingList, events: MailingList) -> None:
    bob = Subscriber.objects.create(email="bob@example.org")
    Subscription.objects.create(subscriber=bob, mailing_list=news, status="ended")

    done = import_people(workbook(["Email"], ["bob@example.org"]), news, events)

    assert done.counts == {"updated": 1, "enrolled": 1}
    assert [(issue.reason, issue.is_rejected) for issue in done.issues.all()] == [("left", False)]
    assert set(bob.subscriptions.values_list("mailing_list", "status")) == {(news.pk, "ended"), (events.pk, "active")}


def test_a_suppressed_address_is_not_even_written_down(news: MailingList) -> None:
    Suppression.objects.add("bob@example.org", "erased")

    done = import_people(workbook(["Email"], ["BOB@example.org"], ["ann@example.org"]), news)

    assert done.counts == {"suppressed": 1, "new": 1, "enrolled": 1}
    assert issues(done) == [(2, "suppressed")]
    assert [person.email for person in Subscriber.objects.all()] == ["ann@example.org"]


def test_a_suppression_for_one_list_counts_for_that_list(news: MailingList, events: MailingList) -> None:
    bob = Subscriber.objects.create(email="bob@example.org")
    Suppression.objects.create(fingerprint=bob.fingerprint, mailing_list=news, reason="complained")

    import_people(workbook(["Email"], ["bob@example.org"]), news, events)

    assert [link.mailing_list for link in bob.subscriptions.all()] == [events]


def test_stated_consent_confirms_whoever_waited_for_it(news: MailingList) -> None:
    bob = Subscriber.objects.create(email="bob@example.org")
    Subscription.objects.create(subscriber=bob, mailing_list=news, status="pending")

    done = import_people(workbook(["Email"], ["bob@example.org"]), news)

    assert done.counts == {"updated": 1, "enrolled": 1}
    assert bob.subscriptions.get().status == "active"
    assert bob.consent_records.get().source == "import"


@pytest.mark.parametrize(
    ("existing", "name", "attributes"),
    [
        ("fill", "Anna Lee", {"company": "Old", "city": "Rome"}),
        ("overwrite", "Ann Lee", {"company": "Acme", "city": "Rome"}),
        ("leave", "Anna", {"company": "Old"}),
    ],
)
def test_what_happens_to_known_people_is_chosen(
    news: MailingList, existing: str, name: str, attributes: dict[str, str]
) -> None:
    ann = Subscriber.objects.create(email="ann@example.org", first_name="Anna", attributes={"company": "Old"})

    import_people(
        workbook(
            ["Email", "First name", "Last name", "Company", "City"], ["ann@example.org", "Ann", "Lee", "Acme", "Rome"]
        ),
        news,
        existing=existing,
    )

    ann.refresh_from_db()
    assert (ann.name, ann.attributes) == (name, attributes)
    assert ann.subscriptions.get().status == "active"


def test_a_blank_cell_never_erases_anything(news: MailingList) -> None:
    ann = Subscriber.objects.create(email="ann@example.org", first_name="Anna", language="de")

    import_people(workbook(HEADINGS, ["ann@example.org", None, "", " "]), news, existing="overwrite")

    ann.refresh_from_db()
    assert (ann.first_name, ann.language) == ("Anna", "de")


def test_an_unknown_language_costs_the_language_and_not_the_person(news: MailingList) -> None:
    done = import_people(workbook(HEADINGS, ["ann@example.org", "Ann", "", "Elvish"]), news)

    assert [(issue.reason, issue.is_rejected) for issue in done.issues.all()] == [("language", False)]
    assert Subscriber.objects.get().language == ""


def test_a_row_that_is_refused_does_not_make_the_next_one_a_repetition(news: MailingList) -> None:
    done = import_people(workbook(HEADINGS, ["ann@example.org", "A" * 121], ANN, ANN), news)

    assert issues(done) == [(2, "name_too_long"), (4, "duplicate")]
    assert Subscriber.objects.get().first_name == "Ann"


def test_a_pass_goes_on_where_it_was_left(news: MailingList, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK", 3)
    people = [[f"person{at}@example.org"] for at in range(10)]
    checked = check(receive(workbook(["Email"], *people, ["person0@example.org"]), news))
    assert checked.run()

    more = proceed(checked, seconds=0)

    checked.refresh_from_db()
    assert more
    assert (checked.cursor, checked.leased_until, Subscriber.objects.count()) == (3, None, 3)
    done = finish(checked)
    assert done.counts == {"new": 10, "enrolled": 10, "duplicate": 1}
    assert issues(done) == [(12, "duplicate")]


def test_two_workers_never_work_on_the_same_pass(news: MailingList) -> None:
    checked = check(receive(workbook(["Email"], ["ann@example.org"]), news))
    assert checked.run()
    assert lease.take(checked)

    assert not proceed(Import.objects.get(), seconds=1)

    assert not Subscriber.objects.exists()


def test_a_worker_that_lost_its_lease_writes_nothing(news: MailingList) -> None:
    checked = check(receive(workbook(["Email"], ["ann@example.org"]), news))
    assert checked.run()
    assert lease.take(checked)
    late = importing.Pass(checked)
    Import.objects.update(cursor=1)

    with pytest.raises(importing.Overtaken):
        late.run(seconds=1)

    assert not Subscriber.objects.exists()


def test_cancelling_stops_at_the_next_chunk_and_forgets_the_file(news: MailingList) -> None:
    checked = check(receive(workbook(["Email"], ["ann@example.org"]), news))
    file = checked.file.path
    assert checked.run()
    working = importing.Pass(checked)
    assert Import.objects.get().cancel()

    with pytest.raises(importing.Overtaken):
        working.run(seconds=1)
    Import.objects.get().forget_file()

    assert not Subscriber.objects.exists()
    assert not importing.Path(file).exists()


def test_nothing_changes_after_it_is_done(news: MailingList) -> None:
    done = run(receive(workbook(["Email"], ["ann@example.org"]), news))

    assert not done.run()
    assert not done.check_again()
    assert not done.cancel()
    assert not proceed(done, seconds=1)
    assert done.file.name == ""


def test_no_trap_in_a_cell_survives(news: MailingList) -> None:
    rows = [
        ["ann@example.org", "Ann\r\nBcc: bob@example.org", "Le\u202ee\x00", "de"],
        ["Bob <bob@example.org>", "=1+1", "{{ settings.SECRET_KEY }}", "de"],
    ]
    text = "Email;First name;Last name;Language\n" + "\n".join('"' + '";"'.join(row) + '"' for row in rows)

    import_people(text.encode(), news, name="people.csv")

    ann, bob = Subscriber.objects.order_by("email")
    assert (ann.first_name, ann.last_name) == ("Ann Bcc: bob@example.org", "Le e")
    assert (bob.email, bob.first_name, bob.last_name) == ("bob@example.org", "=1+1", "{{ settings.SECRET_KEY }}")


def test_without_a_column_of_addresses_it_fails_in_words(news: MailingList) -> None:
    received = receive(workbook(["Name", "City"], ["Ann", "Berlin"]), news)

    failed = check(received)

    assert (failed.status, failed.problem) == ("failed", "No column holds addresses. Say which one does.")


def test_progress_and_forecast_follow_the_rows(news: MailingList, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK", 1)
    checked = check(receive(workbook(["Email"], ["ann@example.org"], ["bob@example.org"]), news))
    assert checked.run()
    proceed(checked, seconds=0)

    half_way = progress(Import.objects.get())

    assert (half_way.done, half_way.total, half_way.percent) == (1, 2, 50)
    assert half_way.per_second > 0
    assert half_way.done_at
    assert progress(finish(checked)).percent == 100
