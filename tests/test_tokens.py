"""Every kind of token at every address that takes one: only the right ones act, and no refusal says why.

A new address with a token fails until it has a row in DOORS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, Delivery, Edition, Layout, Link, Sender
from campaigns.signing import PREVIEW, Counted
from subscribers import erasure, signing
from subscribers.addresses import fingerprint
from subscribers.models import MailingList, SignUp, Subscriber, Subscription
from subscribers.signing import Purpose, sign
from tests.site_map import names_with_tokens
from tests.test_access import changed, everything

pytestmark = pytest.mark.django_db

ANN, BOB = "ann@example.org", "bob@example.org"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass
class World:
    """Ann got a mail, and Bob signed up. Their numbers are far apart, and each names something everywhere."""

    delivery: Delivery
    ann: Subscriber
    sign_up: SignUp


@dataclass(frozen=True)
class Door:
    """An address with a token. `acting` is what a wrong token must never do."""

    purpose: Purpose
    number: Callable[[World], int]
    acting: dict[str, str] | None = None
    # What else is posted there.
    others: tuple[dict[str, str], ...] = ()
    more: tuple[str, ...] = ()
    # Tables that change when it acts; of counting, by GET.
    changes: frozenset[str] = frozenset()
    when_erased: int = 200
    methods: tuple[str, ...] = ("get", "head", "post")

    def act(self, client: Client, name: str, token: str) -> HttpResponse:
        address = reverse(name, args=[token, *self.more])
        return client.get(address) if self.acting is None else client.post(address, self.acting)


def mail(world: World) -> int:
    return world.delivery.pk


def person(world: World) -> int:
    return world.ann.pk


def sign_up(world: World) -> int:
    return world.sign_up.pk


def counted(world: World) -> int:
    return Counted(world.delivery.edition_id, world.delivery.pk).number


BACK: tuple[dict[str, str], ...] = ({"action": "return"}, {"action": "undo", "language": "de"})
SAVE: tuple[dict[str, str], ...] = ({"action": "save", "language": "de"}, {"action": "pause", "months": "3"})
LEAVING = frozenset({"subscribers.Subscription", "subscribers.ConsentRecord"})
ERASING = frozenset({"subscribers.Subscriber", "subscribers.Suppression"})
# By the names in urls.py.
DOORS = {
    "unsubscribe": Door(Purpose.UNSUBSCRIBE, mail, {"List-Unsubscribe": "One-Click"}, BACK, changes=LEAVING),
    "preferences": Door(Purpose.PREFERENCES, mail, {"action": "leave"}, BACK + SAVE, changes=LEAVING),
    "preferences_erase": Door(Purpose.PREFERENCES, mail, {"action": "erase"}, changes=ERASING),
    "me": Door(Purpose.SELF, person, {"action": "leave"}, BACK + SAVE, changes=LEAVING),
    "me_erase": Door(Purpose.SELF, person, {"action": "erase"}, changes=ERASING),
    "confirm": Door(
        Purpose.CONFIRM, sign_up, {"action": "confirm"}, changes=LEAVING | {"subscribers.SignUp"}, when_erased=410
    ),
    "web_version": Door(Purpose.WEB_VIEW, mail, methods=("get", "head")),
    "click": Door(
        Purpose.CLICK, counted, more=("1",), changes=frozenset({"campaigns.Event"}), when_erased=302,
        methods=("get", "head"),
    ),
}  # fmt: skip


@pytest.fixture
def world() -> World:
    news = MailingList.objects.create(name="News", label="news")
    layout = Layout.objects.create(name="Frame", label="frame-of-tokens", html="{{ body }}")
    sender = Sender.objects.create(name="Example", email="news@example.org", postal_address="1 Main Street")
    campaign = Campaign.objects.create(name="May", layout=layout, sender=sender)
    campaign.mailing_lists.add(news)
    edition = Edition.objects.create(campaign=campaign, language="en", subject="x", html="x", text="x", digest="0")
    Link.objects.create(edition=edition, number=1, url="https://example.com/")
    ann = Subscriber.objects.create(email=ANN, first_name="Ann", may_track=True)
    Subscription.objects.create(subscriber=ann, mailing_list=news, status="active")
    delivery = Delivery.objects.create(campaign=campaign, subscriber=ann, edition=edition, email=ANN, status="sent")
    asked = SignUp.objects.create(email=BOB, fingerprint=fingerprint(BOB), status="asked")
    asked.mailing_lists.add(news)
    return World(delivery, ann, asked)


@pytest.fixture
def visitor() -> Client:
    """Without any cookie, and with every check that a browser would meet."""
    return Client(enforce_csrf_checks=True, headers={"user-agent": BROWSER})


def flipped(token: str, place: int) -> str:
    """Another letter, by one bit of the five that each stands for."""
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    other = letters[letters.index(token[place]) ^ 1]
    return token[:place] + other + token[place + 1 :]


def wrong_tokens(door: Door, world: World) -> Iterator[tuple[str, str]]:
    number = door.number(world)
    good = sign(door.purpose, number)
    for place in range(len(good)):
        yield f"a bit flipped at {place}", flipped(good, place)
    for length in (1, len(good) // 2, len(good) - 1):
        yield f"truncated to {length}", good[:length]
    yield "without its beginning", good[1:]
    yield "too long", f"{good}a"
    yield "twice", good * 2
    yield "nonsense", "nonsense"
    yield "not ASCII", f"ü{good}"
    yield "with a space", f"{good} "
    for purpose in set(Purpose) - {door.purpose}:
        for each in {number, mail(world), person(world), sign_up(world), counted(world)}:
            yield f"made for {purpose}", sign(purpose, each)
    yield "of a stranger's key", stranger(door.purpose, number)


def stranger(purpose: Purpose, number: int) -> str:
    written = signing.spelled(number)
    return signing.Signer(purpose, b"a key of more than thirty-two characters, not of ours").sign(written).decode()


def test_every_address_with_a_token_has_a_row() -> None:
    assert names_with_tokens() == set(DOORS)


@pytest.mark.parametrize("name", DOORS)
def test_no_other_token_opens_it_or_changes_anything(world: World, visitor: Client, name: str) -> None:
    door, before, refusals = DOORS[name], everything(), set()

    for why, token in wrong_tokens(door, world):
        address = reverse(name, args=[token, *door.more])
        answers = [getattr(visitor, method)(address) for method in door.methods]
        answers += [visitor.post(address, told) for told in door.others]
        for answer in [*answers, door.act(visitor, name, token)]:
            assert answer.status_code == 404, why
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert not answer.cookies
            refusals.add(answer.content)

    assert len(refusals - {b""}) == 1
    assert changed(before) == set()


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize(("language", "frame"), [("de", b'lang="de" dir="ltr"'), ("ar", b'lang="ar" dir="rtl"')])
def test_the_refusal_comes_in_the_language_that_the_browser_asks_for(
    visitor: Client, name: str, language: str, frame: bytes
) -> None:
    address = reverse(name, args=["nonsense", *DOORS[name].more])

    answer = visitor.get(address, headers={"accept-language": language})

    assert answer.status_code == 404
    assert frame in answer.content


@pytest.mark.parametrize("name", DOORS)
def test_the_right_token_acts(world: World, visitor: Client, name: str) -> None:
    door, before = DOORS[name], everything()

    answer = door.act(visitor, name, sign(door.purpose, door.number(world)))

    assert answer.status_code in {200, 302}
    assert changed(before) >= door.changes


@pytest.mark.parametrize("name", DOORS)
def test_a_token_works_after_a_new_key_and_in_capitals(world: World, visitor: Client, name: str, settings: Any) -> None:
    door, before = DOORS[name], everything()
    token = sign(door.purpose, door.number(world))
    settings.SIGNING_KEYS = [("new", b"a new key of thirty-two characters"), *settings.SIGNING_KEYS]

    answer = door.act(visitor, name, token.upper())

    assert sign(door.purpose, door.number(world)) != token
    assert answer.status_code in {200, 302}
    assert changed(before) >= door.changes


@pytest.mark.parametrize("name", DOORS)
def test_a_token_of_a_key_that_was_taken_away_opens_nothing(
    world: World, visitor: Client, name: str, settings: Any
) -> None:
    door, before = DOORS[name], everything()
    token = sign(door.purpose, door.number(world))
    settings.SIGNING_KEYS = [("other", b"another key of more than thirty-two characters")]

    assert door.act(visitor, name, token).status_code == 404
    assert changed(before) == set()


@pytest.mark.parametrize("name", DOORS)
def test_the_links_of_who_is_erased_are_answered_and_bring_nothing_back(
    world: World, visitor: Client, name: str
) -> None:
    door, numbers = DOORS[name], {mail: mail(world), person: person(world), sign_up: sign_up(world)}
    token = sign(door.purpose, numbers.get(door.number) or door.number(world))
    erasure.erase(ANN)
    erasure.erase(BOB)
    before = everything()

    answers = [door.act(visitor, name, token), visitor.get(reverse(name, args=[token, *door.more]))]

    assert {answer.status_code for answer in answers} == {door.when_erased}
    assert b"example.org" not in b"".join(answer.content for answer in answers)
    # That somebody clicked is counted of nobody in particular.
    assert changed(before) <= {"campaigns.Hits"}


@pytest.mark.parametrize("name", [name for name, door in DOORS.items() if door.acting])
def test_looking_changes_nothing(world: World, visitor: Client, name: str) -> None:
    door, before = DOORS[name], everything()
    ours = door.number(world)

    # Test mails have the number of nobody, and what is deleted leaves its links behind.
    for number in (ours, PREVIEW, 10**9):
        address = reverse(name, args=[sign(door.purpose, number), *door.more])
        for query in ({}, {"language": "ar"}, {"language": "xx"}, door.acting):
            for look in (visitor.get, visitor.head):
                assert look(address, query).status_code == (200 if number == ours else door.when_erased)

    assert changed(before) == set()


@pytest.mark.parametrize("name", DOORS)
def test_other_methods_are_refused(world: World, visitor: Client, name: str) -> None:
    door, before = DOORS[name], everything()
    address = reverse(name, args=[sign(door.purpose, door.number(world)), *door.more])

    for method in {"get", "head", "post", "put", "patch", "delete", "options"} - set(door.methods):
        # What is not exempt from the check against forgery may fail there first.
        assert getattr(visitor, method)(address).status_code in {403, 405}

    assert changed(before) == set()
