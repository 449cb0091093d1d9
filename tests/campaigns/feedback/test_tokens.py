"""Which token opens which page: only its own, and a refusal never says why."""

import pytest
from django.core.management import call_command

from campaigns.models import Event
from subscribers.models import ConsentRecord, Suppression
from subscribers.signing import Purpose, sign

from .conftest import on

PAGES = {"/u/": Purpose.UNSUBSCRIBE, "/p/": Purpose.PREFERENCES}
POSTS = [
    {"List-Unsubscribe": "One-Click"},
    {"action": "leave"},
    {"action": "save", "language": "de"},
    {"action": "return"},
    {"action": "undo", "language": "de"},
]


def flipped(token, place):
    return token[:place] + ("b" if token[place] == "a" else "a") + token[place + 1 :]


def wrong_tokens(number, purpose):
    good = sign(purpose, number)
    yield "flipped at the start", flipped(good, 0)
    yield "flipped in the middle", flipped(good, len(good) // 2)
    yield "flipped at the end", flipped(good, len(good) - 1)
    yield "truncated", good[:-1]
    yield "half", good[: len(good) // 2]
    yield "too long", good + "a"
    yield "twice", good * 2
    yield "nonsense", "nonsense"
    yield "not ASCII", "ünsubscribe"
    for other in set(Purpose) - {purpose}:
        yield f"made for {other}", sign(other, number)


@pytest.mark.parametrize("page", PAGES)
def test_no_other_token_opens_a_page_or_changes_anything(client, mail, ann, page):
    refusals = set()

    for name, token in wrong_tokens(mail.delivery.pk, PAGES[page]):
        for method in (client.get, client.head, *[lambda path, data=data: client.post(path, data) for data in POSTS]):
            response = method(page + token)
            assert response.status_code == 404, name
            assert response.headers["Referrer-Policy"] == "no-referrer"
            refusals.add(response.content)

    assert len(refusals - {b""}) == 1
    assert on(ann) == {"news", "board"}
    assert not ConsentRecord.objects.exists()


@pytest.mark.parametrize("page", PAGES)
def test_a_token_of_a_key_that_was_taken_away_opens_nothing(client, mail, settings, page):
    address = page + sign(PAGES[page], mail.delivery.pk)
    settings.SIGNING_KEYS = [("other", b"another key of more than thirty-two characters")]

    assert client.get(address).status_code == 404
    assert client.post(address, {"action": "leave"}).status_code == 404


def test_the_refusal_comes_in_the_language_that_the_browser_asks_for(client, db):
    response = client.get("/u/nonsense", headers={"accept-language": "ar"})

    assert response.status_code == 404
    assert b'lang="ar" dir="rtl"' in response.content


def test_opening_every_page_in_every_way_changes_nothing(client, mail, ann, admin_client, tmp_path):
    def everything():
        file = tmp_path / "rows.json"
        call_command("dumpdata", "campaigns", "subscribers", output=str(file), verbosity=0)
        return file.read_text()

    before = everything()

    for visitor in (client, admin_client):
        for page, purpose in PAGES.items():
            for number in (mail.delivery.pk, 0, 10**9):
                for query in ("", "?language=ar", "?language=xx", "?action=leave&List-Unsubscribe=One-Click"):
                    address = page + sign(purpose, number) + query
                    assert visitor.get(address).status_code == 200
                    assert visitor.head(address).status_code == 200

    assert everything() == before
    assert not Event.objects.exists()
    assert not Suppression.objects.exists()
