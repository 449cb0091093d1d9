"""Undoing an import after its people were written to."""

from pathlib import Path
from typing import Any

import pytest

from campaigns.models import Delivery, Event, Link
from subscribers.models import Subscriber
from subscribers.transfer import traces, undoing
from tests.campaigns.delivery import scene
from tests.subscribers.transfer.files import finish, import_people, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def test_who_was_mailed_stays_and_who_was_not_goes(catcher: object) -> None:
    campaign = scene.campaign()
    news = campaign.mailing_lists.get()
    done = import_people(workbook(["Email"], ["ann@example.org"], ["bob@example.org"], ["carl@example.org"]), news)
    Subscriber.objects.get(email="carl@example.org").subscriptions.update(status="pending")
    scene.send(campaign)
    clicked = Delivery.objects.get(email="bob@example.org")
    link = Link.objects.create(edition=clicked.edition, number=1, url="https://example.org/")
    Event.objects.create(delivery=clicked, kind=Event.Kind.CLICKED, link=link.number)
    Subscriber.objects.get(email="carl@example.org").subscriptions.update(status="active")

    assert done.undo()
    finish(done)

    kept = {kept.person: traces.label(kept.reason) for kept in undoing.kept(done)}
    people = dict(Subscriber.objects.values_list("email", "pk"))
    assert sorted(people) == ["ann@example.org", "bob@example.org"]
    assert kept == {
        people["ann@example.org"]: "They were sent a campaign since.",
        people["bob@example.org"]: "They clicked in a mail since.",
    }
