"""An import as staff do it, step by step."""

import io

import openpyxl
import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from subscribers.models import Import, ImportIssue, MailingList, Subscriber
from tests.subscribers.transfer.files import check, finish, import_people, receive, workbook
from tests.subscribers.transfer.wizard import ADD, LIST, page

pytestmark = pytest.mark.django_db


def upload(client: Client, content: bytes, *lists: MailingList, name: str = "people.xlsx", **stated: str) -> object:
    values = {"consent_statement": "At the fair", "existing": "fill", **stated}
    file = SimpleUploadedFile(name, content)
    return client.post(ADD, {**values, "file": file, "mailing_lists": [page.pk for page in lists]})


def test_from_the_file_to_the_report(client: Client, news: MailingList) -> None:
    content = workbook(["E-Mail", "Vorname", "Firma"], ["ann@example.org", "Ann", "Acme"], ["bob", "Bob"])

    response = upload(client, content, news)
    received = Import.objects.get()
    assert response.url == page(received, "columns")
    columns = client.get(response.url).content.decode()
    assert "ann@example.org" in columns
    choices = {"target-0": "email", "target-1": "first_name", "target-2": "attribute", "name-2": "company"}
    assert client.post(page(received, "columns"), {"check": "1", **choices}).url == page(received, "change/")
    finish(received)
    dry_run = client.get(page(received, "change/")).content.decode()
    assert "1 person is ready to be imported" in dry_run
    assert "There is no @ in it." in dry_run
    assert not Subscriber.objects.exists()
    client.post(page(received, "run"))
    finish(received)

    report = client.get(page(received, "change/")).content.decode()
    assert "1 person was imported" in report
    assert (Subscriber.objects.get().attributes, received.created_by.username) == ({"company": "Acme"}, "admin")
    assert "people.xlsx" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"<html><table>", "people.xlsx", "This is a web page with the name of a spreadsheet"),
        (b"PK\x03\x04 nonsense", "people.xlsx", "This workbook is damaged"),
        (b"\x01\x02\x03\x04" * 99, "people.csv", "neither a workbook (.xlsx) nor a text file (.csv)"),
        (b"", "people.csv", "This file is empty."),
    ],
)
def test_a_file_that_is_none_is_explained_and_nothing_is_kept(
    client: Client, news: MailingList, media: object, content: bytes, name: str, words: str
) -> None:
    response = upload(client, content, news, name=name)

    assert response.status_code == 200
    assert words in response.content.decode()
    assert not Import.objects.exists()
    assert not [file for file in media.rglob("*") if file.is_file()]


@pytest.mark.parametrize("missing", ["consent_statement", "file"])
def test_consent_and_file_are_required(client: Client, news: MailingList, missing: str) -> None:
    stated = {
        "file": SimpleUploadedFile("people.csv", b"ann@example.org"),
        "mailing_lists": news.pk,
        "consent_statement": "At the fair",
        "existing": "fill",
    }
    del stated[missing]

    response = client.post(ADD, stated)

    assert list(response.context["form"].errors) == [missing]
    assert not Import.objects.exists()


def test_no_address_column_is_an_error_on_the_page(client: Client, news: MailingList) -> None:
    received = receive(workbook(["Name", "City"], ["Ann", "Berlin"]), news)

    response = client.post(page(received, "columns"), {"check": "1", "target-0": "first_name", "target-1": ""})

    assert "No column holds addresses. Say which one does." in response.content.decode()
    received.refresh_from_db()
    assert received.status == "uploaded"


@pytest.mark.parametrize(
    ("choices", "field"),
    [
        ({"target-0": "email", "target-1": "email"}, "target-1"),
        ({"target-0": "email", "target-1": "attribute", "name-1": "2 words"}, "name-1"),
        ({"target-0": "email", "target-1": "attribute", "name-1": "language"}, "name-1"),
    ],
)
def test_a_confused_choice_of_columns_is_explained_where_it_was_made(
    client: Client, news: MailingList, choices: dict[str, str], field: str
) -> None:
    received = receive(workbook(["Email", "City"], ["ann@example.org", "Berlin"]), news)

    response = client.post(page(received, "columns"), {"check": "1", **choices})

    assert list(response.context["form"].errors) == [field]


def test_how_a_file_is_read_can_be_corrected(client: Client, news: MailingList) -> None:
    received = receive("Email;Name\nann@example.org;Dvořák\n".encode("cp1250"), news, name="people.csv")
    assert "Dvoøák" in client.get(page(received, "columns")).content.decode()

    client.post(page(received, "columns"), {"read": "1", "encoding": "cp1250", "delimiter": ";", "heading": "1"})

    assert "Dvořák" in client.get(page(received, "columns")).content.decode()
    check(Import.objects.get())
    assert Import.objects.get().counts["new"] == 1


def test_an_encoding_that_does_not_fit_is_said_and_the_old_one_stays(client: Client, news: MailingList) -> None:
    received = receive("Email;Name\nann@example.org;Jürgen\n".encode("cp1252"), news, name="people.csv")

    response = client.post(
        page(received, "columns"), {"read": "1", "encoding": "utf-8", "delimiter": ";", "heading": "1"}
    )

    assert "cannot be read in the encoding utf-8" in response.content.decode()
    received.refresh_from_db()
    assert received.dialect["encoding"] == "cp1252"


def test_looking_changes_nothing(client: Client, news: MailingList) -> None:
    received = receive(workbook(["Email"], ["ann@example.org"]), news)
    checked = check(receive(workbook(["Email"], ["ann@example.org"]), news))
    before = list(Import.objects.values())

    for found in (received, checked):
        for name in ("change/", "columns", "live?status=checked", "run", "cancel", "rejected"):
            client.get(page(found, name))
    client.get(LIST)

    assert list(Import.objects.values()) == before
    assert not Subscriber.objects.exists()


def test_the_page_is_kept_fresh_until_the_status_changes(client: Client, news: MailingList) -> None:
    received = receive(workbook(["Email"], ["ann@example.org"]), news)
    assert received.check_again()

    while_reading = client.get(page(received, "live?status=checking"))
    finish(received)
    afterwards = client.get(page(received, "live?status=checking"))

    assert ("Live" in while_reading.headers, afterwards.headers["Live"]) == (False, "done")


def test_an_import_can_be_cancelled_but_not_after_it_is_done(client: Client, news: MailingList) -> None:
    received = receive(workbook(["Email"], ["ann@example.org"]), news)
    done = import_people(workbook(["Email"], ["bob@example.org"]), news)

    client.post(page(received, "cancel"))
    client.post(page(done, "cancel"))
    client.post(page(done, "run"))

    received.refresh_from_db()
    done.refresh_from_db()
    assert (received.status, received.file.name, done.status) == ("cancelled", "", "done")


def test_rejected_rows_come_back_harmless_and_can_be_mended(client: Client, news: MailingList) -> None:
    rows = ["Email", "Name", "Note"], ["bob", "=cmd|' /C calc'!A0", "＝1"], ["two@@example.org", "+1", "@x"]
    done = import_people("\n".join(";".join(row) for row in rows).encode(), news, name="people.csv")

    response = client.get(page(done, "rejected"))

    book = openpyxl.load_workbook(io.BytesIO(response.content))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [[cell.value for cell in row] for row in book.active.iter_rows(min_row=2, max_col=4)] == [
        ["bob", "'=cmd|' /C calc'!A0", "'＝1", "2"],
        ["two@@example.org", "'+1", "'@x", "3"],
    ]
    assert book.active["F3"].value == "two@example.org"
    again = import_people(response.content, news)
    assert again.mapping == {"0": "email", "1": "full_name", "2": "attribute:note"}
    assert [issue.values[:3] for issue in again.issues.all()] == [list(row) for row in rows[1:]]


def test_issues_can_be_looked_at_by_reason(client: Client, news: MailingList) -> None:
    done = import_people(workbook(["Email"], ["bob"], ["ann@example.org"], ["ann@example.org"]), news)

    shown = client.get(page(done, "change/?reason=duplicate")).context["issues"]

    assert [issue.row for issue in shown] == [4]
    assert ImportIssue.objects.count() == 2


def test_a_name_of_a_file_or_a_cell_is_never_run(client: Client, news: MailingList) -> None:
    trap = "<script>alert(1)</script>"
    done = import_people(workbook(["Email", trap], [f"{trap}@", trap]), news, name=f"{trap}.xlsx")

    for name in ("change/", "columns"):
        assert trap not in client.get(page(done, name), follow=True).content.decode()
    assert trap not in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("permissions", "allowed"),
    [
        ((), set()),
        (("view",), {"change/", "live"}),
        (("view", "change"), {"change/", "live", "columns", "rejected"}),
    ],
)
def test_each_step_needs_its_permission(news: MailingList, permissions: tuple[str, ...], allowed: set[str]) -> None:
    bob = User.objects.create_user("bob", is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename__in=[f"{verb}_import" for verb in permissions]))
    client = Client()
    client.force_login(bob)
    checked = check(receive(workbook(["Email"], ["ann@example.org"]), news))

    answers = {name: client.get(page(checked, name)).status_code for name in ("change/", "live", "columns", "rejected")}

    assert {name for name, status in answers.items() if status == 200} == allowed
    assert client.get(ADD).status_code == 403
    if "change" not in permissions:
        assert client.post(page(checked, "run")).status_code == 403
        assert client.post(page(checked, "cancel")).status_code == 403


def test_every_step_needs_the_token_against_forgery(admin_user: User, news: MailingList) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    checked = check(receive(workbook(["Email"], ["ann@example.org"]), news))

    statuses = {
        client.post(address).status_code for address in (ADD, *(page(checked, n) for n in ("columns", "run", "cancel")))
    }

    assert statuses == {403}


def test_deleting_an_import_deletes_its_file_but_spares_one_under_way(
    client: Client, news: MailingList, media: object
) -> None:
    received = receive(workbook(["Email"], ["ann@example.org"]), news)
    working = receive(workbook(["Email"], ["bob@example.org"]), news)
    assert working.check_again()

    def delete(*chosen: Import) -> int:
        values = {"action": "delete_selected", "_selected_action": [found.pk for found in chosen], "post": "yes"}
        return client.post(LIST, values).status_code

    assert delete(received, working) == client.post(page(working, "delete/"), {"post": "yes"}).status_code == 403
    assert delete(received) == 302

    assert [found.pk for found in Import.objects.all()] == [working.pk]
    assert [file.name for file in media.rglob("*.xlsx")] == [working.file.name.rpartition("/")[2]]
    assert client.get(page(working, "history/")).status_code == 200
