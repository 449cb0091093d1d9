"""What of a campaign is counted: as its lists said when it started, and its readers when their mail left."""

import re

import pytest

from campaigns import audience
from campaigns.models import Campaign
from campaigns.signing import Counted
from subscribers.models import MailingList, Segment, Subscriber
from subscribers.signing import Purpose, read
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db

ADDRESS = re.compile(r"/c/([a-z2-7]+)/(\d+)")
LINK = '<p><a href="https://example.com/may">May</a></p>'


def linked(*names: str, tracking: str) -> Campaign:
    made = scene.campaign(*names)
    made.contents.update(body_html=LINK)
    made.mailing_lists.update(tracking=tracking)
    return made


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        (["person"], "person"),
        (["person", "aggregate"], "aggregate"),
        (["aggregate", "off", "person"], "off"),
        (["off"], "off"),
    ],
)
def test_the_strictest_list_decides(lists: list[str], expected: str) -> None:
    made = scene.campaign("Ann")
    made.mailing_lists.set(
        MailingList.objects.create(name=str(number), label=f"l{number}", tracking=tracking)
        for number, tracking in enumerate(lists)
    )

    assert audience.tracking(made) == expected
    assert scene.start(made).tracking == expected


def test_what_goes_to_segments_alone_is_counted_as_all_lists_allow() -> None:
    made = linked("Ann", tracking="person")
    made.segments.add(Segment.objects.create(name="Ann", rules={"fact": "first_name", "is": "is", "value": "Ann"}))
    made.mailing_lists.clear()
    assert audience.tracking(made) == "person"

    MailingList.objects.create(name="Board", label="board", tracking="off")

    assert scene.start(made).tracking == "off"


def test_a_list_that_changes_its_mind_later_changes_no_campaign_that_has_started() -> None:
    made = scene.start(linked("Ann", tracking="off"))

    MailingList.objects.update(tracking="person")

    made.refresh_from_db()
    assert made.tracking == "off"
    assert not made.editions.get().links.exists()


def test_a_campaign_that_was_taken_back_is_counted_as_its_lists_say_when_it_starts_again(settings: object) -> None:
    settings.UNDO_SECONDS = 60
    made = scene.start(linked("Ann", tracking="person"))
    assert made.tracking == "person"

    assert made.take_back()

    made.refresh_from_db()
    assert made.tracking == "off"


def test_each_reader_is_counted_as_they_want_it(catcher: Catcher) -> None:
    made = linked("Ann", "Bob", "Chloe", tracking="person")
    for name, may_track in (("Ann", True), ("Bob", False)):
        Subscriber.objects.filter(first_name=name).update(may_track=may_track)

    scene.send(made)

    edition = made.editions.get().pk
    anns = made.deliveries.get(email="ann@example.org").pk
    for name, expected in (("ann", {(edition, anns)}), ("bob", set()), ("chloe", {(edition, 0)})):
        (mail,) = catcher.to(f"{name}@example.org")
        words = "".join(part.get_content() for part in mail.message.iter_parts())
        assert {Counted.of(read(Purpose.CLICK, token)) for token, _number in ADDRESS.findall(words)} == expected, name
        assert ("https://example.com/may" in words) == (name == "bob")
