"""The preference page of Ann, and its buttons."""

import pytest

from subscribers.consent import pauses
from subscribers.models import Attribute, Subscriber
from tests.campaigns.feedback.conftest import on
from tests.reading import press

FACTS = {"company": "Acme", "seats": 4.5, "born": "2001-02-03", "vegan": True, "size": "M", "secret": "x"}


@pytest.fixture
def open_attributes(db, ann):
    for name, kind in {"company": "text", "seats": "number", "born": "date", "vegan": "boolean"}.items():
        Attribute.objects.create(name=name, kind=kind, is_open=True)
    Attribute.objects.create(name="size", kind="choice", choices=["S", "M"], is_open=True, translations={"de": "Größe"})
    Attribute.objects.create(name="secret", kind="text")
    Subscriber.objects.filter(pk=ann.pk).update(attributes=FACTS)


@pytest.fixture
def page(reader, mail):
    """As it is now."""
    return lambda: reader.get(mail.preferences).content


@pytest.fixture
def change(reader, mail, page, ann):
    """Open the page, change that, and press the button; what the page shows then."""

    def press_button(action="save", **changes):
        answer = press(reader, mail.preferences, page(), action, **changes)
        ann.refresh_from_db()
        return answer

    return press_button


@pytest.fixture
def undo(reader, mail, ann):
    def press_button(answer, action="undo"):
        undone = press(reader, mail.preferences, answer.content, action)
        assert undone.status_code == 200
        ann.refresh_from_db()

    return press_button


def state(ann):
    known = Subscriber.objects.values("language", "time_zone", "first_name", "wants_digest", "may_track", "attributes")
    return known.get(pk=ann.pk) | {"lists": on(ann), "pause": pauses.paused_until(ann)}
