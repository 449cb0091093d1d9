"""What somebody did with their mails, on the page about them."""

import pytest

from campaigns.models import Event
from subscribers.admin import timeline
from subscribers.models import Subscriber
from tests.campaigns.delivery import scene

pytestmark = pytest.mark.django_db


def test_openings_and_clicks_are_told_and_those_of_machines_as_such() -> None:
    mail = scene.start(scene.campaign("Ann")).deliveries.get()
    for kind, link in (("opened", 0), ("clicked", 1)):
        for is_suspect in (False, True):
            Event.objects.create(delivery=mail, kind=kind, link=link, is_suspect=is_suspect)

    entries = {(entry.title, entry.details) for entry in timeline.page(Subscriber.objects.get()).entries}

    assert {
        ("Opened “May”", ""),
        ("Opened “May”", "Perhaps by a machine"),
        ("Clicked in “May”", ""),
        ("Clicked in “May”", "Perhaps by a machine"),
    } <= entries
