"""Signing up for programs."""

import json

import pytest
from django.http import HttpResponse
from django.test import Client

from subscribers.models import Attribute, SignUp, Suppression, Throttle
from tests.subscribers.sign_ups.moves import form, mailing_list, sign_up

pytestmark = pytest.mark.django_db
ADDRESS = "/s/news.json"


def send(told: object, **headers: str) -> HttpResponse:
    body = told if isinstance(told, bytes) else json.dumps(told)
    return Client(enforce_csrf_checks=True).post(ADDRESS, body, content_type="application/json", headers=headers)


def test_a_program_signs_somebody_up_from_any_site() -> None:
    for name, kind in (("company", "text"), ("seats", "number"), ("member", "boolean")):
        Attribute.objects.create(name=name, kind=kind)
    form(mailing_list("News"), mailing_list("Tips"),
         fields=["first_name", "attribute:company", "attribute:seats", "attribute:member"])  # fmt: skip

    answer = send(
        {
            "email": "Ann@example.org",
            "lists": ["tips"],
            "first_name": "Ann",
            "attributes": {"company": "Example", "seats": 3, "member": True},
            "language": "de",
        },
        Origin="https://shop.example",
    )

    kept = SignUp.objects.get()
    assert answer.status_code == 202
    assert answer.json().keys() == {"message"}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert not answer.cookies
    assert (kept.email, kept.first_name, kept.language) == ("ann@example.org", "Ann", "de")
    assert kept.attributes == {"company": "Example", "seats": 3, "member": True}
    assert [each.name for each in kept.mailing_lists.all()] == ["Tips"]


def test_browsers_may_ask_first_and_programs_learn_what_there_is() -> None:
    Attribute.objects.create(name="size", kind="choice", choices=["S", "M"], label="Size")
    form(mailing_list("News"), mailing_list("Tips"), fields=["attribute:size"], titles={"": "Our letters"})

    asked = Client().options(ADDRESS, headers={"Origin": "https://shop.example"})
    told = Client().get(ADDRESS).json()

    assert asked.status_code == 204
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert asked.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert told["title"] == "Our letters"
    assert [each["label"] for each in told["lists"]] == ["news", "tips"]
    assert told["fields"] == [{"name": "attribute_size", "label": "Size", "choices": ["S", "M"]}]


def test_known_and_suppressed_get_the_same_answer() -> None:
    form()
    Suppression.objects.add("bob@example.org", "complained")

    answers = [send({"email": email}) for email in ("ann@example.org", "bob@example.org", "ann@example.org")]

    assert len({(answer.status_code, answer.content, str(dict(answer.items()))) for answer in answers}) == 1


def test_a_machine_that_fills_in_everything_gets_the_usual_answer() -> None:
    form()

    assert send({"email": "bot@example.org", "website": "x"}).content == send({"email": "ann@example.org"}).content
    assert SignUp.objects.get().email == "ann@example.org"


@pytest.mark.parametrize(
    "told",
    [
        b" ",
        b"{",
        b"\xff\xfe",
        b'{"email": "ann@example.org", "first_name": "\xff"}',
        b'{"email": "ann@example.org", "first_name": "\\ud800"}',
        b"[" * 10_000,
        [],
        "ann@example.org",
        {},
        {"email": None},
        {"email": ["ann@example.org", "bob@example.org"], "first_name": {}},
        {"email": {"x": 1}},
        {"email": "no address"},
        {"email": "ann@example.org", "attributes": []},
        {"email": "ann@example.org", "attributes": {"seats": []}, "first_name": [[]]},
        {"email": "ann@example.org", "first_name": "x" * 1_000_000},
        {"email": "ann@example.org", **{f"more_{number}": 1 for number in range(200)}},
        {"email": "ann@example.org", "first_name": "a\0b"},
    ],
)
def test_wrong_input_is_refused_in_words(told: object) -> None:
    form(fields=["first_name"])

    answer = send(told)

    assert answer.status_code == 400
    assert all(isinstance(line, str) for lines in answer.json()["errors"].values() for line in lines)
    assert not SignUp.objects.exists()
    assert not Throttle.objects.exists()


def test_each_error_stands_with_its_field() -> None:
    form(mailing_list("News"), mailing_list("Tips"))

    errors = send({"email": "ann", "lists": ["nothing"]}).json()["errors"]

    assert errors["email"] == ["There is no @ in it."]
    assert errors.keys() == {"email", "lists"}


def test_other_methods_kinds_and_forms_are_refused() -> None:
    form()

    assert Client().post(ADDRESS, {"email": "ann@example.org"}).status_code == 415
    assert Client().put(ADDRESS).status_code == 405
    assert Client().post("/s/unknown.json", "{}", content_type="application/json").status_code == 404
    assert not SignUp.objects.exists()


def test_limits_hold_for_programs_too(settings: object) -> None:
    settings.SIGN_UPS_PER_NETWORK_ADDRESS = 2
    form()

    answers = [send({"email": f"a{number}@example.org"}) for number in range(3)]

    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[2].headers["Retry-After"]
    assert sign_up(network="127.0.0.1").status_code == 429
