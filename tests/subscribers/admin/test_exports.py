"""An export, from the list of people to the file in the hands of who asked for it."""

import csv
import html
import re
from datetime import timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from subscribers import tasks
from subscribers.models import Export, Segment, Subscriber, Tag

PEOPLE = "/admin/subscribers/subscriber/"
ADD = "/admin/subscribers/export/add/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def eve(db):
    return Subscriber.objects.create(email="eve@example.org", first_name="Eve")


def form(client, query, **changes):
    """The page and what its form would send."""
    page = client.get(ADD, query)
    assert page.status_code == 200
    sent = page.context["form"]
    stated = {"name": sent.initial["name"], "format": "csv", "up_to": sent.initial["up_to"]}
    return stated | {"column": [column.key for column in sent.columns.chosen]} | changes


def ask(client, query, **changes):
    """Read the page, press its button, and let a worker do it."""
    sent = form(client, query, **changes)
    answer = client.post(f"{ADD}?{urlencode(query)}", sent)
    assert answer.status_code == 302, answer.context["form"].errors
    export = Export.objects.latest("pk")
    tasks.continue_errand("subscribers.export", export.pk)
    export.refresh_from_db()
    assert (export.status, export.problem) == ("done", "")
    return export


def fetch(client, export):
    answer = client.post(reverse("admin:subscribers_export_fetch", args=[export.pk]))
    if answer.streaming:
        answer.text_file = answer.getvalue().decode("utf-8-sig")
    return answer


def rows(answer):
    return list(csv.reader(StringIO(answer.text_file, newline="")))


def test_everybody_found_is_exported_with_the_columns_chosen(staff, ann, eve, news):
    client = staff("view_subscriber", "export_subscriber")
    assert f"{ADD}?list={news.pk}" in client.get(PEOPLE, {"list": news.pk}).content.decode()

    export = ask(client, {"list": news.pk}, column=["last_name", "email"], name="Our readers")

    answer = fetch(client, export)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Our readers.csv"'
    assert "no-store" in answer.headers["Cache-Control"]
    assert rows(answer) == [["last_name", "email"], ["Miller", "ann@example.org"]]


def test_people_marked_one_by_one_are_exported(admin_client, ann, eve):
    answer = admin_client.post(PEOPLE, {"action": "export", "_selected_action": [eve.pk]})

    assert answer.headers["Location"] == f"{ADD}?people={eve.pk}"
    export = ask(admin_client, {"people": str(eve.pk)}, column=["email"])
    assert rows(fetch(admin_client, export)) == [["email"], ["eve@example.org"]]


def test_whoever_came_after_the_question_is_not_in_the_file(admin_client, ann):
    sent = form(admin_client, {}, column=["email"])
    Subscriber.objects.create(email="zoe@example.org")

    admin_client.post(ADD, sent)
    export = Export.objects.get()
    tasks.continue_errand("subscribers.export", export.pk)

    assert rows(fetch(admin_client, export)) == [["email"], ["ann@example.org"]]


def test_columns_are_moved_left_out_and_added_without_a_script(admin_client, ann, news):
    sent = form(admin_client, {}, column=["email", "first_name", "tags"])

    def press(**button):
        page = admin_client.post(ADD, sent | button)
        sent["column"] = [column.key for column in page.context["form"].columns.chosen]
        return sent["column"]

    assert press(up="first_name") == ["first_name", "email", "tags"]
    assert press(up="first_name") == ["first_name", "email", "tags"]
    assert press(down="first_name") == ["email", "first_name", "tags"]
    assert press(remove="tags") == ["email", "first_name"]
    assert press(add="1", more=f"list:{news.pk}:status") == ["email", "first_name", f"list:{news.pk}:status"]
    assert press(add="1", more="nonsense") == ["email", "first_name", f"list:{news.pk}:status"]
    assert not Export.objects.exists()


def test_a_file_without_columns_or_name_is_refused(admin_client, ann):
    page = admin_client.post(ADD, form(admin_client, {}, column=[], name="..."))

    assert page.context["form"].errors == {
        "__all__": ["Choose at least one column."],
        "name": ["A file needs a name."],
    }


def test_the_name_of_the_file_leads_nowhere_else(admin_client, ann):
    export = ask(admin_client, {}, name="../../etc/pass\x07wd\r\nSet-Cookie: x")

    assert export.name == "-..-etc-pass wd Set-Cookie- x.csv"
    assert 'filename="-..-etc-pass wd Set-Cookie- x.csv"' in fetch(admin_client, export).headers["Content-Disposition"]
    assert Path(export.file.name).parent == Path("exports")


def test_each_download_is_recorded(admin_client, ann):
    export = ask(admin_client, {})

    fetch(admin_client, export)
    fetch(admin_client, export)

    export.refresh_from_db()
    assert export.downloads == 2
    entries = LogEntry.objects.filter(object_id=str(export.pk), action_flag=2)
    assert [entry.get_change_message() for entry in entries] == ["Downloaded.", "Downloaded."]
    page = admin_client.get(reverse("admin:subscribers_export_change", args=[export.pk])).content.decode()
    assert "It was fetched 2 times." in page


def test_looking_fetches_nothing(admin_client, ann):
    export = ask(admin_client, {})

    assert admin_client.get(reverse("admin:subscribers_export_fetch", args=[export.pk])).status_code == 405

    export.refresh_from_db()
    assert export.downloads == 0


def test_an_expired_file_cannot_be_fetched(admin_client, ann):
    export = ask(admin_client, {})
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    answer = fetch(admin_client, export)

    assert answer.status_code == 302
    page = admin_client.get(answer.headers["Location"]).content.decode()
    assert "The file has expired and is gone." in page
    assert "This file is not there any more." in page


def test_without_the_permission_nothing_is_offered_and_nothing_given(staff, admin_client, ann):
    export = ask(admin_client, {})
    client = staff("view_subscriber", "change_subscriber", "view_subscription")

    assert ADD not in client.get(PEOPLE).content.decode()
    assert fetch(client, export).status_code == 403
    assert client.get(ADD).status_code == 403
    assert client.get("/admin/subscribers/export/").status_code == 403


def test_no_address_of_the_site_leads_to_the_file(client, admin_client, ann, settings):
    export = ask(admin_client, {})

    assert client.get(f"/{settings.MEDIA_URL}{export.file.name}").status_code == 404


def test_a_deleted_export_takes_its_file_along(admin_client, ann, media):
    export = ask(admin_client, {})

    admin_client.post(reverse("admin:subscribers_export_delete", args=[export.pk]), {"post": "yes"})

    assert [path for path in media.rglob("*") if path.is_file()] == []
    assert not Export.objects.exists()


def test_whatever_the_list_is_narrowed_down_to_is_what_the_export_asks_about(admin_client, ann, eve, news):
    eve.tags.add(Tag.objects.create(name="Fair"))
    readers = Segment.objects.create(name="Readers", rules={"fact": "on_list", "is": "one_of", "value": [news.pk]})
    queries = [
        {},
        {"q": "ann"},
        {"list": news.pk, "on": "active"},
        {"on": "none", "suppressed": "no"},
        {"tag": Tag.objects.get().pk},
        {"segment": readers.pk, "language": ann.language},
    ]

    for query in queries:
        page = admin_client.get(PEOPLE, query)
        (address,) = re.findall(f'href="({re.escape(ADD)}[^"]*)"', page.content.decode())
        asked = admin_client.get(html.unescape(address))
        assert f"Export everybody found ({asked.context['number']})…" in page.content.decode(), query
        assert asked.context["number"] == len(page.context["cl"].result_list) > 0, query
