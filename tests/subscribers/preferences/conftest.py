import pytest

from subscribers.models import MailingList, Subscriber, Subscription
from subscribers.signing import Purpose, sign


@pytest.fixture
def news(db):
    return MailingList.objects.create(name="News", label="news", names={"de": "Neues"})


@pytest.fixture
def ann(news):
    ann = Subscriber.objects.create(email="ann@example.org", first_name="Ann", language="de")
    Subscription.objects.create(subscriber=ann, mailing_list=news, status="active")
    return ann


@pytest.fixture
def me(ann):
    return f"/me/{sign(Purpose.SELF, ann.pk)}"
