"""The page on which people sign up, and what it does with what comes."""

import json

import pytest
from django.core import signing
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from subscribers.consent import flows, time_trap
from subscribers.consent.flows import Evidence
from subscribers.models import Attribute, Brand, ConsentRecord, MailingList, SignUp, Subscriber, Suppression, Throttle
from tests.subscribers.sign_ups.moves import form, mailing_list, sign_up

pytestmark = pytest.mark.django_db


def subscribed(email: str, mailing_list: MailingList) -> Subscriber:
    someone = Subscriber.objects.create(email=email)
    flows.subscribe(someone, [mailing_list], Evidence(ConsentRecord.Source.FORM))
    return someone


def test_the_page_shows_what_staff_have_put_together() -> None:
    Attribute.objects.create(name="company", label="Company", translations={"de": "Firma"})
    news = mailing_list("News", names={"de": "Neuigkeiten"}, description="Each Monday")
    titles, introductions = {"": "Our letters", "de": "Unsere Briefe"}, {"": "Good reading."}
    fields = ["first_name", "attribute:company", "time_zone"]
    form(news, mailing_list("Tips"), titles=titles, introductions=introductions, fields=fields)

    english = Client().get("/s/news").content.decode()
    german = Client().get("/s/news", headers={"Accept-Language": "de"}).content.decode()

    for words in ("Our letters", "Good reading.", "Each Monday", "Company", "Time zone", "Tips", 'value="news"'):
        assert words in english
    assert 'lang="de"' in german
    for words in ("Unsere Briefe", "Neuigkeiten", "Firma"):
        assert words in german


def test_what_somebody_typed_is_kept_for_a_worker() -> None:
    Attribute.objects.create(name="seats", kind="number")
    news = mailing_list("News", names={"de": "Neuigkeiten"})
    form(news, fields=["first_name", "last_name", "time_zone", "attribute:seats"], titles={"de": "Unsere Briefe"})

    answer = sign_up(
        " Ann@Example.ORG ", first_name="  Ann  Marie", last_name="Doe", time_zone="Europe/Berlin", attribute_seats="3",
        headers={"Accept-Language": "de", "Referer": "https://shop.example/fair?who=ann@example.org"},
    )  # fmt: skip

    assert answer.status_code == 200
    kept = SignUp.objects.get()
    assert (kept.email, kept.first_name, kept.last_name) == ("ann@example.org", "Ann Marie", "Doe")
    assert (kept.status, kept.language, kept.time_zone, kept.attributes) == ("new", "de", "Europe/Berlin", {"seats": 3})
    assert (kept.referrer, kept.network_address) == ("shop.example/fair", "203.0.113.7")
    assert list(kept.mailing_lists.all()) == [news]
    assert "Unsere Briefe" in kept.statement
    assert "Neuigkeiten" in kept.statement
    assert not Subscriber.objects.exists()


def test_of_several_lists_somebody_chooses() -> None:
    form(mailing_list("News"), mailing_list("Tips"), mailing_list("Jobs"))

    assert sign_up().status_code == 400
    assert sign_up(lists=["unknown"]).status_code == 400
    assert not SignUp.objects.exists()
    assert sign_up(lists=["news", "jobs"]).status_code == 200

    assert {each.name for each in SignUp.objects.get().mailing_lists.all()} == {"News", "Jobs"}


def test_known_unknown_suppressed_and_erased_get_the_same_answer_byte_for_byte() -> None:
    news = mailing_list()
    form(news)
    subscribed("known@example.org", news)
    for reason in ("complained", "erased"):
        Suppression.objects.add(f"{reason}@example.org", reason)

    answers, queries = [], []
    for name in ("known", "unknown", "complained", "erased"):
        with CaptureQueriesContext(connection) as asked:
            answer = sign_up(f"{name}@example.org")
        answers.append((answer.status_code, dict(answer.items()), answer.content))
        queries.append([query["sql"].partition(" ")[0] for query in asked])

    assert answers[0][0] == 200
    assert all(answer == answers[0] for answer in answers)
    assert all(asked == queries[0] for asked in queries)


def test_a_machine_that_fills_in_everything_gets_the_usual_answer_and_nothing_is_kept() -> None:
    form()

    caught, usual = sign_up("bot@example.org", website="https://example.net/"), sign_up("ann@example.org")

    assert (caught.status_code, caught.content) == (usual.status_code, usual.content)
    assert SignUp.objects.get().email == "ann@example.org"


def test_the_trap_is_out_of_sight_and_out_of_reach() -> None:
    form()

    page = Client().get("/s/news").content.decode()

    assert '<div class="unseen" aria-hidden="true">' in page
    assert '<input name="website" tabindex="-1" autocomplete="off">' in page


def test_who_is_too_quick_is_asked_once_more_and_has_not_to_type_again() -> None:
    form(fields=["first_name"])

    answer = sign_up(begun=time_trap.set_trap(), first_name="Ann")

    assert answer.status_code == 400
    assert "too quick" in answer.content.decode()
    assert 'value="Ann"' in answer.content.decode()
    assert 'value="ann@example.org"' in answer.content.decode()
    assert not SignUp.objects.exists()


@pytest.mark.parametrize("seconds", [-1, 86_400 + 5])
def test_a_form_from_tomorrow_or_the_day_before_is_asked_once_more(
    seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    form()
    begun = signed_before(seconds, monkeypatch)

    assert sign_up(begun=begun).status_code == 400
    assert sign_up(begun=begun[:-1] + "x").status_code == 400
    assert not SignUp.objects.exists()


def test_who_takes_some_time_is_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    form()

    assert sign_up(begun=signed_before(10, monkeypatch)).status_code == 200
    assert SignUp.objects.exists()


def signed_before(seconds: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """As the page would have been then."""
    with monkeypatch.context() as then:
        now = signing.time.time()
        then.setattr(signing, "time", type("Clock", (), {"time": staticmethod(lambda: now - seconds)}))
        return time_trap.set_trap()


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"email": ""},
        {"email": "no address"},
        {"email": "a" * 1_000_000},
        {"email": "ann@example.org", "first_name": "x" * 1_000_000},
        {"email": "ann@example.org", "first_name": "a\0b"},
        {"email": "ann@example.org", "time_zone": "Moon/Base"},
        {"email": "ann@example.org", "website": "x" * 1_000_000},
        {"email": "ann@example.org", **{f"more_{number}": "x" for number in range(200)}},
    ],
)
def test_wrong_input_is_refused_and_changes_nothing(told: dict[str, str]) -> None:
    form(fields=["first_name", "time_zone"])

    answer = Client().post("/s/news", told)

    assert answer.status_code == 400
    assert not SignUp.objects.exists()
    assert not Throttle.objects.exists()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"email=ann%40example.org&first_name=%FF%FE", "application/x-www-form-urlencoded"),
        (b"email=ann%40example.org", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"no multipart at all", "multipart/form-data; boundary=x"),
        (b"\xff\xfe\x00", "application/octet-stream"),
        (json.dumps({"email": "ann@example.org"}).encode(), "application/json"),
    ],
)
def test_wrong_encodings_are_refused_and_change_nothing(body: bytes, kind: str) -> None:
    form(fields=["first_name"])

    answer = Client(raise_request_exception=False).post("/s/news", body, content_type=kind)

    assert answer.status_code == 400
    assert not SignUp.objects.exists()


def test_a_file_is_refused() -> None:
    form()

    answer = Client().post("/s/news", {"email": "ann@example.org", "file": ContentFile(b"x", "x.txt")})

    assert answer.status_code == 400
    assert not SignUp.objects.exists()


def test_wrong_methods_and_unknown_forms_are_refused() -> None:
    form()
    form(mailing_list("Old"), slug="old", is_active=False)

    for method in ("put", "patch", "delete"):
        assert getattr(Client(), method)("/s/news").status_code == 405
    assert [Client().get(f"/s/{slug}").status_code for slug in ("old", "unknown")] == [404, 404]
    assert Client().post("/s/old", {"email": "ann@example.org"}).status_code == 404
    assert not SignUp.objects.exists()


def test_a_form_on_another_site_needs_no_cookie_and_no_token_and_gets_none() -> None:
    form(mailing_list("News", names={"de": "Neuigkeiten"}))

    answer = Client(enforce_csrf_checks=True).post(
        "/s/news", {"email": "ann@example.org", "language": "de"}, headers={"Origin": "https://shop.example"}
    )

    assert answer.status_code == 200
    assert not answer.cookies
    assert answer.headers["Content-Language"] == "de"
    assert SignUp.objects.get().language == "de"


def test_looking_at_the_page_changes_nothing_and_loads_nothing_from_elsewhere() -> None:
    form(mailing_list("News", brand=Brand.objects.create(name="The Daily Ann")))

    answer = Client().get("/s/news")

    assert "The Daily Ann" in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "X-Robots-Tag" not in answer.headers
    assert "noindex" not in answer.content.decode()
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert Client().head("/s/news").status_code == 200
    assert not SignUp.objects.exists()


@pytest.mark.parametrize("language", ["x" * 1_000_000, "a\0b", "<b>", "de-" + "x" * 600, "JA"])
def test_a_language_that_nobody_reads_is_passed_over(language: str) -> None:
    form()

    answer = sign_up(language=language)

    assert answer.status_code == 200
    assert SignUp.objects.get().language in {"en", "ja", "de"}
