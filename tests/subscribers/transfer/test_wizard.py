"""What staff state, describe and correct on the way through an import."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from subscribers.models import Attribute, Import, MailingList, Subscriber, Subscription, Tag
from tests.subscribers.transfer.files import check, finish, import_people, receive, run, workbook
from tests.subscribers.transfer.wizard import ADD, page, shown

pytestmark = pytest.mark.django_db
STATED = {"consent_statement": "At the fair", "existing": "fill", "consent": "express"}


def uploaded(client: Client, content: bytes, *lists: MailingList, **stated: str) -> Import:
    values = {**STATED, **stated, "mailing_lists": [each.pk for each in lists]}
    answer = client.post(ADD, {**values, "file": SimpleUploadedFile("people.xlsx", content)})
    assert answer.status_code == 302, answer.context["form"].errors
    return Import.objects.latest("pk")


@pytest.mark.parametrize(
    "text",
    [
        "ann@example.org\r\nBob <bob@example.org>\r\n",
        "ann@example.org, Bob <bob@example.org>; ",
        "E-Mail\tName\nann@example.org\tAnn\nbob@example.org\tBob",
    ],
)
def test_pasted_rows_are_imported_like_a_file(client: Client, news: MailingList, text: str) -> None:
    client.post(ADD, {**STATED, "mailing_lists": news.pk, "pasted": text})

    run(Import.objects.get())

    assert sorted(Subscriber.objects.values_list("email", flat=True)) == ["ann@example.org", "bob@example.org"]


def test_a_file_and_pasted_rows_at_once_are_refused(client: Client, news: MailingList) -> None:
    file = SimpleUploadedFile("people.csv", b"ann@example.org")

    answer = client.post(ADD, {**STATED, "mailing_lists": news.pk, "pasted": "bob@example.org", "file": file})

    assert list(answer.context["form"].errors) == ["pasted"]
    assert not Import.objects.exists()


def test_lists_are_chosen_or_named_by_a_column(client: Client, news: MailingList) -> None:
    received = uploaded(client, workbook(["Email", "Where"], ["ann@example.org", "News"]))

    without = client.post(page(received, "columns"), {"check": "1", "target-0": "email"})
    client.post(page(received, "columns"), {"check": "1", "target-0": "email", "target-1": "lists"})
    finish(received)
    client.post(page(received, "run"))
    finish(received)

    assert "Choose at least one list" in without.content.decode()
    assert Subscription.objects.get().mailing_list == news


def test_an_implied_consent_holds_until_its_day_is_over(client: Client, news: MailingList) -> None:
    until = timezone.localdate().replace(day=28).replace(year=timezone.localdate().year + 1)
    received = uploaded(client, workbook(["Email"], ["ann@example.org"]), news, consent="implied", consent_until=until)

    run(received)

    expires_at = timezone.localtime(Subscription.objects.get().expires_at)
    assert (expires_at.date() - until).days == 1
    assert (expires_at.hour, expires_at.minute) == (0, 0)
    assert "implied, until" in shown(client, received)


@pytest.mark.parametrize("until", ["", "2001-01-01"])
def test_an_implied_consent_needs_a_day_to_come(client: Client, news: MailingList, until: str) -> None:
    values = {**STATED, "mailing_lists": news.pk, "pasted": "ann@example.org", "consent": "implied"}

    answer = client.post(ADD, {**values, "consent_until": until})

    assert list(answer.context["form"].errors) == ["consent_until"]


def test_who_has_to_confirm_waits(client: Client, news: MailingList) -> None:
    received = uploaded(client, workbook(["Email"], ["ann@example.org"]), news, consent="confirm")

    run(received)

    assert Subscription.objects.get().status == "pending"


def test_tags_are_made_on_the_way(client: Client, news: MailingList) -> None:
    Tag.objects.create(name="fair")
    received = uploaded(client, workbook(["Email"], ["ann@example.org"]), news, tags=" fair, spring  2026,,fair")

    run(received)

    assert [tag.name for tag in Subscriber.objects.get().tags.all()] == ["fair", "spring 2026"]


def test_new_attributes_are_described_and_known_ones_chosen(client: Client, news: MailingList) -> None:
    Attribute.objects.create(name="company", label="Company")
    rows = ["Email", "Firma", "Since", "Size"], ["ann@example.org", "Acme", "3.5.2024", "s"]
    received = uploaded(client, workbook(*rows), news)
    choices = {
        "target-0": "email",
        "target-1": "attribute:company",
        "target-2": "attribute",
        "name-2": "since",
        "label-2": "Member since",
        "kind-2": "date",
        "target-3": "attribute",
        "name-3": "size",
        "kind-3": "choice",
    }

    refused = client.post(page(received, "columns"), {"check": "1", **choices})
    client.post(page(received, "columns"), {"check": "1", **choices, "choices-3": "S, M, L"})
    finish(received)
    client.post(page(received, "run"))
    finish(received)

    assert list(refused.context["form"].errors) == ["choices-3"]
    assert Subscriber.objects.get().attributes == {"company": "Acme", "since": "2024-05-03", "size": "S"}
    assert str(Attribute.objects.get(name="since")) == "Member since"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["yes", "no", "yes"], "boolean"),
        (["3.5.2024", "28.02.2023"], "date"),
        (["1.234,50", "7"], "number"),
        (["10115", "80331"], "text"),
        (["01234", "8"], "text"),
        (["+49 30 1234", "12"], "text"),
        (["1", "x y"], "text"),
        ([], "text"),
    ],
)
def test_the_kind_of_an_attribute_is_guessed_from_its_values(
    client: Client, news: MailingList, values: list[str], kind: str
) -> None:
    people = [[f"person{at}@example.org", value] for at, value in enumerate(values or [""])]
    received = uploaded(client, workbook(["Email", "Fact"], *people), news)

    form = client.get(page(received, "columns")).context["form"]

    assert form["kind-1"].value() == kind


def test_a_file_with_the_same_headings_is_read_as_last_time(client: Client, news: MailingList) -> None:
    content = workbook(["Email", "Rank"], ["ann@example.org", "7"], ["bob", "8"])
    received = uploaded(client, content, news)
    described = {"target-1": "attribute", "name-1": "level", "kind-1": "number"}
    client.post(page(received, "columns"), {"check": "1", "target-0": "email", **described})
    finish(received)

    again = uploaded(client, content, news)
    mended = uploaded(client, client.get(page(received, "rejected")).content, news)

    for remembered in (again, mended):
        assert remembered.mapping == {"0": "email", "1": "attribute:level"}
        assert remembered.attributes["level"]["kind"] == "number"
        assert "as you read it last time" in shown(client, remembered, "columns")


def test_the_dry_run_shows_field_by_field_what_changes(client: Client, news: MailingList) -> None:
    person = {"email": "ann@example.org", "first_name": "Ann", "attributes": {"company": "Acme Paper Mill"}}
    Subscriber.objects.create(**person)
    rows = ["Email", "First name", "Company"], ["ann@example.org", "Ann", "Acme Paper Works"]
    checked = check(receive(workbook(*rows), news, existing="overwrite"))

    found = shown(client, checked)

    assert "Acme Paper <del>Mill</del>" in found
    assert "Acme Paper <ins>Works</ins>" in found
    assert "<del>Ann</del>" not in found


def test_whatever_is_corrected_after_a_dry_run_needs_another_one(
    client: Client, news: MailingList, events: MailingList
) -> None:
    content = workbook(["Email", "Name"], ["ann@example.org", "Ann"])
    corrections = {
        "columns": {"read": "1", "sheet": "People", "heading": "1"},
        "stated": {**STATED, "mailing_lists": [events.pk]},
    }

    for name, values in corrections.items():
        checked = check(receive(content, news))
        client.post(page(checked, name), values)
        client.post(page(checked, "run"))
        checked.refresh_from_db()
        assert (name, checked.status) == (name, "uploaded")

    assert [each.name for each in checked.mailing_lists.all()] == ["Events"]
    assert not Subscriber.objects.exists()


def test_nothing_can_be_corrected_once_it_runs(client: Client, news: MailingList, events: MailingList) -> None:
    running = check(receive(workbook(["Email"], ["ann@example.org"]), news))
    assert running.run()

    client.post(page(running, "stated"), {**STATED, "mailing_lists": [events.pk]})
    client.post(page(running, "columns"), {"check": "1", "target-0": "first_name"})

    finish(running)
    assert Subscription.objects.get().mailing_list == news


def test_the_rows_of_a_report_add_up(client: Client, news: MailingList) -> None:
    people = ["ann@example.org", "ann@example.org", "bob", "chloe@example.org"]
    done = import_people(workbook(["Email"], *[[address] for address in people]), news)

    bars = client.get(page(done, "change/")).context["bars"]

    assert {bar.code: bar.rows for bar in bars} == {"new": 2, "duplicate": 1, "invalid": 1}
    assert sum(bar.percent for bar in bars) == 100
    assert "2 + 1 + 1 =" in shown(client, done)


def test_what_was_stated_is_asked_again_of_nobody_who_mends_rows(client: Client, news: MailingList) -> None:
    done = import_people(workbook(["Email"], ["bob"]), news, tags=["fair"], consent_statement="At the fair")

    form = client.get(f"{ADD}?like={done.pk}").context["form"]

    told = {name: form[name].value() for name in ("consent_statement", "tags", "existing", "consent")}
    assert told == {"consent_statement": "At the fair", "tags": "fair", "existing": "fill", "consent": "express"}
    assert form["mailing_lists"].value() == [news.pk]


def test_a_suggestion_stands_beside_the_row_that_was_left_out(client: Client, news: MailingList) -> None:
    done = import_people(workbook(["Email"], ["ann@@example.org"]), news)

    book = openpyxl.load_workbook(io.BytesIO(client.get(page(done, "rejected")).content))

    assert [cell.value for cell in book.active[1]] == ["Email", "# row", "# reason", "# suggestion"]
    assert book.active["D2"].value == "ann@example.org"
    assert "Perhaps <bdi>ann@example.org</bdi>?" in shown(client, done)


def test_staff_say_whether_domains_are_looked_up(client: Client, news: MailingList) -> None:
    received = uploaded(client, workbook(["Email"], ["ann@example.org"]), news, checks_domains="on")
    assert received.checks_domains
    assert client.get(page(received, "stated")).context["form"]["checks_domains"].value()

    client.post(page(received, "stated"), {**STATED, "mailing_lists": [news.pk]})

    received.refresh_from_db()
    assert not received.checks_domains
