"""Lists that let browsers compute before somebody is signed up."""

import base64
import json
from datetime import timedelta
from hashlib import sha256
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from subscribers.consent import proof_of_work
from subscribers.models import SignUp
from tests.subscribers.sign_ups.moves import form, mailing_list, sign_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def challenge() -> dict[str, object]:
    form(mailing_list("News", needs_proof_of_work=True))
    return Client().get("/s/news.json").json()["challenge"]


def solved(challenge: dict[str, object], **changes: object) -> str:
    numbers = range(int(challenge["maxNumber"]) + 1)
    right = (n for n in numbers if sha256(f"{challenge['salt']}{n}".encode()).hexdigest() == challenge["challenge"])
    told = {
        **{name: challenge[name] for name in ("algorithm", "challenge", "salt", "signature")},
        "number": next(right),
    }
    return base64.b64encode(json.dumps({**told, **changes}).encode()).decode()


def test_whoever_solves_it_is_signed_up_once(challenge: dict[str, object]) -> None:
    solution = solved(challenge)

    assert sign_up(altcha=solution).status_code == 200
    assert sign_up("bob@example.org", altcha=solution).status_code == 400
    assert SignUp.objects.get().email == "ann@example.org"


def test_without_a_solution_nothing_happens(challenge: dict[str, object]) -> None:
    later = timezone.now().timestamp() + 9_999_999
    forged = [
        "",
        "no base64",
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b"[" * 1000).decode(),
        solved(challenge, number=1),
        solved(challenge, number="1"),
        solved(challenge, number=True),
        solved(challenge, signature="0" * 64),
        solved(challenge, signature="é"),
        solved(challenge, salt=None),
        solved(challenge, algorithm="SHA-1"),
        solved(challenge, salt=str(challenge["salt"]).replace("expires=", f"expires={int(later)}&expires=")),
    ]

    assert [sign_up(altcha=each).status_code for each in forged] == [400] * len(forged)
    assert not SignUp.objects.exists()


def test_a_solution_that_is_too_old_counts_no_more(
    challenge: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    solution, now = solved(challenge), timezone.now()
    monkeypatch.setattr(proof_of_work.timezone, "now", lambda: now + timedelta(hours=2))

    assert sign_up(altcha=solution).status_code == 400


def test_what_was_typed_wrongly_uses_nothing_up(challenge: dict[str, object]) -> None:
    solution = solved(challenge)

    assert sign_up("no address", altcha=solution).status_code == 400
    assert sign_up(altcha=solution).status_code == 200


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda octets: base64.b64encode(octets).decode()))
def test_nothing_that_is_sent_makes_it_fall(text: str) -> None:
    assert not proof_of_work.is_solved(text)


def test_the_page_brings_the_puzzle_and_its_own_script_and_says_so_without(challenge: dict[str, object]) -> None:
    page = Client().get("/s/news")
    text = page.content.decode()

    assert "data-challenge=" in text
    assert "<noscript>" in text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    puzzle = json.loads(unescape(text.partition('data-challenge="')[2].partition('"')[0]))
    assert puzzle["challenge"] != challenge["challenge"]
